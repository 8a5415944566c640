"""Runs of Airflow, by the ids that the OpenLineage provider gives them: whoever tells of a run means the same one.

An id is a UUID whose first bits are the run's date and whose others are a hash of what runs, so that it needs nobody to
remember it. Where a record does not say the date, Airflow's own id of the DAG run stands in: such a run is by itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha1
from typing import Any, NamedTuple
from uuid import UUID

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.statement import Event, Run
from airflow_provider_catalog.sources.checks import shape, text
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.timestamps import clamped, instant

PRODUCER = "airflow-provider-catalog"
NAMESPACE = "default"
"""OpenLineage's, where an installation has not named its own."""

_HASHED, _TIMED = 76, 48
_VERSION, _VARIANT = 7 << 76, 0x8000 << 48
_EVENTS = {
    "running": Event.START,
    "success": Event.COMPLETE,
    "skipped": Event.COMPLETE,
    "failed": Event.FAIL,
    "up_for_retry": Event.FAIL,
    "removed": Event.ABORT,
}


class DagRun(NamedTuple):
    """The DAG run that a record is about. `name` is Airflow's id of it."""

    namespace: str
    dag_id: str
    name: str
    date: datetime | None
    clear_number: int
    nominal: tuple[int | None, int | None]

    @property
    def run_id(self) -> str:
        return self._run_id(str(self.clear_number))

    def run(self) -> Run:
        return Run(self.run_id, None, None, *self.nominal)

    def task_run(self, task_id: str, try_number: int, map_index: int) -> Run:
        """Of one try of one of its tasks."""
        run_id = self._run_id(f"{task_id}.{try_number}.{map_index}")
        return Run(run_id, self.run_id, self.run_id, *self.nominal)

    def _run_id(self, rest: str) -> str:
        named = f"{self.namespace}.{self.dag_id}.{rest}"
        return f"{named}.{self.name}" if self.date is None else str(static_uuid(self.date, named.encode()))


def static_uuid(date: datetime, data: bytes) -> UUID:
    """`openlineage.client.uuid.generate_static_uuid`, to the bit: its clock is a float, too."""
    utc = date.astimezone(UTC)
    hashed = sha1(utc.isoformat().encode() + data, usedforsecurity=False).digest()
    bits = (int(utc.timestamp() * 1000) & (1 << _TIMED) - 1) << 80
    bits |= int.from_bytes(hashed) >> 160 - _HASHED
    return UUID(int=bits & ~(0xF000 << 64) & ~(0xC000 << 48) | _VERSION | _VARIANT)


def dag_run(record: dict[str, Any], notes: Notes) -> DagRun:
    """Rejects what names no run."""
    date, name = _date(record.get("date"), notes), record.get("run_id")
    return DagRun(
        namespace(record, notes),
        text(record.get("dag_id"), "/dag_id"),
        text(name, "/run_id") if date is None else name if type(name) is str else "",
        date,
        number(record, "clear_number", 0, notes),
        (micros(record, "data_interval_start", notes), micros(record, "data_interval_end", notes)),
    )


def namespace(record: dict[str, Any], notes: Notes) -> str:
    try:
        return text(record.get("namespace") or NAMESPACE, "/namespace")
    except RejectedError as error:
        skip(error, notes)
        return NAMESPACE


def event(record: dict[str, Any], notes: Notes) -> Event:
    state = record.get("state")
    if type(state) is str:
        return _EVENTS.get(state, Event.OTHER)
    notes.skip("/state", f"expected a string, found {shape(state)}")
    return Event.OTHER


def time(record: dict[str, Any], recorded_at: int, notes: Notes) -> int:
    """Of a record that does not say when, the time when it came."""
    stated = micros(record, "time", notes)
    if stated is None:
        notes.skip("/time", "is missing")
        return recorded_at
    return clamped(stated, recorded_at)


def number(record: dict[str, Any], key: str, default: int, notes: Notes) -> int:
    value = record.get(key)
    if value is None:
        return default
    if type(value) is int:
        return value
    notes.skip(f"/{key}", f"expected a whole number, found {shape(value)}")
    return default


def _date(stated: Any, notes: Notes) -> datetime | None:
    """Without an offset, UTC is meant."""
    try:
        date = datetime.fromisoformat(stated)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        notes.skip("/date", "is missing" if stated is None else "not an ISO 8601 time")
        return None


def micros(record: dict[str, Any], key: str, notes: Notes) -> int | None:
    if record.get(key) is None:
        return None
    try:
        return instant(record[key], f"/{key}").micros
    except RejectedError as error:
        skip(error, notes)
        return None


def skip(error: RejectedError, notes: Notes) -> None:
    """What is rejected elsewhere is passed over here: the rest of the record is as true as before."""
    path, _, reason = error.reason.partition(": ")
    notes.skip(path, reason)
