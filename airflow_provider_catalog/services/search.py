"""Find by name: for now, by how the name begins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.grammar import storable
from airflow_provider_catalog.services.cursor import cursor
from airflow_provider_catalog.services.naming import label
from airflow_provider_catalog.services.summary import Summary, summaries
from airflow_provider_catalog.store.protocol import Entity, Store

KINDS = ("dataset", "job")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what begins so, the first after so many. `truncated`: there is more."""

    prefix: str
    results: tuple[Summary, ...]
    truncated: bool
    after: int = 0

    @property
    def entities(self) -> tuple[Entity, ...]:
        return tuple(each.entity for each in self.results)

    @property
    def next(self) -> int | None:
        return self.after + len(self.results) if self.truncated else None

    @property
    def total(self) -> int | None:
        """Known when this is the end of it."""
        ended = not self.truncated and (self.results or not self.after)
        return self.after + len(self.results) if ended else None

    def to_json(self) -> dict[str, Any]:
        return {
            "query": self.prefix,
            "total_results": self.total,
            "results": [each.to_json() for each in self.results],
            "truncated": self.truncated,
            "next": cursor(self.next),
        }


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What somebody who has typed so much may mean."""

    prefix: str
    entities: tuple[Entity, ...]

    def to_json(self) -> dict[str, Any]:
        shown = [(each.kind, label(each)) for each in self.entities]
        return {
            "query": self.prefix,
            "suggestions": [
                {"id": name.id, "kind": kind, "name": name.name, "platform": name.platform} for kind, name in shown
            ],
        }


def search(store: Store, prefix: str, *, kinds: Collection[str] = KINDS, limit: int = 50, after: int = 0) -> Found:
    found = store.find(prefix, kinds=kinds, limit=limit + 1, after=after)
    return Found(storable(prefix), summaries(store, found[:limit]), len(found) > limit, after)


def suggest(store: Store, prefix: str, *, kinds: Collection[str] = KINDS, limit: int = 10) -> Suggestions:
    """One read: it is asked at every key."""
    return Suggestions(storable(prefix), tuple(store.find(prefix, kinds=kinds, limit=limit)))
