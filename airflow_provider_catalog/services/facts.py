"""Which word counts: of all that is said about one thing, the one that wins, and the ones that lose.

A human's word wins over a source's, that over a classifier's, that over a propagated one. Within one origin the newest
wins, and of two at one instant the producer that comes first by name, so that the order of arrival never counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Fact

TAG = "tag:"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A value, whose word it is, and the words that lost, the nearest first."""

    value: Json
    said: Fact
    others: tuple[Fact, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, **_who(self.said), "others": [{"value": f.value, **_who(f)} for f in self.others]}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that is on, and who put it there."""

    key: str
    value: str
    said: Fact

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "value": self.value, **_who(self.said)}


def _who(fact: Fact) -> dict[str, Any]:
    return {"said_by": fact.producer, "origin": fact.origin.name.lower(), "since": iso(fact.valid_from)}


def by_precedence(facts: Iterable[Fact]) -> list[Fact]:
    """The winner first. What was taken back is nobody's word any more."""
    stated = [fact for fact in facts if fact.value is not None]
    return (
        stated
        if len(stated) < 2
        else sorted(stated, key=lambda fact: (-fact.origin, -fact.valid_from, fact.producer, fact.subject))
    )


def resolve(facts: Iterable[Fact]) -> dict[str, Resolved]:
    """The winning word for each aspect that anybody speaks of."""
    spoken: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        spoken[fact.aspect].append(fact)
    found = {aspect: by_precedence(said) for aspect, said in sorted(spoken.items())} if spoken else {}
    return {aspect: Resolved(said[0].value, said[0], tuple(said[1:])) for aspect, said in found.items() if said}


def tags(facts: Iterable[Fact]) -> tuple[Tag, ...]:
    """Tags add up over producers; for each key the winning word says whether it is on, and its value."""
    spoken: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        for key, value in _stated_tags(fact):
            spoken[key].append(fact._replace(value=value))
    won = {key: by_precedence(said)[0] for key, said in sorted(spoken.items())}
    return tuple(
        Tag(key, str(fact.value.get("value") or ""), fact)
        for key, fact in won.items()
        if isinstance(fact.value, dict) and not fact.value.get("removed")
    )


def _stated_tags(fact: Fact) -> list[tuple[str, Json]]:
    if fact.aspect.startswith(TAG):
        return [] if fact.value is None else [(fact.aspect.removeprefix(TAG), fact.value)]
    if fact.aspect != "tags" or not isinstance(fact.value, dict):
        return []
    return [(str(tag["key"]), tag) for tag in fact.value.get("tags") or [] if isinstance(tag, dict) and tag.get("key")]


def text(resolved: Resolved | None, key: str) -> str:
    """One text out of a value that is an object, or nothing."""
    value = resolved.value if resolved else None
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def owners(resolved: Resolved | None) -> list[str]:
    value = resolved.value if resolved else None
    stated = value.get("owners") if isinstance(value, dict) else None
    return [str(owner["name"]) for owner in stated or [] if isinstance(owner, dict) and owner.get("name")]
