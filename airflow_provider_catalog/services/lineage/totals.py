"""How much lies up and down of a start in all, and how sure that is."""

from __future__ import annotations

from airflow_provider_catalog.services.lineage.answer import Total
from airflow_provider_catalog.services.lineage.reach import Bounds, Neighbourhood
from airflow_provider_catalog.store.protocol import Direction, Store

BOTH: tuple[Direction, ...] = ("upstream", "downstream")


def count(
    store: Store, hood: Neighbourhood, bounds: Bounds, asked: tuple[Direction, ...], *, plain: bool
) -> dict[Direction, Total]:
    """As counted by upkeep where that has been done; else what the walk found, exact if it saw the end.

    `plain`: all edges were followed, as upkeep does. Upkeep counts datasets as they are today.
    """
    start = hood.starts[0]
    plain = plain and bounds.level == "table" and bounds.as_of is None
    computed = store.totals([start]).get(start) if plain else None
    if computed is None or computed.computed_at is None:
        return {way: _found(store, hood, bounds, way) for way in BOTH}
    known = {"upstream": computed.upstream, "downstream": computed.downstream}
    return {
        way: _at_least(known[way], _found(store, hood, bounds, way), computed.computed_at)
        if way in asked
        else Total(known[way], exact=True, as_of=computed.computed_at)
        for way in BOTH
    }


def _found(store: Store, hood: Neighbourhood, bounds: Bounds, way: Direction) -> Total:
    """What the walk found; a side that was not asked for is only counted."""
    distances, truncated = hood.reached.get(way), hood.truncated
    if distances is None:
        walked = store.walk(
            hood.starts, way, level=bounds.level, depth=bounds.depth, limit=bounds.limit, as_of=bounds.as_of
        )
        distances, truncated = walked.reached, walked.truncated
    return Total(len(distances), exact=not truncated and max(distances.values(), default=0) < bounds.depth)


def _at_least(computed: int, found: Total, computed_at: int) -> Total:
    """What we have just seen counts more than what upkeep counted a while ago."""
    if found.exact:
        return found
    return Total(computed, exact=True, as_of=computed_at) if computed >= found.count else found
