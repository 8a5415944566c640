"""Events by number, and a store that can be made to fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.store.protocol import Applied, Store


def event(number: int, **more: Any) -> dict[str, Any]:
    """A run that copies one table."""
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2025-01-01T00:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "producer": "https://example.org/airflow",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-7000-8000-{number:012d}"},
        "job": {"namespace": "prod", "name": f"job{number}"},
        "inputs": [{"namespace": "postgres://db:5432", "name": f"shop.public.in{number}"}],
        "outputs": [{"namespace": "postgres://db:5432", "name": f"shop.public.out{number}"}],
        **more,
    }


def line(number: int, **more: Any) -> bytes:
    return json.dumps(event(number, **more)).encode()


def envelopes(count: int, start: int = 0) -> list[Envelope]:
    return [Envelope("openlineage", line(number)) for number in range(start, start + count)]


class Broken:
    """A store in front of a real one: `fail` may raise before `apply` gets through."""

    def __init__(self, store: Store, fail: Callable[[Changes], None]) -> None:
        self._store = store
        self._fail = fail
        self.applied: list[int] = []
        self.tries = 0

    def apply(self, changes: Changes, *, merged_to: int | None = None, rejected: Sequence[DeadLetter] = ()) -> Applied:
        self.tries += 1
        self._fail(changes)
        self.applied.append(len(changes.statements))
        return self._store.apply(changes, merged_to=merged_to, rejected=rejected)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def jobs_of(changes: Changes) -> set[str]:
    return {statement.job.name for statement in changes.statements if statement.job}
