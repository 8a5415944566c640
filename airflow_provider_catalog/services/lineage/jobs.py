"""What is known of the jobs on the edges of an answer, read for all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.services.facts import Resolved, resolve, text
from airflow_provider_catalog.services.lineage.answer import Transformation
from airflow_provider_catalog.services.runs import job_type, sql_as_designed, sql_of
from airflow_provider_catalog.store.protocol import Fact, RunRow, Store

_ASPECTS = ("documentation", "jobType", "sql")


class Told(NamedTuple):
    """Of each job its facts and its latest run, and when each producer was last heard of it."""

    facts: Mapping[int, Collection[Fact]]
    latest: Mapping[int, tuple[RunRow, dict[str, Any]]]
    heard: Mapping[tuple[int, str], int]

    def transformations(self, names: Mapping[int, str]) -> dict[int, Transformation]:
        latest = self.latest.get
        return {job: _transformation(names[job], resolve(facts), latest(job)) for job, facts in self.facts.items()}


def read(store: Store, jobs: Collection[int], as_of: int | None) -> Told:
    """Runs and SQL are those of today, so a question about the past is answered without them."""
    facts: dict[int, list[Fact]] = {job: [] for job in jobs}
    for fact in store.facts(jobs, as_of=as_of, aspects=_ASPECTS) if jobs else ():
        facts[fact.subject].append(fact)
    return Told(facts, store.latest(jobs) if jobs and as_of is None else {}, store.heard(jobs))


def _transformation(
    job_id: str, facts: Mapping[str, Resolved], latest: tuple[RunRow, dict[str, Any]] | None
) -> Transformation:
    description = text(facts.get("documentation"), "description") or None
    designed = sql_as_designed(facts.get("sql"))
    if latest is None:
        return Transformation(job_id, job_type(facts.get("jobType")), description, sql=designed)
    run, details = latest
    last_run = run.ended_at if run.ended_at is not None else run.started_at
    return Transformation(job_id, job_type(facts.get("jobType")), description, last_run, sql_of(details) or designed)
