"""Answers about lineage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from airflow_provider_catalog.api.schemas.answer import Answer, Score, Time
from airflow_provider_catalog.api.schemas.run import RunShown

Criticality = Literal["low", "medium", "high", "critical"]
Direction = Literal["upstream", "downstream"]
EdgeRule = Literal["cartesian", "declared", "hook", "sql", "column_lineage", "explicit", "human"]
ColumnKind = Literal[
    "identity",
    "transformation",
    "aggregation",
    "filter",
    "join",
    "group_by",
    "sort",
    "window",
    "conditional",
    "influence",
]


class TransformationShown(Answer):
    """The job that makes one of the other. More than its name is told of the nearest."""

    job_id: str
    job_type: str | None
    description: str | None
    last_run: Time | None = None
    sql: str | None = None


class TableNode(Answer):
    """A dataset that was found, and the job by which the best known way leads there."""

    dataset_id: str
    name: str
    platform: str
    distance: int
    transformation: TransformationShown | None


class ColumnNode(TableNode):
    """The same for a column."""

    column: str


class TableEdge(Answer):
    """An edge between two things of the answer; ends that are columns are written `dataset#column`."""

    source: str
    target: str
    job: str
    producer: str
    rule: EdgeRule
    confidence: Score
    valid_from: Time
    valid_to: Time | None
    last_seen: Time | None


class ColumnLink(TableEdge):
    """What the target column has of the source column."""

    kind: ColumnKind
    transformation: str


class TableSides(Answer):
    """What was found, nearest first."""

    upstream: list[TableNode]
    downstream: list[TableNode]


class ColumnSides(Answer):
    """What was found, nearest first."""

    upstream: list[ColumnNode]
    downstream: list[ColumnNode]


class TotalShown(Answer):
    """Whether a total is exact, and of when."""

    exact: bool
    as_of: Time | None


class TotalsShown(Answer):
    """The same for both directions."""

    upstream: TotalShown
    downstream: TotalShown


class _Lineage(Answer):
    dataset: str
    total_upstream: int = Field(description="In all, not only what is shown")
    total_downstream: int
    totals: TotalsShown
    impact_score: Score
    criticality: Criticality
    truncated: bool = Field(description="There is more than `limit`")
    direction: Literal["upstream", "downstream", "both"]
    depth: int
    limit: int
    as_of: Time | None


class LineageAnswer(_Lineage):
    """What lies up and down of a dataset."""

    lineage: TableSides
    edges: list[TableEdge]
    column_edges: list[ColumnLink] | None = Field(None, description="With columns=true, if there are any")


class ColumnLineageAnswer(_Lineage):
    """What lies up and down of a column."""

    column: str
    lineage: ColumnSides
    edges: list[ColumnLink]


class HopShown(Answer):
    """One step of a path."""

    source: str
    target: str
    transformation: TransformationShown


class PathAnswer(Answer):
    """The shortest ways; `direction` and `length` are null when there is none."""

    source: str
    target: str
    direction: Direction | None
    length: int | None
    paths: list[list[HopShown]]
    truncated: bool
    as_of: Time | None


class DownstreamTotal(Answer):
    """Of the one direction that breaks."""

    downstream: TotalShown


class ReaderShown(Answer):
    """A job that reads and makes nothing of it: a dashboard, an export, a check."""

    job_id: str
    job_type: str | None
    reads: list[str] = Field(description="The dataset and what of it lies downstream, nearest first")
    owners: list[str]


class ImpactAnswer(Answer):
    """Who and what depends on a dataset, or on one column of it."""

    dataset: str
    column: str | None = None
    impact_score: Score
    criticality: Criticality
    total_downstream: int
    totals: DownstreamTotal
    owners: dict[str, list[str]] = Field(description="What of it is whose: datasets, and jobs that only read")
    jobs: list[str] = Field(description="Those that make something of it, and the readers")
    total_readers: int | None = Field(None, description="Of what is shown; of a column nobody knows")
    readers: list[ReaderShown] | None = Field(None, description="The nearest jobs that only read, `limit` at most")
    platforms: dict[str, int]
    downstream: list[ColumnNode | TableNode]
    truncated: bool


class NamesChange(Answer):
    """What came and what went."""

    added: list[str]
    removed: list[str]


class DiffEdge(Answer):
    """An edge that came or went."""

    source: str
    target: str
    job: str


class EdgesChange(Answer):
    """What came and what went."""

    added: list[DiffEdge]
    removed: list[DiffEdge]


class DiffAnswer(Answer):
    """What changed around a dataset between two moments."""

    dataset: str
    before: Time = Field(alias="from")
    after: Time = Field(alias="to")
    datasets: NamesChange
    edges: EdgesChange
    columns: NamesChange
    truncated: bool


class SuspectShown(Answer):
    """A job before the dataset, how it is, and why we say so."""

    job_id: str
    distance: int
    health: Literal["failed", "late", "ok", "unknown"]
    reason: str
    error: str | None
    run: RunShown | None
    datasets: list[str]


class RootCauseAnswer(Answer):
    """What may be why a dataset is wrong or late."""

    dataset: str
    problems: int = Field(description="How many of the jobs failed or are late")
    jobs: list[SuspectShown]
    truncated: bool
