"""How much of what Airflow runs is seen: which tasks have lineage, which have none, and why.

Read page by page, with a fixed number of reads for each, and one more for a blind task whose latest statement does not
tell the reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.services.facts import resolve
from airflow_provider_catalog.services.mentions import Told, told
from airflow_provider_catalog.services.naming import Label, label
from airflow_provider_catalog.services.runs import job_type
from airflow_provider_catalog.store.protocol import Entity, Fact, RunRow, Store

_PAGE, _RUNS = 1_000, 10
_TASK = "airflow_task"
_ENDED_WELL = ("success", "skipped")
_Latest: TypeAlias = tuple[RunRow, dict[str, Any]]

# Where our capture tells it, and then where the OpenLineage provider does.
_FACET = ("facets", "airflow")
_DAG = (("airflow", "dag_id"), (*_FACET, "dag", "dag_id"))
_OPERATOR = (("airflow", "operator_class"), ("airflow", "operator"), (*_FACET, "task", "operator_class_path"))


@dataclass(frozen=True, slots=True)
class Task:
    """A task with how many datasets it reads and writes now; without any, the reason."""

    job: Label
    operator: str
    reads: int
    writes: int
    reason: str

    @property
    def has_lineage(self) -> bool:
        return bool(self.reads or self.writes)

    def to_json(self) -> dict[str, Any]:
        counts = {"reads": self.reads, "writes": self.writes}
        seen = {"has_lineage": self.has_lineage, **counts, "reason": self.reason or None}
        return {"task": self.job.id, "operator": self.operator or None, **seen}


@dataclass(frozen=True, slots=True)
class Operator:
    """The tasks of one class of operators."""

    name: str
    tasks: int
    with_lineage: int

    @property
    def without(self) -> int:
        return self.tasks - self.with_lineage

    def to_json(self) -> dict[str, Any]:
        counts = {"tasks": self.tasks, "with_lineage": self.with_lineage, "without_lineage": self.without}
        return {"operator": self.name or None, **counts}


@dataclass(frozen=True, slots=True)
class Coverage:
    """The tasks by name, the operators with the most blind tasks first. `truncated`: there are more tasks to list."""

    operators: tuple[Operator, ...]
    tasks: tuple[Task, ...]
    truncated: bool = False

    @property
    def total(self) -> int:
        return sum(operator.tasks for operator in self.operators)

    @property
    def with_lineage(self) -> int:
        return sum(operator.with_lineage for operator in self.operators)

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return 100 * self.with_lineage // self.total if self.total else 0

    def to_json(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "with_lineage": self.with_lineage,
            "percent": self.percent,
            "operators": [operator.to_json() for operator in self.operators],
            "tasks": [task.to_json() for task in self.tasks],
            "truncated": self.truncated,
        }


def coverage(
    store: Store,
    *,
    dag: str = "",
    without: bool = False,
    limit: int | None = None,
    on_page: Callable[[int], object] = lambda _: None,
) -> Coverage:
    """Of one DAG or of all. All are counted; listed are those without lineage where `without` says so, and `limit` of
    them at most.
    """
    counts: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    listed: list[Task] = []
    seen = 0
    for page in _pages(store):
        for task in _tasks(store, page, dag):
            counts[task.operator][task.has_lineage] += 1
            listed += [] if without and task.has_lineage else [task]
        on_page(seen := seen + len(page))
    if dag and not counts:
        raise NotFoundError("task of a DAG", dag, "`airflow-catalog search` lists what is there")
    operators = (Operator(name, found.total(), found[True]) for name, found in counts.items())
    ordered = sorted(operators, key=lambda operator: (-operator.without, operator.name))
    shown = sorted(listed, key=lambda task: task.job)[:limit]
    return Coverage(tuple(ordered), tuple(shown), truncated=len(shown) < len(listed))


def _pages(store: Store) -> Iterator[list[Entity]]:
    after = 0
    while page := store.scan("job", after=after, limit=_PAGE):
        yield page
        after = page[-1].uid


def _tasks(store: Store, page: Collection[Entity], dag: str) -> Iterator[Task]:
    named = {job.uid: job for job in page if not dag or job.name.startswith(f"{dag}.")}
    tasks = _of_airflow(store, named)
    latest = store.latest(tasks) if tasks else {}
    details = {job: latest[job][1] if job in latest else {} for job in tasks}
    tasks = [job for job in tasks if not dag or _first(details[job], _DAG) in {"", dag}]
    ports = {(port.job, port.direction, port.dataset) for port in (store.ports(jobs=tasks) if tasks else ())}
    sizes = Counter((job, direction) for job, direction, _ in ports)
    reasons = _reasons(store, [job for job in tasks if not (sizes[job, "r"] or sizes[job, "w"])], latest)
    for job in tasks:
        operator = _first(details[job], _OPERATOR)
        yield Task(label(named[job]), operator, sizes[job, "r"], sizes[job, "w"], reasons.get(job, ""))


def _of_airflow(store: Store, jobs: Collection[int]) -> list[int]:
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(jobs, aspects=("jobType",)) if jobs else ():
        said[fact.subject].append(fact)
    return [job for job, facts in said.items() if job_type(resolve(facts).get("jobType")) == _TASK]


def _first(details: Mapping[str, Any], paths: tuple[tuple[str, ...], ...]) -> str:
    """The first text that is there."""
    return next((text for path in paths if (text := _text_at(details, path))), "")


def _text_at(details: Mapping[str, Any], path: tuple[str, ...]) -> str:
    found: Any = details
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _reasons(store: Store, blind: Collection[int], latest: Mapping[int, _Latest]) -> dict[int, str]:
    """Mostly the last statement of the latest run says why; else the last runs are looked at."""
    found = {job: seen.why_nothing for job in blind if (seen := _succeeded(latest.get(job)))}
    rest = [job for job in blind if job not in found]
    runs: defaultdict[int, list[RunRow]] = defaultdict(list)
    for run in store.runs(rest, limit=_RUNS) if rest else ():
        runs[run.job].append(run)
    return found | {job: _reason(store, runs[job]) for job in rest}


def _succeeded(latest: _Latest | None) -> Told | None:
    """What our capture told of it in the end, if that is what was said last."""
    seen = told([latest[1]]) if latest and latest[0].state is Event.COMPLETE else None
    return seen if seen and seen.airflow.get("state") in _ENDED_WELL else None


def _reason(store: Store, runs: Sequence[RunRow]) -> str:
    """From the latest that succeeded."""
    if not runs:
        return "no run of it is known"
    run = next((run for run in runs if run.state is Event.COMPLETE), None)
    if run is None:
        return _failed(runs)
    _, statements = store.run(run.run_id) or (run, [])
    seen = told(statement.details for statement in statements)
    return seen.why_nothing if seen else "our capture told nothing of it, and others named no dataset"


def _failed(runs: Sequence[RunRow]) -> str:
    if not any(run.state in {Event.FAIL, Event.ABORT} for run in runs):
        return "its first run has not ended yet"
    return "only failed runs so far" if len(runs) < _RUNS else f"none of its last {len(runs)} runs succeeded"
