"""The store as one caller may see it. Each method of the protocol is decided about here; a test finds one that is not.

* `_PASSED` has those that are let through or refused as a whole, with the rights of which one is needed.
* The methods of `Guard` hide what jobs ran (SQL, errors, runs, code) where `dags.HiddenJobs` hides the job. That there
  is such a job, what it is for, who owns it, what it reads and writes: that is the catalog, and for all who read it.
* What came in as it came is for who may write and reads every DAG: nobody can tell whose it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from airflow_provider_catalog.errors import ForbiddenError
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.services import edits
from airflow_provider_catalog.services.caller import Caller, Right
from airflow_provider_catalog.services.dags import HiddenJobs
from airflow_provider_catalog.services.facts import TAG
from airflow_provider_catalog.store.protocol import Direction, Fact, Level, LineageEdge, RunRow, StatementRow, Store

_LAST = 50
_WHO = frozenset({"sender", "actor"})
_OPEN = frozenset(
    {"documentation", "ownership", "tags", "jobType", "parent", "schema", "dataSource", "symlinks", "storage"}
    | {"lifecycle", "partitioning", "partitions", "constraints", "freshness"}
    | {"datasetType", "hierarchy", "catalog", EXISTENCE, "merged_into", "alias_of", "dataQualityMetrics"}
)
"""What is said of things that holds no code. Any other aspect may: `sourceCode`, and facets that nobody here knows."""
_OPEN_FAMILIES = (TAG, "distinct_from:", "qualityCheck:")


def _passed() -> Mapping[str, tuple[Right, ...]]:
    names: tuple[Right, ...] = ("read", "store")
    everybody: tuple[Right, ...] = ("read", "write", "ingest", "metrics", "store")
    return {
        **dict.fromkeys(("entities", "columns", "columns_of", "members", "alias_rules", "namespaces"), names),
        **dict.fromkeys(("find", "scan", "walk", "heard", "ports", "totals", "leases"), names),
        "status": ("metrics", "read", "store"),
        **dict.fromkeys(("remote", "glance"), everybody),
        "unmerged": everybody,
        "accept": ("ingest", "write", "store"),
        **dict.fromkeys(("apply", "forget_dead_letters", "recompute_totals", "dump", "close"), ("store",)),
        **dict.fromkeys(("acquire_lease", "release_lease", "keep_images", "forget_images", "images"), ("store",)),
    }


PASSED = _passed()


class Guard:
    """Made for one answer. `access.guarded` makes it."""

    def __init__(self, store: Store, caller: Caller, namespaces: Collection[str]) -> None:
        self._store = store
        self._caller = caller
        self._jobs = HiddenJobs(store, caller.dags, namespaces)

    def __getattr__(self, name: str) -> Any:
        if name not in PASSED:
            raise AttributeError(name)
        self._require(*PASSED[name])
        return getattr(self._store, name)

    def _require(self, *rights: Right) -> None:
        """One of them. A refusal names the first."""
        if self._caller.rights.isdisjoint(rights):
            self._caller.require(rights[0])

    @property
    def _read(self) -> Store:
        self._require("read", "store")
        return self._store

    # -- what came in, as it came

    @property
    def _raw(self) -> Store:
        self._require("write", "store")
        if not self._jobs.none:
            raise ForbiddenError(self._caller.name, "read what came in as it came: that takes GET on every DAG")
        return self._store

    def pending(self, limit: int) -> list[Envelope]:
        return self._raw.pending(limit)

    def envelopes(self, after: int = 0, limit: int = 1000) -> list[Envelope]:
        return self._raw.envelopes(after, limit)

    def dead_letters(self, limit: int = 1000) -> list[DeadLetter]:
        return self._raw.dead_letters(limit)

    def envelope(self, envelope_id: bytes) -> Envelope | None:
        """What a person said is said to all who read, but for what is said of a hidden job."""
        found = self._read.envelope(envelope_id)
        if found is None or found.kind != edits.KIND:
            return found and self._raw.envelope(envelope_id)
        if self._jobs.none:
            return found
        jobs = {subject.uid for subject in edits.subjects(found) if subject.kind == "job"}
        return None if self._jobs.among(jobs) else found

    # -- what is said

    def facts(
        self, subjects: Collection[int], *, as_of: int | None = None, aspects: Collection[str] = ()
    ) -> list[Fact]:
        return self._without_code(self._read.facts(subjects, as_of=as_of, aspects=aspects), as_of)

    def history(self, subject: int, aspect: str) -> list[Fact]:
        """Each word of code by itself: the job may have been another DAG's then. Only the last ones are looked at."""
        facts = self._read.history(subject, aspect)
        if _is_open(aspect) or self._jobs.none:
            return facts
        return [fact for fact in facts[-_LAST:] if self._without_code([fact], fact.valid_from)]

    def audit(self, subject: int | None = None, limit: int = 100) -> list[StatementRow]:
        """Of what concerns a hidden job, only who spoke and when. So it is where nobody can tell what it concerns."""
        rows = self._read.audit(subject, limit)
        if not rows or self._jobs.none:
            return rows
        hidden = self._jobs.among({row.job for row in rows if row.job is not None} | self._job(subject))
        return [_only_who(row) if subject is None or not hidden.isdisjoint({subject, row.job}) else row for row in rows]

    def _job(self, subject: int | None) -> set[int]:
        found = self._store.entities([subject]) if subject is not None else {}
        return {uid for uid, each in found.items() if each.kind == "job"}

    def _without_code(self, facts: list[Fact], as_of: int | None) -> list[Fact]:
        code = [fact for fact in facts if not _is_open(fact.aspect)]
        if not code or self._jobs.none:
            return facts
        hidden = self._subjects_of_hidden(code, as_of)
        return [fact for fact in facts if _is_open(fact.aspect) or (fact.subject, fact.producer) not in hidden]

    def _subjects_of_hidden(self, facts: Collection[Fact], as_of: int | None) -> set[tuple[int, str]]:
        """A job's code is its own. What else holds code has it of the jobs of that producer which read or write it;
        where none is known, it is nobody's secret.
        """
        said = {(fact.subject, fact.producer) for fact in facts}
        kinds = {uid: each.kind for uid, each in self._store.entities({subject for subject, _ in said}).items()}
        jobs = {uid for uid, kind in kinds.items() if kind == "job"}
        datasets = {uid for uid, kind in kinds.items() if kind == "dataset"}
        ports = self._store.ports(datasets=datasets, as_of=as_of) if datasets else []
        hidden = self._jobs.among(jobs | {port.job for port in ports}, as_of)
        through = {(port.dataset, port.producer) for port in ports if port.job in hidden}
        return {each for each in said if each[0] in hidden or each[0] not in kinds} | through

    # -- runs

    def runs(self, jobs: Collection[int], *, limit: int = 10) -> list[RunRow]:
        rows = self._read.runs(jobs, limit=limit)
        hidden = self._jobs.runs(rows)
        return [row for row in rows if row.run_id not in hidden] if hidden else rows

    def run(self, run_id: str) -> tuple[RunRow, list[StatementRow]] | None:
        found = self._read.run(run_id)
        return None if found is None or self._jobs.hides(*found) else found

    def latest(self, jobs: Collection[int]) -> dict[int, tuple[RunRow, dict[str, Any]]]:
        found = self._read.latest(jobs)
        hidden = self._jobs.among(found.keys())
        runs = self._jobs.runs(row for row, _ in found.values())
        return {job: last for job, last in found.items() if job not in hidden and last[0].run_id not in runs}

    # -- edges: the text of how a column is made is SQL

    def edges(self, nodes: Collection[int], *, level: Level = "table", as_of: int | None = None) -> list[LineageEdge]:
        return self._without_sql(self._read.edges(nodes, level=level, as_of=as_of), level, as_of)

    def neighbours(
        self, nodes: Collection[int], direction: Direction, *, level: Level = "table", as_of: int | None = None
    ) -> list[LineageEdge]:
        found = self._read.neighbours(nodes, direction, level=level, as_of=as_of)
        return self._without_sql(found, level, as_of)

    def column_edges_between(
        self, pairs: Collection[tuple[int, int]], *, as_of: int | None = None
    ) -> list[LineageEdge]:
        return self._without_sql(self._read.column_edges_between(pairs, as_of=as_of), "column", as_of)

    def stated(self, jobs: Collection[int], *, level: Level = "table", as_of: int | None = None) -> list[LineageEdge]:
        return self._without_sql(self._read.stated(jobs, level=level, as_of=as_of), level, as_of)

    def _without_sql(self, edges: list[LineageEdge], level: Level, as_of: int | None) -> list[LineageEdge]:
        """Only edges of columns have such a text."""
        told = {edge.job for edge in edges if edge.transformation} if level == "column" else set()
        hidden = self._jobs.among(told, as_of)
        return [edge._replace(transformation="") if edge.job in hidden else edge for edge in edges] if hidden else edges


def _is_open(aspect: str) -> bool:
    return aspect in _OPEN or aspect.startswith(_OPEN_FAMILIES)


def _only_who(row: StatementRow) -> StatementRow:
    return row._replace(run_id=None, details={key: row.details[key] for key in _WHO & row.details.keys()})
