"""From what the store found to what is asked for: distances, edges that count, the way each node was reached."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain, islice
from typing import Any, TypeAlias

from airflow_provider_catalog.services.naming import Label
from airflow_provider_catalog.store.protocol import Direction, Level, LineageEdge, Store, Walk

MAX_DEPTH = 50
MAX_LIMIT = 10_000
_WIDER = 10
Distances: TypeAlias = dict[int, int]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show and which edges to follow.

    Datasets are shown when they match; the way to them may lead through others. Edges that are less certain than
    `min_confidence` are not followed at all, nor, at column level and unless `influences`, those that only say that a
    column had a say in which rows there are.
    """

    platforms: Collection[str] = ()
    namespaces: Collection[str] = ()
    name: str = ""
    min_confidence: float = 0.0
    influences: bool = True

    @property
    def hides(self) -> bool:
        return bool(self.platforms or self.namespaces or self.name)

    @property
    def prunes(self) -> bool:
        return self.min_confidence > 0 or not self.influences

    def shows(self, label: Label) -> bool:
        return (
            (not self.platforms or label.platform in self.platforms)
            and (not self.namespaces or label.namespace in self.namespaces)
            and (not self.name or fnmatchcase(label.id, self.name) or fnmatchcase(label.name, self.name))
        )

    def follows(self, edge: LineageEdge) -> bool:
        return edge.confidence >= self.min_confidence and (self.influences or edge.kind is None or edge.kind.direct)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far to look. Never without an end: too much is cut to the most there may be."""

    depth: int
    limit: int
    as_of: int | None
    level: Level

    @classmethod
    def of(cls, depth: int, limit: int, as_of: int | None, level: Level) -> Bounds:
        return cls(min(max(depth, 1), MAX_DEPTH), min(max(limit, 1), MAX_LIMIT), as_of, level)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Nodes with their distances in each direction, and all edges among them."""

    starts: tuple[int, ...]
    reached: Mapping[Direction, Distances]
    edges: list[LineageEdge]
    truncated: bool

    def nodes(self) -> set[int]:
        return {node for distances in self.reached.values() for node in distances}


def neighbourhood(
    store: Store, starts: Collection[int], directions: Iterable[Direction], bounds: Bounds, filters: Filters
) -> Neighbourhood:
    """One read for each direction and one for the edges, whatever the size."""
    limit = min(bounds.limit * _WIDER, MAX_LIMIT) if filters.hides or filters.prunes else bounds.limit
    walks = _walks(store, starts, directions, bounds, limit)
    reached, cut = _nearest(walks, limit)
    nodes = {*starts, *(node for distances in reached.values() for node in distances)}
    edges = store.edges(nodes, level=bounds.level, as_of=bounds.as_of)
    if filters.prunes:
        edges = [edge for edge in edges if filters.follows(edge)]
        reached = {way: _distances(edges, starts, way, bounds.depth) for way in reached}
        kept = {*starts, *(node for distances in reached.values() for node in distances)}
        edges = [edge for edge in edges if edge.source in kept and edge.target in kept]
    return Neighbourhood(tuple(starts), reached, edges, cut)


def _walks(
    store: Store, starts: Collection[int], directions: Iterable[Direction], bounds: Bounds, limit: int
) -> dict[Direction, Walk]:
    """Where one direction alone is too much, no more is asked of the next than could still be among the nearest."""
    found: dict[Direction, Walk] = {}
    depth = bounds.depth
    for way in directions:
        walk = store.walk(starts, way, level=bounds.level, depth=depth, limit=limit, as_of=bounds.as_of)
        found[way] = walk
        if walk.truncated and walk.reached:
            depth = min(depth, next(reversed(walk.reached.values())))
    return found


def _nearest(walks: Mapping[Direction, Walk], limit: int) -> tuple[dict[Direction, Distances], bool]:
    """Of what lies in all directions together, the nearest, and whether there is more.

    Walks come nearest first, so of each only the beginning is kept: all that is nearer than the last that fits, and of
    what is as far as that, as much as there is room for.
    """
    hops = {way: list(walk.reached.values()) for way, walk in walks.items()}
    everything = sorted(chain(*hops.values()))
    if len(everything) <= limit:
        return {way: walk.reached for way, walk in walks.items()}, any(walk.truncated for walk in walks.values())
    last = everything[limit - 1]
    room = limit - bisect_left(everything, last)
    kept: dict[Direction, Distances] = {}
    for way, walk in walks.items():
        nearer = bisect_left(hops[way], last)
        as_far = min(bisect_right(hops[way], last) - nearer, room)
        room -= as_far
        kept[way] = dict(islice(walk.reached.items(), nearer + as_far))
    return kept, True


def _distances(edges: list[LineageEdge], starts: Collection[int], way: Direction, depth: int) -> Distances:
    """How far each node is when only these edges are followed."""
    beside: defaultdict[int, list[int]] = defaultdict(list)
    for edge in edges:
        near, far = (edge.target, edge.source) if way == "upstream" else (edge.source, edge.target)
        beside[near].append(far)
    found = dict.fromkeys(starts, 0)
    ring = list(starts)
    for distance in range(1, depth + 1):
        ring = [far for far in dict.fromkeys(far for near in ring for far in beside[near]) if far not in found]
        found.update(dict.fromkeys(ring, distance))
    return {node: distance for node, distance in found.items() if distance}


def ways(hood: Neighbourhood, way: Direction) -> dict[int, LineageEdge]:
    """For each node the best known edge by which it was reached from one hop closer to the start."""
    distances = hood.reached[way]
    at = {**distances, **dict.fromkeys(hood.starts, 0)}
    best: dict[int, LineageEdge] = {}
    up = way == "upstream"
    for edge in hood.edges:
        near, far = (edge.target, edge.source) if up else (edge.source, edge.target)
        distance = distances.get(far)
        if distance is not None and at.get(near) == distance - 1:
            known = best.get(far)
            if known is None or strength(edge) > strength(known):
                best[far] = edge
    return best


def strength(edge: LineageEdge) -> tuple[Any, ...]:
    """How sure an edge is, then whether its job still says so, then which is newer. The last three only so that the
    choice is always the same.
    """
    still = edge.last_seen is None
    return (edge.rule, edge.confidence, still, edge.valid_from, edge.job, edge.source, edge.target)
