"""The capture of a task in one run, explained: what was told of it, and the edges of the task as they are now.

Which run is meant is asked in Airflow's own words, and only what our capture told knows these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.services.job import RunDescription, describe_run
from airflow_provider_catalog.services.lineage.links import Link, Links
from airflow_provider_catalog.services.lineage.places import named
from airflow_provider_catalog.services.mentions import Told, is_ours, told
from airflow_provider_catalog.services.runs import run_to_json
from airflow_provider_catalog.store.protocol import RunRow, StatementRow, Store

_MOST, _NAMED = 5_000, 5
_DOCTOR = "`airflow-catalog doctor` says whether Airflow loads the listener"


@dataclass(frozen=True, slots=True)
class Capture:
    """One run of a task as it was captured. The edges may be of other runs and of other producers, too."""

    run: RunDescription
    told: Told
    edges: tuple[Link, ...]

    @property
    def complete(self) -> bool:
        """Whether it told all: only then do edges close that it omits."""
        return any(statement.complete for statement in self.run.statements if is_ours(statement.details))

    @property
    def producers(self) -> list[str]:
        return sorted({statement.producer for statement in self.run.statements})

    def to_json(self) -> dict[str, Any]:
        return {
            "task": self.run.job.id,
            "run": {**run_to_json(self.run.run), "airflow": dict(self.told.airflow)},
            "state": self.told.airflow.get("state"),
            "operator": self.told.operator or None,
            "complete": self.complete,
            "incomplete": list(self.told.incomplete),
            "why_nothing": self.told.why_nothing or None,
            "error": self.run.error,
            "sql": self.run.sql,
            "versions": dict(self.told.versions),
            "said_by": self.producers,
            "captured": [mention.to_json() for mention in self.told.mentions],
            "edges": [edge.to_json() for edge in self.edges],
        }


def explain(
    store: Store, task: JobId, *, run: str = "", map_index: int | None = None, try_number: int | None = None
) -> Capture:
    """`run`: Airflow's id of the DAG run or OpenLineage's of the task's; without it, the latest that fits."""
    found = describe_run(store, _find(store, task, _Wanted(run, map_index, try_number)))
    said = told(statement.details for statement in found.statements)
    assert said is not None  # noqa: S101  it was looked for
    edges = store.stated([task.uid])
    names = named(store, {end for edge in edges for end in (edge.source, edge.target)}, [task.uid], "table")
    return Capture(found, said, tuple(Links(edges, names, store.heard([task.uid]))))


class _Wanted(NamedTuple):
    """What is asked for; what is left out may be anything."""

    run: str
    map_index: int | None
    try_number: int | None

    def fits(self, airflow: dict[str, Any]) -> bool:
        """The rest, of a run in the right DAG run."""
        asked = {"map_index": self.map_index, "try_number": self.try_number}
        return all(number is None or airflow.get(name) == number for name, number in asked.items())

    def __str__(self) -> str:
        parts = (("", self.run or None), ("map index ", self.map_index), ("try ", self.try_number))
        return ", ".join(f"{name}{value}" for name, value in parts if value is not None)


def _find(store: Store, task: JobId, wanted: _Wanted) -> str:
    """OpenLineage's id of the latest run that fits and of which our capture told."""
    if task.uid not in store.entities([task.uid]):
        raise _unknown(store, task)
    search = _Search(wanted)
    for row in filter(search.may_be, _candidates(store, task, wanted.run)):
        _, statements = store.run(row.run_id) or (row, [])
        if search.is_it(row, statements):
            return row.run_id
    raise _missing(task, wanted, search)


class _Search:
    """What was seen on the way. All runs in one DAG run have its name: who has read one need not read the others."""

    def __init__(self, wanted: _Wanted) -> None:
        self._wanted = wanted
        self._others: set[str | None] = set()
        self.names: dict[str, None] = {}
        self.producers: set[str] = set()

    def may_be(self, row: RunRow) -> bool:
        return row.parent_run_id not in self._others

    def is_it(self, row: RunRow, statements: Sequence[StatementRow]) -> bool:
        self.producers |= {statement.producer for statement in statements}
        airflow = next((s.details["airflow"] for s in statements if is_ours(s.details)), None)
        if airflow is None:
            return False
        name = str(airflow.get("run_id", ""))
        self.names[name] = None
        if self._wanted.run in {"", name, row.run_id}:
            return self._wanted.fits(airflow)
        self._others |= {row.parent_run_id} - {None}
        return False


def _candidates(store: Store, task: JobId, run: str) -> list[RunRow]:
    """The one that OpenLineage calls so, else the last ones, newest first."""
    found = store.run(run) if run else None
    return [found[0]] if found and found[0].job == task.uid else store.runs([task.uid], limit=_MOST)


def _unknown(store: Store, task: JobId) -> NotFoundError:
    others = [JobId(namespace, task.name) for namespace in store.namespaces("job")]
    known = store.entities([each.uid for each in others])
    elsewhere = [each.namespace for each in others if each.uid in known]
    hint = f"`airflow-catalog search` lists what is there; if it has run, {_DOCTOR}"
    if elsewhere:
        hint = f"there is one with --namespace {' or '.join(map(repr, elsewhere[:_NAMED]))}"
    return NotFoundError("task", str(task), hint)


def _missing(task: JobId, wanted: _Wanted, search: _Search) -> NotFoundError:
    if search.names:
        last = ", ".join(map(repr, list(search.names)[:_NAMED]))
        return NotFoundError(f"run of {task}", str(wanted), f"its last ones are in the DAG runs {last}")
    others = " and ".join(map(repr, sorted(search.producers)))
    who = f"only {others} told of it" if others else "no run of it is known"
    hint = f"{who}; {_DOCTOR}, `airflow-catalog show {task}` shows what is known"
    return NotFoundError("captured run of the task", str(task), hint)
