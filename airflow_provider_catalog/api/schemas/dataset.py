"""All that is known of one dataset."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from airflow_provider_catalog.api.schemas.answer import Answer, Score, Time
from airflow_provider_catalog.api.schemas.lineage import Criticality
from airflow_provider_catalog.api.schemas.schema import ColumnShown, VersionShown
from airflow_provider_catalog.api.schemas.word import TagShown, WinningWord


class CountShown(Answer):
    """What was counted."""

    row_count: int | None
    size_bytes: int | None
    file_count: int | None
    at: Time | None
    run_id: str | None = Field(description="Null: the dataset says it of itself")


class StatisticsShown(Answer):
    """How much there is, where a run has counted it."""

    column_count: int
    row_count: int | None
    size_bytes: int | None
    counted: CountShown | None = Field(description="The dataset as it was found")
    last_write: CountShown | None = Field(description="What the last run wrote, which may be a part of it")


class UseShown(Answer):
    """A job that reads or writes it."""

    job_id: str
    how: Literal["reads", "writes"]
    since: Time
    last_seen: Time
    said_by: list[str]


class EditShown(Answer):
    """When somebody last edited it."""

    time: Time
    by: str | None


class LinkShown(Answer):
    """A page of a console."""

    name: str
    url: str


class DatasetAnswer(Answer):
    """A dataset. Null: not stated, and not to be concluded from what was."""

    dataset: str
    dataset_id: str
    name: str
    type: str | None = Field(description="table, view, topic …")
    platform: str
    namespace: str
    database: str | None
    schema_: str | None = Field(alias="schema")
    exists: bool
    created_at: Time | None = Field(description="Since when it is known to exist")
    last_updated: Time | None = Field(description="When a job was last seen to write it")
    last_schema_change: Time | None
    description: str
    owner: str | None = Field(description="The first of the owners")
    owners: list[str]
    location: str
    tags: list[TagShown]
    classification: str | None = Field(description="What the tag `classification` says")
    statistics: StatisticsShown
    columns: list[ColumnShown]
    schema_versions: list[VersionShown] = Field(description="The oldest first")
    jobs: list[UseShown]
    members: list[str] = Field(description="All its names")
    links: list[LinkShown] = Field(description="Where it is looked at in the console of its cloud")
    total_upstream: int | None = Field(None, description="Once upkeep has counted, as the next three")
    total_downstream: int | None = None
    impact_score: Score | None = None
    criticality: Criticality | None = None
    edits: list[EditShown]
    said: dict[str, WinningWord] = Field(description="By aspect, under the names that producers use")
