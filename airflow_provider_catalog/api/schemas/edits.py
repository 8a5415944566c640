"""What people say by hand, and what is answered to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=2_000)]


class Subject(BaseModel):
    """One dataset, one of its columns, or one job: by its id, or by a name that only one has."""

    model_config = ConfigDict(extra="forbid")

    dataset: str = Field("", max_length=4_000)
    column: str = Field("", max_length=2_000)
    job: str = Field("", max_length=4_000)


class EditRequest(BaseModel):
    """What is not given stays as it is. `tags`: null turns a tag off, whoever says it is on. `unset` takes your word
    back, so that what sources say counts again: `owner`, `description`, `tag:KEY`.
    """

    model_config = ConfigDict(extra="forbid")

    subject: Subject
    description: str | None = Field(None, max_length=65_536)
    owners: list[Name] | None = Field(None, max_length=1_000)
    tags: dict[Name, Annotated[str, Field(max_length=2_000)] | None] = Field(default_factory=dict, max_length=1_000)
    unset: list[Name] = Field(default_factory=list, max_length=1_000)
    merge_into: str = Field("", max_length=4_000, description="The dataset that the subject is")
    split_from: str = Field("", max_length=4_000, description="The dataset that the subject is not")
    reason: str = Field("", max_length=10_000)


class UndoRequest(BaseModel):
    """Why, for whoever wonders later."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=10_000)


class EditAnswer(BaseModel):
    """`applied`: answers know of it already; `accepted`: they will, and it is durable."""

    model_config = ConfigDict(extra="forbid")

    id: str
    status: Literal["accepted", "applied"]


class SaidSubject(BaseModel):
    """`id`: of the dataset, the job or whatever it is; of a column, that of its dataset."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    id: str
    column: str | None


class Said(BaseModel):
    """A value of null takes back what was said before."""

    model_config = ConfigDict(extra="forbid")

    subject: SaidSubject
    aspect: str
    value: Any


class Edit(BaseModel):
    """`undoes`: the id of the edit that this one took back."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(description="For undoing it; null where it came in another way than as an edit")
    time: datetime
    actor: str
    reason: str | None
    said: list[Said]
    undoes: str | None


class Edits(BaseModel):
    """Newest first."""

    model_config = ConfigDict(extra="forbid")

    edits: list[Edit]


class DeadLetter(BaseModel):
    """What was accepted and could not be read, with the reason and its beginning."""

    model_config = ConfigDict(extra="forbid")

    id: str
    recorded_at: datetime
    kind: str
    producer: str
    sender: str = Field(description="Who sent it over HTTP; empty where it came another way")
    reason: str
    head: str


class DeadLetters(BaseModel):
    """Oldest first."""

    model_config = ConfigDict(extra="forbid")

    dead_letters: list[DeadLetter]


class Retried(BaseModel):
    """How many were read again, and what became of them."""

    model_config = ConfigDict(extra="forbid")

    tried: int
    merged: int
    still_dead: int
