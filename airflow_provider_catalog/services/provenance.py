"""Whose word each aspect of a dataset or column is: who said it, of which of its names, since when, and who lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import ColumnId
from airflow_provider_catalog.model.statement import Origin
from airflow_provider_catalog.services.facts import Resolved, resolve
from airflow_provider_catalog.services.naming import Label, dataset_id, label
from airflow_provider_catalog.services.times import iso, maybe_iso
from airflow_provider_catalog.store.protocol import Entity, Fact, Store

_EDITS = 1_000


class Word(NamedTuple):
    """One producer's word. `actor`: the person behind it."""

    fact: Fact
    dataset: Label
    actor: str | None

    def to_json(self) -> dict[str, Any]:
        said = self.fact
        return {
            "value": said.value,
            "said_by": said.producer,
            "actor": self.actor,
            "origin": said.origin.name.lower(),
            "of": self.dataset.id,
            "since": iso(said.valid_from),
            "recorded_at": iso(said.recorded_at),
        }

    def life_to_json(self) -> dict[str, Any]:
        """Of words in a history, also how long they held."""
        ended = {"until": maybe_iso(self.fact.valid_to), "last_seen": maybe_iso(self.fact.last_seen)}
        return self.to_json() | ended


class Aspect(NamedTuple):
    """The word that counts, those that lost, and all that ever held, the newest first."""

    name: str
    word: Word
    others: tuple[Word, ...]
    history: tuple[Word, ...] | None

    def to_json(self) -> dict[str, Any]:
        found = {"aspect": self.name, **self.word.to_json(), "others": [other.to_json() for other in self.others]}
        return found if self.history is None else found | {"history": [word.life_to_json() for word in self.history]}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Of a dataset, or of one of its columns."""

    dataset: Label
    column: str
    aspects: tuple[Aspect, ...]

    def to_json(self) -> dict[str, Any]:
        column = {"column": self.column} if self.column else {}
        return {"dataset": self.dataset.id, **column, "aspects": [aspect.to_json() for aspect in self.aspects]}


def provenance(store: Store, found: Entity, *, column: str = "", history: int = 0) -> Provenance:
    """`history`: so many of the words that ever held for each aspect, the newest; none when 0."""
    members = store.members(found.node)
    subjects = {_subject(member, column): member for member in members}
    node = next((member for member in members if member.uid == found.node), found)
    words = resolve(store.facts(list(subjects)))
    if column and not words and not store.columns(list(subjects)):
        raise NotFoundError("column", f"{label(node).id}#{column}")
    speakers = _Speakers(store, subjects)
    aspects = tuple(_aspect(speakers, name, word, history) for name, word in words.items())
    return Provenance(label(node), column, aspects)


def _subject(member: Entity, column: str) -> int:
    return ColumnId(dataset_id(member), column).uid if column else member.uid


def _aspect(speakers: _Speakers, name: str, word: Resolved, history: int) -> Aspect:
    return Aspect(
        name,
        speakers.word(word.said),
        tuple(map(speakers.word, word.others)),
        speakers.history(name, history) if history else None,
    )


class _Speakers:
    """Facts, with the dataset they are said of and the person who said them."""

    def __init__(self, store: Store, subjects: Mapping[int, Entity]) -> None:
        self._store = store
        self._subjects = subjects
        self._people: dict[int, Mapping[int, str]] = {}

    def word(self, fact: Fact) -> Word:
        person = self._actors(fact.subject).get(fact.valid_from) if fact.origin is Origin.HUMAN else None
        return Word(fact, label(self._subjects[fact.subject]), person)

    def history(self, aspect: str, limit: int) -> tuple[Word, ...]:
        facts = [fact for uid in self._subjects for fact in self._store.history(uid, aspect)]
        return tuple(self.word(fact) for fact in _newest(facts)[:limit])

    def _actors(self, subject: int) -> Mapping[int, str]:
        """By the moment of the edit: read once for each subject that a person spoke of."""
        if subject not in self._people:
            edits = self._store.audit(subject, limit=_EDITS)
            self._people[subject] = {edit.time: str(edit.details["actor"]) for edit in edits if "actor" in edit.details}
        return self._people[subject]


def _newest(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (-fact.valid_from, fact.producer, fact.subject))
