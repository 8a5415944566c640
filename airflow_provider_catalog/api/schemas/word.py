"""Whose word something is."""

from __future__ import annotations

from pydantic import Field

from airflow_provider_catalog.api.schemas.answer import Answer, Json, Origin, Time


class Word(Answer):
    """What one producer says. A human's word wins over a source's, then the newest."""

    value: Json
    said_by: str
    origin: Origin
    since: Time


class WinningWord(Word):
    """The word that counts, with those that lost."""

    others: list[Word]


class TagShown(Answer):
    """A tag that is on."""

    key: str
    value: str
    said_by: str
    origin: Origin
    since: Time


class ProvenWord(Word):
    """A word with all that is known about it."""

    actor: str | None = Field(description="The person who said it")
    of: str = Field(description="Of which of its names it was said")
    recorded_at: Time


class PastWord(ProvenWord):
    """A word that held once; one that is null was taken back."""

    until: Time | None = Field(description="Null: it still holds")
    last_seen: Time | None


class ProvenAspect(ProvenWord):
    """One aspect, such as documentation or ownership: the word that counts, those that lost, those that were."""

    aspect: str
    others: list[ProvenWord]
    history: list[PastWord] | None = Field(None, description="With history=true, the newest first")


class ProvenanceAnswer(Answer):
    """Whose word each aspect is."""

    dataset: str
    column: str | None = None
    aspects: list[ProvenAspect]
