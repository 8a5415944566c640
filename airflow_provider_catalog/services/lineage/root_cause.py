"""Why a dataset may be wrong or old: the jobs that made it and everything before it, the failed and late ones first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.lineage.lateness import Judgement, judge
from airflow_provider_catalog.services.lineage.reach import Bounds, Filters, Neighbourhood, neighbourhood
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import Label, labels
from airflow_provider_catalog.services.runs import error_of, run_to_json
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.store.protocol import RunRow, Store

_ORDER = {"failed": 0, "late": 1, "unknown": 2, "ok": 3}
_RUNS = 10


@dataclass(frozen=True, slots=True)
class Suspect:
    """A job, how many hops before the dataset it writes, how it is, and what it writes there."""

    job: Label
    distance: int
    judgement: Judgement
    error: str | None
    datasets: tuple[Label, ...]

    def to_json(self) -> dict[str, Any]:
        run = self.judgement.run
        return {
            "job_id": self.job.id,
            "distance": self.distance,
            "health": self.judgement.health,
            "reason": self.judgement.reason,
            "error": self.error,
            "run": run_to_json(run) if run else None,
            "datasets": [dataset.id for dataset in self.datasets],
        }


@dataclass(frozen=True, slots=True)
class RootCause:
    """All jobs upstream; what is wrong comes first, the nearest first."""

    dataset: Label
    suspects: tuple[Suspect, ...]
    truncated: bool

    @property
    def problems(self) -> tuple[Suspect, ...]:
        return tuple(suspect for suspect in self.suspects if suspect.judgement.health in {"failed", "late"})

    def to_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.id,
            "problems": len(self.problems),
            "jobs": [suspect.to_json() for suspect in self.suspects],
            "truncated": self.truncated,
        }


def root_cause(
    store: Store, dataset: str | DatasetId, *, depth: int = 10, limit: int = 1000, at: int | None = None
) -> RootCause:
    """`at`: the moment that lateness is judged for, now if not said."""
    start = find_dataset(store, dataset)
    hood = neighbourhood(store, [start.node], ("upstream",), Bounds.of(depth, limit, None, "table"), Filters())
    writes = _writers(store, start.node, hood)
    runs = _runs(store, list(writes))
    details = store.latest(list(writes))
    entities = store.entities({start.node, *writes, *(node for nodes in writes.values() for node in nodes)})
    suspects = [
        Suspect(
            labels(entities, job),
            min(nodes.values()),
            judgement := judge(runs[job], now() if at is None else at),
            error_of(details[job][1]) if judgement.health == "failed" and job in details else None,
            tuple(sorted(labels(entities, node) for node in nodes)),
        )
        for job, nodes in writes.items()
    ]
    suspects.sort(key=lambda s: (_ORDER[s.judgement.health], s.distance, s.job.id))
    return RootCause(labels(entities, start.node), tuple(suspects), hood.truncated)


def _writers(store: Store, start: int, hood: Neighbourhood) -> Mapping[int, Mapping[int, int]]:
    """Job -> the datasets it writes, with their distances. Ports tell of jobs that write and read nothing."""
    distances = {start: 0, **hood.reached["upstream"]}
    node_of = nodes_by_member(store, distances)
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for edge in hood.edges:
        found[edge.job][edge.target] = distances[edge.target]
    for port in store.ports(datasets=list(node_of)):
        if port.direction == "w":
            found[port.job][node_of[port.dataset]] = distances[node_of[port.dataset]]
    return found


def _runs(store: Store, jobs: list[int]) -> Mapping[int, list[RunRow]]:
    found: defaultdict[int, list[RunRow]] = defaultdict(list)
    for run in store.runs(jobs, limit=_RUNS) if jobs else ():
        found[run.job].append(run)
    return found
