"""What comes in, and what is answered to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Named(BaseModel):
    """A job or a dataset by its OpenLineage namespace and name."""

    model_config = ConfigDict(extra="allow")

    namespace: str = Field(min_length=1, max_length=2_000)
    name: str = Field(min_length=1, max_length=2_000)
    facets: dict[str, Any] = Field(default_factory=dict)


class Run(BaseModel):
    """A run by its OpenLineage id."""

    model_config = ConfigDict(extra="allow")

    runId: str = Field(min_length=1, max_length=200)  # noqa: N815  OpenLineage's name
    facets: dict[str, Any] = Field(default_factory=dict)


class OpenLineageEvent(BaseModel):
    """A RunEvent, DatasetEvent or JobEvent. What else it holds is kept, too."""

    model_config = ConfigDict(extra="allow")

    eventTime: datetime  # noqa: N815  OpenLineage's name
    producer: str = Field(min_length=1, max_length=2_000)
    schemaURL: str = ""  # noqa: N815  OpenLineage's name
    eventType: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] | None = None  # noqa: N815  as above
    run: Run | None = None
    job: Named | None = None
    dataset: Named | None = None
    inputs: list[Named] = Field(default_factory=list)
    outputs: list[Named] = Field(default_factory=list)


class Acceptance(BaseModel):
    """`merged`: answers know of it already; `accepted`: they will, and it is durable."""

    model_config = ConfigDict(extra="forbid")

    id: str
    status: Literal["accepted", "merged"]


class Summary(BaseModel):
    """How many events came, and what became of them."""

    model_config = ConfigDict(extra="forbid")

    received: int
    successful: int
    failed: int
    retriable: int
    non_retriable: int


class FailedEvent(BaseModel):
    """An event that was refused, by its place in the batch."""

    model_config = ConfigDict(extra="forbid")

    index: int
    reason: str
    retriable: bool


class BatchAcceptance(BaseModel):
    """What of a batch is durable now; `failed_events` tells of the others by their place in it."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["success", "partial_success", "failure"]
    summary: Summary
    failed_events: list[FailedEvent]


class RegisteredColumn(BaseModel):
    """A column with what is said of it."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1, max_length=2_000)
    type: str | None = None
    nullable: bool | None = None
    primary_key: bool | None = None
    description: str | None = None


class Registering(BaseModel):
    """The job that makes the dataset of its upstream ones."""

    model_config = ConfigDict(extra="allow")

    job_id: str | None = None
    namespace: str | None = None
    sql: str | None = None


class RegisteredDataset(BaseModel):
    """A dataset with what its owner says of it. With `upstream_datasets` that is all that it is made of."""

    model_config = ConfigDict(extra="allow")

    dataset_id: str = Field(min_length=1, max_length=4_000)
    name: str | None = None
    type: str | None = None
    platform: str | None = None
    database: str | None = None
    schema_: str | None = Field(None, alias="schema")
    description: str | None = None
    owner: str | None = None
    tags: list[str] | None = None
    columns: list[RegisteredColumn] | None = None
    upstream_datasets: list[str] | None = None
    transformation: Registering | None = None


class RegistrationAnswer(BaseModel):
    """Version and time are null while it is accepted and not merged yet."""

    model_config = ConfigDict(extra="forbid")

    dataset_id: str
    status: Literal["registered", "accepted"]
    version: int | None
    created_at: datetime | None
    indexed: bool
