"""Runs: what all events of a run agree on, whatever their order. Every column only ever grows or shrinks."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.model.identity import run_uid
from airflow_provider_catalog.model.statement import Event, Statement
from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.batch import Batch
from airflow_provider_catalog.store.sql.dialect import Merge

_TIME_BITS = 52
_EVENT_BITS = 3
_EARLIEST = -(1 << (_TIME_BITS - 1))

MERGE: dict[str, Merge] = {
    "job_id": "least",
    "state_key": "greatest",
    "first_at": "least",
    "started_at": "least",
    "nominal_start": "least",
    "nominal_end": "greatest",
    "parent_run_id": "least",
    "root_run_id": "least",
}
_NAMES = [column.name for column in tables.run.columns]
_HOW = [MERGE.get(name) for name in _NAMES]


def state_key(event: Event, time: int) -> int:
    """Greater wins: first the kind of event (a terminal state never goes back), then its time, then the event
    itself.
    """
    return ((event.rank << _TIME_BITS) + time - _EARLIEST << _EVENT_BITS) + event


def state(key: int) -> tuple[Event, int]:
    """The event and time that a key stands for."""
    event = Event(key & ((1 << _EVENT_BITS) - 1))
    return event, (key >> _EVENT_BITS) + _EARLIEST - (event.rank << _TIME_BITS)


def apply(batch: Batch) -> None:
    """One row a run, however many of its events are in the batch."""
    rows: dict[bytes, list[Any]] = {}
    for statement in batch.statements:
        if statement.run is None or statement.job is None:
            continue
        row = _row(statement, statement.run.run_id, statement.job.uid)
        known = rows.get(row[0])
        rows[row[0]] = row if known is None else _merged(known, row)
    batch.dialect.insert(batch.connection, tables.run, [tuple(rows[uid]) for uid in sorted(rows)], MERGE)


def _row(statement: Statement, run_id: str, job: int) -> list[Any]:
    run, event, time = statement.run, statement.event, statement.time
    assert run is not None  # noqa: S101  the caller looked
    started = time if event == Event.START else None
    key = state_key(event, time)
    nominal = (run.nominal_start, run.nominal_end)
    return [run_uid(run_id), run_id, job, key, time, started, *nominal, run.parent_run_id, run.root_run_id]


def _merged(left: list[Any], right: list[Any]) -> list[Any]:
    return [_one(how, a, b) for how, a, b in zip(_HOW, left, right, strict=True)]


def _one(how: Merge | None, a: Any, b: Any) -> Any:
    if a is None or b is None or how is None:
        return b if a is None else a
    return max(a, b) if how == "greatest" else min(a, b)
