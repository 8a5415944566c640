"""Runs of jobs."""

from __future__ import annotations

from typing import Literal

from airflow_provider_catalog.api.schemas.answer import Answer, Json, Time

State = Literal["OTHER", "START", "RUNNING", "COMPLETE", "ABORT", "FAIL"]


class RunShown(Answer):
    """A run as its events tell it."""

    run_id: str
    state: State
    started_at: Time | None
    ended_at: Time | None
    nominal_start: Time | None
    nominal_end: Time | None
    parent_run_id: str | None
    root_run_id: str | None


class RunOfJob(RunShown):
    """A run with its job."""

    job_id: str


class EventShown(Answer):
    """One event of a run, with what it alone told."""

    time: Time
    event: State
    producer: str
    complete: bool
    details: dict[str, Json]


class RunAnswer(RunOfJob):
    """A run with everything that its events told, in their order."""

    error: str | None
    sql: str | None
    events: list[EventShown]


class JobRunsAnswer(Answer):
    """The last runs of a job, newest first."""

    job: str
    runs: list[RunOfJob]


class DatasetRunsAnswer(Answer):
    """The last runs of the jobs that write a dataset, newest first."""

    dataset: str
    runs: list[RunOfJob]
