"""All there is of a kind, page by page, in an order that does not change while one reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.cursor import cursor
from airflow_provider_catalog.services.naming import label
from airflow_provider_catalog.services.summary import Summary, summaries
from airflow_provider_catalog.store.protocol import Entity, Store

_AT_ONCE, _READS = 1_000, 20
"""So much is looked through for one page; then it is for who asked to go on."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. While there is a `next`, there may be more, however few these are."""

    results: tuple[Summary, ...]
    next: int | None

    def to_json(self) -> dict[str, Any]:
        return {"results": [each.to_json() for each in self.results], "next": cursor(self.next)}


def listing(
    store: Store, kind: str, *, namespace: str = "", platform: str = "", limit: int = 100, after: int = 0
) -> Listing:
    def fits(entity: Entity) -> bool:
        return namespace in {"", entity.namespace} and platform in {"", label(entity).platform}

    found, rest = _next(store, kind, fits, limit, after, _AT_ONCE if namespace or platform else limit + 1)
    return Listing(summaries(store, found), rest)


def _next(
    store: Store, kind: str, fits: Callable[[Entity], bool], limit: int, after: int, at_once: int
) -> tuple[list[Entity], int | None]:
    """The next that fit, and after which one to go on."""
    found: list[Entity] = []
    for _ in range(_READS):
        page = store.scan(kind, after=after, limit=at_once)
        if not page:
            return found, None
        found += filter(fits, page)
        if len(found) > limit:
            return found[:limit], found[limit - 1].uid
        after = page[-1].uid
    return found, after
