"""The columns of datasets and how they changed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from airflow_provider_catalog.api.schemas.answer import Answer, Next, Time
from airflow_provider_catalog.api.schemas.word import TagShown

ChangeType = Literal["column_added", "column_removed", "type_changed", "nullability_changed", "key_changed"]


class ColumnStatisticsShown(Answer):
    """What was counted of the values of a column, as far as it was."""

    distinct_count: int | float | None = None
    null_count: int | float | None = None
    count: int | float | None = None
    sum: int | float | None = None
    average_length: int | float | None = None
    max_length: int | float | None = None
    true_count: int | float | None = None
    false_count: int | float | None = None
    min: int | float | str | None = Field(None, description="A text where a number would not be exact, and of dates")
    max: int | float | str | None = None
    said_by: str
    since: Time


class ColumnShown(Answer):
    """A column. Null: nobody said."""

    name: str = Field(description="Nested ones with dots")
    type: str
    nullable: bool | None
    primary_key: bool | None
    description: str
    tags: list[TagShown]
    statistics: ColumnStatisticsShown | None = Field(None, description="Where anybody counted")


class ColumnsAnswer(Answer):
    """A page of columns."""

    dataset: str
    total: int
    columns: list[ColumnShown]
    next: Next


class ColumnChange(Answer):
    """A column that is another than before, in words."""

    column: str
    before: str = Field(alias="from")
    after: str = Field(alias="to")


class SchemaChangeShown(Answer):
    """One difference. `from` is null for what came, `to` for what went."""

    change_type: ChangeType
    column: str
    before: str | None = Field(alias="from")
    after: str | None = Field(alias="to")
    breaking: bool = Field(description="Who reads the column as it was can no longer be sure to")


class VersionHeading(Answer):
    """Which version, since when, and whose word."""

    version: int
    since: Time
    said_by: str


class VersionShown(VersionHeading):
    """A version, and what it changed of the one before."""

    columns: int
    added: list[str]
    removed: list[str]
    changed: list[ColumnChange]
    changes: list[SchemaChangeShown]


class SchemaVersionsAnswer(Answer):
    """The newest version first."""

    dataset: str
    total: int
    versions: list[VersionShown]


class SchemaDiffAnswer(Answer):
    """What lies between two versions."""

    dataset: str
    before: VersionHeading = Field(alias="from")
    after: VersionHeading = Field(alias="to")
    compatible: bool = Field(description="No change is breaking")
    changes: list[SchemaChangeShown]
