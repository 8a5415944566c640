"""What is known of the jobs on the edges of an answer, read for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_catalog.services.facts import Resolved, resolve, text
from airflow_provider_catalog.services.lineage.answer import Transformation
from airflow_provider_catalog.services.runs import job_type, sql_of
from airflow_provider_catalog.store.protocol import Fact, RunRow, Store

_ASPECTS = ("documentation", "jobType")


def transformations(
    store: Store, jobs: Sequence[int], names: Mapping[int, str], as_of: int | None
) -> dict[int, Transformation]:
    """Runs and SQL are those of today, so a question about the past is answered without them."""
    latest = store.latest(jobs) if jobs and as_of is None else {}
    stated: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(jobs, as_of=as_of, aspects=_ASPECTS) if jobs else ():
        stated[fact.subject].append(fact)
    return {job: _transformation(names[job], resolve(stated[job]), latest.get(job)) for job in jobs}


def _transformation(
    job_id: str, facts: Mapping[str, Resolved], latest: tuple[RunRow, dict[str, Any]] | None
) -> Transformation:
    description = text(facts.get("documentation"), "description") or None
    if latest is None:
        return Transformation(job_id, job_type(facts.get("jobType")), description)
    run, details = latest
    last_run = run.ended_at if run.ended_at is not None else run.started_at
    return Transformation(job_id, job_type(facts.get("jobType")), description, last_run, sql_of(details))
