"""Which jobs are hidden from a caller: those of DAGs that they may not read.

A job of this Airflow is called `dag_id` or `dag_id.task_id`, and both may hold dots. So every beginning of its name
that is a DAG may be its DAG, and all of these must be readable. Where none is, the DAG is gone, and only who may read
every DAG may still read what it did.

The jobs of others (dbt, Spark, another Airflow) are no DAGs of ours, but may run under one: they are followed to the
jobs and runs that they say they run under. What is named and cannot be found hides them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Protocol

from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.store.protocol import RunRow, StatementRow, Store

_GENERATIONS, _RUNS = 8, 20
_LONGEST = 250
"""Airflow's own limit for the id of a DAG."""


class Dags(Protocol):
    """The DAGs of this Airflow: which there are, and which of them a caller may read."""

    @property
    def existing(self) -> frozenset[str]: ...
    @property
    def readable(self) -> frozenset[str]: ...


class HiddenJobs:
    """For one caller and one answer: what was asked is remembered. `dags` None: nothing is hidden."""

    def __init__(self, store: Store, dags: Dags | None, namespaces: Collection[str]) -> None:
        self._store = store
        self._dags = dags
        self._namespaces = {JobId(namespace, "").namespace for namespace in namespaces}
        self._verdicts: dict[int | None, dict[int, bool]] = {}
        self._alone: set[int] = set()
        self._runs: dict[str, RunRow | None] = {}

    @cached_property
    def none(self) -> bool:
        """Whether nothing is hidden."""
        return self._dags is None or self._dags.existing <= self._dags.readable

    def among(self, jobs: Collection[int], as_of: int | None = None) -> AbstractSet[int]:
        """Those of these jobs that are hidden, by what they run under now or ran under then."""
        if not jobs or self.none:
            return frozenset()
        hidden = self._hidden(jobs, None)
        return hidden if as_of is None else hidden | self._hidden(jobs, as_of)

    def runs(self, rows: Iterable[RunRow]) -> set[str]:
        """Those of these runs that are hidden. A list goes by what jobs run under now; it tells no details."""
        listed = [] if self.none else list(rows)
        hidden = self.among({row.job for row in listed})
        return {row.run_id for row in listed if row.job in hidden or self._under_hidden(row)}

    def hides(self, row: RunRow, statements: Iterable[StatementRow]) -> bool:
        """One run with its details. All who told of it under its id must be readable, also as they were then."""
        if self.none:
            return False
        said = list(statements)
        jobs = {row.job, *(each.job for each in said if each.job is not None)}
        return bool(self.among(jobs, max((each.time for each in said), default=None)) or self.runs([row]))

    # -- jobs

    def _hidden(self, jobs: Collection[int], as_of: int | None) -> set[int]:
        known = self._verdicts.setdefault(as_of, {})
        if fresh := set(jobs) - known.keys():
            hidden = self._judged(fresh, as_of)
            known.update((job, job in hidden) for job in fresh)
        return {job for job in jobs if known[job]}

    def _judged(self, jobs: AbstractSet[int], as_of: int | None) -> set[int]:
        """One read for the names and two for each generation, however many jobs there are."""
        ring = self._named(jobs)
        hidden = jobs - ring.keys()
        above: dict[int, AbstractSet[int]] = {}
        for _ in range(_GENERATIONS):
            ours = {uid for uid, job in ring.items() if job.namespace in self._namespaces}
            hidden |= {uid for uid in ours if not self._may_read(ring[uid].name)}
            others = ring.keys() - ours
            stated = self._parents(others, as_of)
            above |= {uid: parents.keys() for uid, parents in stated.items()}
            self._alone |= others - stated.keys() if as_of is None else set()
            ring = {uid: job for parents in stated.values() for uid, job in parents.items() if uid not in above}
            hidden |= self._unheard_of(ring)
        return _with_children(hidden | ring.keys(), above)

    def _named(self, jobs: Collection[int]) -> dict[int, JobId]:
        found = self._store.entities(jobs)
        return {uid: JobId(each.namespace, each.name) for uid, each in found.items() if each.kind == "job"}

    def _parents(self, jobs: Collection[int], as_of: int | None) -> dict[int, dict[int, JobId]]:
        """The jobs that these say they run under, now or then. Whoever tells of a job may say so."""
        found: dict[int, dict[int, JobId]] = {}
        for fact in self._store.facts(jobs, as_of=as_of, aspects=("parent",)) if jobs else ():
            parent = _job(fact.value)
            found.setdefault(fact.subject, {})[parent.uid] = parent
        return found

    def _unheard_of(self, jobs: Mapping[int, JobId]) -> set[int]:
        """A job of ours is judged by its name, whether it ever ran or not."""
        others = {uid for uid, job in jobs.items() if job.namespace not in self._namespaces}
        return others - self._named(others).keys() if others else set()

    def _may_read(self, name: str) -> bool:
        assert self._dags is not None  # noqa: S101  else nothing is hidden
        existing = self._dags.existing
        candidates = {beginning for beginning in _beginnings(name) if beginning in existing}
        return bool(candidates) and candidates <= self._dags.readable

    # -- runs of jobs that name a run above them, and no job

    def _under_hidden(self, row: RunRow) -> bool:
        """Followed from run to run, by a few reads in all; what lies further is taken for hidden."""
        rows, seen = [row], {row.run_id}
        while rows:
            each = rows.pop()
            if self.among([each.job]):
                return True
            above = {each.parent_run_id, each.root_run_id} - seen if each.job in self._alone else set()
            found = [self._run(run_id) for run_id in above if run_id is not None]
            if None in found:
                return True
            seen |= {run_id for run_id in above if run_id is not None}
            rows += [run for run in found if run is not None]
        return False

    def _run(self, run_id: str) -> RunRow | None:
        if run_id not in self._runs and len(self._runs) < _RUNS:
            found = self._store.run(run_id)
            self._runs[run_id] = found[0] if found else None
        return self._runs.get(run_id)


def _beginnings(name: str) -> Iterator[str]:
    """`a`, `a.b` and `a.b.c` of `a.b.c`, as far as ids of DAGs are long."""
    end = name.find(".")
    while -1 < end <= _LONGEST:
        yield name[:end]
        end = name.find(".", end + 1)
    yield name


def _job(value: Json) -> JobId:
    """What cannot be read names a job that nobody has heard of."""
    stated = value if isinstance(value, dict) else {}
    namespace, name = stated.get("namespace"), stated.get("name")
    return JobId(namespace, name) if isinstance(namespace, str) and isinstance(name, str) else JobId("", "")


def _with_children(hidden: set[int], above: Mapping[int, AbstractSet[int]]) -> set[int]:
    """Whatever runs under what is hidden is hidden."""
    while more := {uid for uid, parents in above.items() if uid not in hidden and not parents.isdisjoint(hidden)}:
        hidden |= more
    return hidden
