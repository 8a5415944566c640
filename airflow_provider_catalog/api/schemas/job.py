"""Jobs, and how many of Airflow's tasks are seen."""

from __future__ import annotations

from pydantic import Field

from airflow_provider_catalog.api.schemas.answer import Answer
from airflow_provider_catalog.api.schemas.run import RunShown
from airflow_provider_catalog.api.schemas.word import TagShown, WinningWord


class JobAnswer(Answer):
    """A job with what it reads and writes now and its last runs, newest first."""

    job: str
    job_id: str
    name: str
    namespace: str
    job_type: str | None
    description: str
    owners: list[str]
    tags: list[TagShown]
    reads: list[str]
    writes: list[str]
    sql: str | None
    runs: list[RunShown]
    said: dict[str, WinningWord]


class OperatorCoverage(Answer):
    """The tasks of one class of operators."""

    operator: str | None
    tasks: int
    with_lineage: int
    without_lineage: int


class TaskCoverage(Answer):
    """A task, and why it has no lineage."""

    task: str
    operator: str | None
    has_lineage: bool
    reads: int
    writes: int
    reason: str | None


class CoverageAnswer(Answer):
    """Which tasks have lineage. The numbers count all; `tasks` lists as many as were asked for."""

    total: int
    with_lineage: int
    percent: int = Field(ge=0, le=100)
    operators: list[OperatorCoverage]
    tasks: list[TaskCoverage]
    truncated: bool
