"""Jobs and their runs, and how many of Airflow's tasks are seen."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from airflow_provider_catalog.api.answers import Reading, answers
from airflow_provider_catalog.api.parameters import LONGEST, After, Count, Job, Limit, Namespace
from airflow_provider_catalog.api.schemas.job import CoverageAnswer, JobAnswer
from airflow_provider_catalog.api.schemas.run import JobRunsAnswer, RunAnswer
from airflow_provider_catalog.api.schemas.search import ListingAnswer
from airflow_provider_catalog.services.coverage import coverage
from airflow_provider_catalog.services.cursor import position
from airflow_provider_catalog.services.identity import find_entity
from airflow_provider_catalog.services.job import describe_job, describe_run
from airflow_provider_catalog.services.last_runs import runs_of_job
from airflow_provider_catalog.services.listing import listing

router = APIRouter(tags=["jobs"])

RunId = Annotated[str, Path(min_length=1, max_length=LONGEST, description="OpenLineage's id of the run")]


@router.get("/job", responses=answers(JobAnswer, 404))
async def job(*, ask: Reading, job: Job) -> Response:
    """All that is known of a job: what it reads and writes, its last runs, its SQL."""
    return await ask.answer(lambda store: describe_job(store, find_entity(store, job, ("job",))).to_json())


@router.get("/job/runs", responses=answers(JobRunsAnswer, 404))
async def runs(*, ask: Reading, job: Job, limit: Count = 20) -> Response:
    """Its last runs, newest first."""
    return await ask.answer(lambda store: runs_of_job(store, find_entity(store, job, ("job",)), limit).to_json())


@router.get("/run/{run_id:path}", responses=answers(RunAnswer, 404))
async def run(*, ask: Reading, run_id: RunId) -> Response:
    """A run with everything that its events told."""
    return await ask.answer(lambda store: describe_run(store, run_id).to_json())


@router.get("/jobs", responses=answers(ListingAnswer))
async def jobs(*, ask: Reading, namespace: Namespace = "", limit: Count = 100, after: After = "") -> Response:
    """All of them, page by page. A page may be short; go on while there is a `next`."""
    return await ask.answer(
        lambda store: listing(store, "job", namespace=namespace, limit=limit, after=position(after)).to_json()
    )


@router.get("/coverage", responses=answers(CoverageAnswer, 404))
async def covered(
    *,
    ask: Reading,
    dag: Annotated[str, Query(max_length=LONGEST, description="Only the tasks of this DAG")] = "",
    without: Annotated[bool, Query(description="List only tasks without lineage")] = False,
    limit: Annotated[Limit, Query(description="Tasks to list at most")] = 1_000,
) -> Response:
    """Which tasks have lineage, and why the others have none."""
    return await ask.answer(lambda store: coverage(store, dag=dag, without=without, limit=limit).to_json())
