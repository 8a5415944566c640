"""What is found, and what a text means."""

from __future__ import annotations

from pydantic import Field

from airflow_provider_catalog.api.schemas.answer import Answer, Next


class Result(Answer):
    """A dataset, a job or something else that has a name, in short."""

    id: str
    kind: str
    dataset_id: str | None = Field(description="The id, of datasets")
    canonical: str = Field(description="Of which dataset this is a name; mostly of itself")
    name: str
    type: str | None
    platform: str
    namespace: str
    database: str | None
    schema_: str | None = Field(alias="schema")
    description: str | None
    owner: str | None
    tags: list[str]


class ListingAnswer(Answer):
    """A page of all there are. While there is a `next` there may be more, however short the page is."""

    results: list[Result]
    next: Next


class SearchAnswer(Answer):
    """A page of what has a name that begins so."""

    query: str
    total_results: int | None = Field(description="Known at the end")
    results: list[Result]
    truncated: bool
    next: Next


class Suggestion(Answer):
    """One that may be meant."""

    id: str
    kind: str
    name: str
    platform: str


class SuggestAnswer(Answer):
    """The first by name."""

    query: str
    suggestions: list[Suggestion]


class AliasShown(Answer):
    """A rule by which `dataset` and `other` are one, or are not."""

    dataset: str
    other: str
    rule: str
    said_by: str | None
    same: bool


class StepShown(Answer):
    """One reason."""

    rule: str
    explanation: str


class ResolveAnswer(Answer):
    """Which dataset a text means, reason by reason."""

    text: str
    dataset: str
    platform: str
    members: list[str]
    steps: list[StepShown]
    rules: list[AliasShown]


class RegisteredName(Answer):
    """One name of a dataset, and the rules that make it one of its names."""

    dataset_id: str
    name: str
    platform: str
    namespace: str
    canonical: bool
    because: list[AliasShown]


class RegisteredAnswer(Answer):
    """All names of a dataset, and which others it is not, whatever sources say."""

    dataset: str
    registered_in: list[RegisteredName]
    distinct_from: list[AliasShown]


class NamespaceShown(Answer):
    """A namespace; those of datasets have a platform."""

    namespace: str
    platform: str | None


class NamespacesAnswer(Answer):
    """Sorted."""

    kind: str
    namespaces: list[NamespaceShown]
    truncated: bool
