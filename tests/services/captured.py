"""Tasks as they were captured: the records of tests/golden/task, changed as a test needs them, in a real store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.services.mentions import Told, told
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store.protocol import Store

GOLDEN = Path(__file__).parents[1] / "golden" / "task"
NAMESPACE = "prod"
OPENLINEAGE = "https://github.com/apache/airflow/tree/providers-openlineage"


def records(case: str, **changes: Any) -> list[dict[str, Any]]:
    """Every record of a golden case with these changes."""
    found = json.loads((GOLDEN / f"{case}.json").read_text())["records"]
    return [{**record, **changes} for record in found]


def record(case: str, **changes: Any) -> dict[str, Any]:
    """The last one."""
    return records(case, **changes)[-1]


def silent(**changes: Any) -> dict[str, Any]:
    """A task that succeeded and told of no data."""
    return record("retry", **{"sql": [], **changes})


def on(day: int) -> dict[str, Any]:
    """The daily run of that day, and an instant of its own."""
    date = f"2026-01-{day:02d}T00:00:00+00:00"
    return {"date": date, "run_id": f"scheduled__{date}", "time": (1_767_225_600 + day * 86_400) * 1_000_000}


def envelope(record: dict[str, Any]) -> Envelope:
    said = {key: value for key, value in record.items() if key != "kind"}
    return Envelope(record.get("kind", "task"), json.dumps(said).encode(), "test", recorded_at=2_000_000_000_000_000)


def said(record: dict[str, Any]) -> Told:
    """What our capture tells by one record alone."""
    found = told(json.loads(statement.details) for statement in read(envelope(record)).statements)
    assert found is not None
    return found


def merge(store: Store, *records: dict[str, Any]) -> list[str]:
    """OpenLineage's ids of the runs."""
    statements = [statement for each in records for statement in read(envelope(each)).statements]
    store.apply(Changes(tuple(statements)))
    return [statement.run.run_id for statement in statements if statement.run]


def openlineage(name: str, run_id: str, time: str = "2026-01-01T00:01:00Z", **more: Any) -> dict[str, Any]:
    """An event of the OpenLineage provider, which tells of tasks, too."""
    facet = {"integration": "AIRFLOW", "jobType": "TASK", "processingType": "BATCH"}
    return {
        "kind": "openlineage",
        "eventType": "COMPLETE",
        "eventTime": time,
        "producer": f"{OPENLINEAGE}/2.20.3",
        "run": {"runId": run_id, "facets": more.pop("facets", {})},
        "job": {"namespace": NAMESPACE, "name": name, "facets": {"jobType": facet}},
        **more,
    }


class Counting:
    """A store that counts what is asked of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            self.calls[name] += 1
            return getattr(self._store, name)(*args, **more)

        return counted
