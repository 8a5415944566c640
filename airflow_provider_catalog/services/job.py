"""All that is known of one job, and of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.services.facts import TAG, Resolved, Tag, owners, resolve, tags, text
from airflow_provider_catalog.services.naming import Label, label, labels
from airflow_provider_catalog.services.runs import error_of, job_type, run_to_json, sql_as_designed, sql_of
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Entity, RunRow, StatementRow, Store


@dataclass(frozen=True, slots=True)
class JobDescription:
    """A job with what it reads and writes now and its last runs, newest first."""

    job: Label
    aspects: Mapping[str, Resolved]
    tags: tuple[Tag, ...]
    reads: tuple[Label, ...]
    writes: tuple[Label, ...]
    runs: tuple[RunRow, ...]
    sql: str | None

    @property
    def description(self) -> str:
        return text(self.aspects.get("documentation"), "description")

    @property
    def type(self) -> str:
        return job_type(self.aspects.get("jobType")) or ""

    @property
    def owners(self) -> list[str]:
        return owners(self.aspects.get("ownership"))

    def to_json(self) -> dict[str, Any]:
        return {
            "job": self.job.id,
            "job_id": self.job.id,
            "name": self.job.name,
            "namespace": self.job.namespace,
            "job_type": self.type or None,
            "description": self.description,
            "owners": self.owners,
            "tags": [tag.to_json() for tag in self.tags],
            "reads": [dataset.id for dataset in self.reads],
            "writes": [dataset.id for dataset in self.writes],
            "sql": self.sql,
            "runs": [run_to_json(run) for run in self.runs],
            "said": {aspect: resolved.to_json() for aspect, resolved in self.aspects.items()},
        }


@dataclass(frozen=True, slots=True)
class RunDescription:
    """A run with everything its events told, in their order."""

    run: RunRow
    job: Label
    statements: tuple[StatementRow, ...]

    @property
    def error(self) -> str | None:
        return next((said for s in reversed(self.statements) if (said := error_of(s.details))), None)

    @property
    def sql(self) -> str | None:
        return next((said for s in reversed(self.statements) if (said := sql_of(s.details))), None)

    def to_json(self) -> dict[str, Any]:
        return {
            **run_to_json(self.run),
            "job_id": self.job.id,
            "error": self.error,
            "sql": self.sql,
            "events": [_event(statement) for statement in self.statements],
        }


def describe_job(store: Store, job: Entity, *, runs: int = 10) -> JobDescription:
    facts = store.facts([job.uid])
    aspects = {
        aspect: word for aspect, word in resolve(facts).items() if aspect != "tags" and not aspect.startswith(TAG)
    }
    designed = sql_as_designed(aspects.pop("sql", None))
    ports = store.ports(jobs=[job.uid])
    entities = store.entities({port.dataset for port in ports})
    sides = {
        side: tuple(sorted({labels(entities, port.dataset) for port in ports if port.direction == side}))
        for side in "rw"
    }
    latest = store.latest([job.uid]).get(job.uid)
    return JobDescription(
        job=label(job),
        aspects=aspects,
        tags=tags(facts),
        reads=sides["r"],
        writes=sides["w"],
        runs=tuple(store.runs([job.uid], limit=runs)),
        sql=(sql_of(latest[1]) if latest else None) or designed,
    )


def describe_run(store: Store, run_id: str) -> RunDescription:
    found = store.run(run_id)
    if found is None:
        raise NotFoundError(
            "run", run_id, "runs are named by their OpenLineage run id; `show` of a job lists its last ones"
        )
    run, statements = found
    return RunDescription(run, labels(store.entities([run.job]), run.job), tuple(statements))


def _event(statement: StatementRow) -> dict[str, Any]:
    return {
        "time": iso(statement.time),
        "event": Event(statement.event).name,
        "producer": statement.producer,
        "complete": statement.complete,
        "details": statement.details,
    }
