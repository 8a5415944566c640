"""The last runs of a job, or of the jobs that write a dataset, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.naming import Label, label, labels
from airflow_provider_catalog.services.runs import run_to_json
from airflow_provider_catalog.store.protocol import Entity, RunRow, Store

_WRITERS = 100
"""Only so many are asked, those that were seen to write last."""


@dataclass(frozen=True, slots=True)
class LastRuns:
    """`of`: what was asked for, a job or a dataset; each run with its job."""

    of: Label
    kind: str
    runs: tuple[tuple[Label, RunRow], ...]

    def to_json(self) -> dict[str, Any]:
        shown = [{"job_id": job.id, **run_to_json(run)} for job, run in self.runs]
        return {self.kind: self.of.id, "runs": shown}


def runs_of_job(store: Store, job: Entity, limit: int) -> LastRuns:
    shown = label(job)
    return LastRuns(shown, "job", tuple((shown, run) for run in store.runs([job.uid], limit=limit)))


def runs_of_dataset(store: Store, dataset: Entity, limit: int) -> LastRuns:
    """Under whichever of its names they write it."""
    members = store.members(dataset.node)
    ports = [port for port in store.ports(datasets=[each.uid for each in members]) if port.direction == "w"]
    newest = sorted(ports, key=lambda port: (-port.last_seen, port.job))
    jobs = list(dict.fromkeys(port.job for port in newest))[:_WRITERS]
    runs = sorted(store.runs(jobs, limit=limit) if jobs else (), key=_newest)[:limit]
    entities = store.entities({dataset.node, *jobs})
    return LastRuns(labels(entities, dataset.node), "dataset", tuple((labels(entities, r.job), r) for r in runs))


def _newest(run: RunRow) -> tuple[int, str]:
    known = [time for time in (run.started_at, run.ended_at, run.nominal_start) if time is not None]
    return -next(iter(known), 0), run.run_id
