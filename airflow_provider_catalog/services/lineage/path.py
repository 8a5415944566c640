"""How one dataset gets to another: the shortest ways, with the jobs on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.lineage.answer import Transformation
from airflow_provider_catalog.services.lineage.jobs import read
from airflow_provider_catalog.services.lineage.reach import MAX_DEPTH, MAX_LIMIT, Distances, strength
from airflow_provider_catalog.services.naming import Label, labels
from airflow_provider_catalog.services.times import maybe_iso
from airflow_provider_catalog.store.protocol import Direction, Entity, LineageEdge, Store


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path: the job that makes `target` of `source`."""

    source: Label
    target: Label
    transformation: Transformation

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source.id, "target": self.target.id, "transformation": self.transformation.to_json()}


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """`direction` is "downstream" when data flows from the first dataset to the second, "upstream" when it flows back.

    None when neither. `complete`: no shorter or other path of this length was overlooked.
    """

    source: Label
    target: Label
    direction: Direction | None
    paths: tuple[tuple[Hop, ...], ...]
    complete: bool
    as_of: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source.id,
            "target": self.target.id,
            "direction": self.direction,
            "length": len(self.paths[0]) if self.paths else None,
            "paths": [[hop.to_json() for hop in hops] for hops in self.paths],
            "truncated": not self.complete,
            "as_of": maybe_iso(self.as_of),
        }


@dataclass(frozen=True, slots=True)
class _Search:
    store: Store
    depth: int
    limit: int
    as_of: int | None

    def ball(self, start: int, way: Direction) -> tuple[Distances, bool]:
        walked = self.store.walk([start], way, depth=self.depth, limit=self.limit, as_of=self.as_of)
        return {start: 0, **walked.reached}, walked.truncated

    def back(self, ring: set[int], ball: Distances, way: Direction) -> Iterator[LineageEdge]:
        """The edges on the shortest ways from a ring of one ball to its centre."""
        while ring and (distance := ball[next(iter(ring))]):
            edges = self.store.neighbours(ring, way, as_of=self.as_of)
            closer = [(e.source if way == "upstream" else e.target, e) for e in edges]
            closer = [(near, e) for near, e in closer if ball.get(near) == distance - 1]
            yield from (e for _, e in closer)
            ring = {near for near, _ in closer}


def path(
    store: Store,
    source: str | DatasetId,
    target: str | DatasetId,
    *,
    paths: int = 5,
    depth: int = MAX_DEPTH,
    limit: int = MAX_LIMIT,
    as_of: int | None = None,
) -> PathAnswer:
    """Downstream if there is a way, else upstream. Two bounded walks meet, so that long ways are found as well."""
    first, second = find_dataset(store, source), find_dataset(store, target)
    search = _Search(store, depth, limit, as_of)
    ends = {entity.uid: entity for entity in store.entities([first.node, second.node]).values()}
    start, end = labels(ends, first.node), labels(ends, second.node)
    if first.node == second.node:
        return PathAnswer(start, end, None, (), complete=True, as_of=as_of)
    complete = True
    orders: tuple[tuple[Direction, int, int], ...] = (
        ("downstream", first.node, second.node),
        ("upstream", second.node, first.node),
    )
    for direction, a, b in orders:
        edges, whole = _shortest(search, a, b)
        complete = complete and whole
        if edges:
            found = tuple(islice(_unfold(edges, a, b), paths))
            return PathAnswer(start, end, direction, _hops(store, found, as_of), complete=whole, as_of=as_of)
    return PathAnswer(start, end, None, (), complete=complete, as_of=as_of)


def _shortest(search: _Search, a: int, b: int) -> tuple[list[LineageEdge], bool]:
    """The edges of all shortest paths from a to b, and whether there can be no shorter one."""
    down, cut_down = search.ball(a, "downstream")
    up, cut_up = search.ball(b, "upstream")
    common = down.keys() & up.keys()
    if not common:
        return [], not (cut_down and cut_up)
    length = min(down[node] + up[node] for node in common)
    middle = max(down[node] for node in common if down[node] + up[node] == length and down[node] <= (length + 1) // 2)
    ring = {node for node in common if down[node] == middle and up[node] == length - middle}
    return [*search.back(ring, down, "upstream"), *search.back(ring, up, "downstream")], not (cut_down or cut_up)


def _unfold(edges: list[LineageEdge], a: int, b: int) -> Iterator[tuple[LineageEdge, ...]]:
    """Path by path, the best known edge of each pair. All edges lie on shortest paths, so no way is a dead end."""
    best: dict[tuple[int, int], LineageEdge] = {}
    for edge in edges:
        known = best.get((edge.source, edge.target))
        if known is None or strength(edge) > strength(known):
            best[edge.source, edge.target] = edge
    onward: defaultdict[int, list[LineageEdge]] = defaultdict(list)
    for _, edge in sorted(best.items()):
        onward[edge.source].append(edge)
    stack: list[tuple[LineageEdge, ...]] = [(edge,) for edge in reversed(onward[a])]
    while stack:
        way = stack.pop()
        if way[-1].target == b:
            yield way
        else:
            stack += [(*way, edge) for edge in reversed(onward[way[-1].target])]


def _hops(store: Store, found: tuple[tuple[LineageEdge, ...], ...], as_of: int | None) -> tuple[tuple[Hop, ...], ...]:
    edges = [edge for way in found for edge in way]
    jobs = list(dict.fromkeys(edge.job for edge in edges))
    entities: Mapping[int, Entity] = store.entities({*jobs, *(end for e in edges for end in (e.source, e.target))})
    done = read(store, jobs, as_of).transformations({job: labels(entities, job).id for job in jobs})
    return tuple(
        tuple(Hop(labels(entities, e.source), labels(entities, e.target), done[e.job]) for e in way) for way in found
    )
