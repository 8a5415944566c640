"""Events of `dbt-ol --consume-structured-logs`, one for each kind of node: jobs and runs are those of the artifacts.

Those of its other mode are real in tests/services/test_dbt_ingest.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources import read

GOLDEN = Path(__file__).parents[2] / "golden" / "dbt" / "artifacts"
EVENTS: list[dict[str, Any]] = json.loads((GOLDEN / "structured_events.json").read_text())
INVOCATION = EVENTS[0]["run"]["facets"]["dbt_run"]["invocation_id"]


def relation(unique_id: str, schema: str, name: str, **more: Any) -> dict[str, Any]:
    kind = unique_id.partition(".")[0]
    stated = {"unique_id": unique_id, "resource_type": kind, "name": unique_id.rpartition(".")[2], "alias": name}
    return stated | {"database": "kiosk", "schema": schema, "relation_name": f'"kiosk"."{schema}"."{name}"', **more}


def check_of(unique_id: str, tested: str) -> dict[str, Any]:
    kind = unique_id.partition(".")[0]
    return {"unique_id": unique_id, "resource_type": kind, "name": unique_id, "depends_on": {"nodes": [tested]}}


NODES = [
    relation("model.kiosk.per_item", "main", "per_item"),
    relation("model.kiosk.stg_sales", "main", "stg_sales"),
    relation("seed.kiosk.rates", "main", "rates"),
    relation("snapshot.kiosk.sales_states", "main_history", "sales_states"),
    relation("source.kiosk.till.sales", "raw", "sales"),
    check_of("test.kiosk.source_unique_till_sales_id.029543a321", "source.kiosk.till.sales"),
    check_of("test.kiosk.not_null_stg_sales_id.abc8b3e638", "model.kiosk.stg_sales"),
    check_of("unit_test.kiosk.per_item.sums_by_item", "model.kiosk.per_item"),
]


def runs(kind: str, payload: Any) -> set[tuple[str, str, str | None]]:
    """(job, run, the run above it), of all that has a run."""
    statements = read(Envelope(kind, json.dumps(payload).encode())).statements
    return {(each.job.name, each.run.run_id, each.run.parent_run_id) for each in statements if each.run and each.job}


def by_artifacts(nodes: list[dict[str, Any]], *ran: str) -> set[tuple[str, str, str | None]]:
    return runs(
        "dbt",
        {
            "format": 1,
            "project": "kiosk",
            "generated_at": "2026-01-01T00:00:00Z",
            "target": {"type": "duckdb", "path": "/data/kiosk.duckdb", "database": "kiosk", "schema": "main"},
            "invocation": {"id": INVOCATION, "started_at": "2026-01-01T00:00:00Z"},
            "parents": nodes,
            "results": [{"unique_id": each, "status": "success"} for each in ran],
        },
    )


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["job"]["name"])
def test_an_event_is_of_the_same_job_and_run_as_the_result(event: dict[str, Any]) -> None:
    name = event["job"]["name"]
    assert runs("openlineage", event) <= by_artifacts(NODES, *([] if name == "dbt-run-kiosk" else [name]))


@pytest.mark.parametrize(
    ("unique_id", "alias"), [("model.kiosk.per_item", "items"), ("model.kiosk.per_item.v2", "per_item_v2")]
)
def test_tests_of_a_model_under_another_name_are_one_job(unique_id: str, alias: str) -> None:
    """The event names the relation that it reads, and no model."""
    event = json.loads(json.dumps(EVENTS[0]))
    event["inputs"][0]["name"] = f"kiosk.main.{alias}"
    test = check_of(event["job"]["name"], unique_id)
    assert runs("openlineage", event) <= by_artifacts([relation(unique_id, "main", alias), test], event["job"]["name"])


def test_no_job_is_without_a_name() -> None:
    for event in EVENTS:
        assert all(name for name, _, _ in runs("openlineage", event))
