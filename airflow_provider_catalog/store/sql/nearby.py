"""Edges that were read before, by the node they end in: the graph as it is now, as far as answers have been there.

A number in the store goes up when an edge of now begins, ends or moves; then all is forgotten. While the number is the
same, a walk is a matter of dicts. The past, and nodes with too many edges, are left to the database. What is kept is
kept as bytes: a fifth of the memory, and nothing for the garbage collector to walk.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from itertools import chain, islice
from struct import Struct
from threading import Lock
from typing import TypeVar

from sqlalchemy import Connection

from airflow_provider_catalog.store.protocol import Direction, Level, LineageEdge, Walk
from airflow_provider_catalog.store.sql import lineage, meta
from airflow_provider_catalog.store.sql.cache import Generations
from airflow_provider_catalog.store.sql.dialect import Dialect
from airflow_provider_catalog.store.sql.names import Producers

V = TypeVar("V")
_EDGES = 1_200_000
"""About 50 bytes for each, and 150 for each node."""
_AT_ONCE = 20_000
"""So many edges of one ring are read to be remembered."""
_EDGE = Struct("=qqqdib")
"""All of an edge but its source. The sources stand behind the edges: most questions are about them alone."""
_EACH = _EDGE.size + 8
_NEVER = -(1 << 63)


class Nearby:
    """May be asked from several threads."""

    def __init__(self, producers: Producers) -> None:
        self._names = producers
        self._producers: dict[str, int] = {}
        self._into: Generations[int, bytes] = Generations(_EDGES, lambda packed: 2 + len(packed) // _EACH)
        self._beside: dict[tuple[Level, Direction], Generations[int, array[int]]] = {
            ("table", "downstream"): Generations(_EDGES, _weight),
            ("column", "downstream"): Generations(_EDGES, _weight),
            ("column", "upstream"): Generations(_EDGES, _weight),
        }
        self._version = -1
        self._lock = Lock()

    def walk(
        self,
        connection: Connection,
        dialect: Dialect,
        starts: Collection[int],
        direction: Direction,
        level: Level,
        depth: int,
        limit: int,
    ) -> Walk | None:
        """Nearest first. None: there is too much to be remembered."""
        version = self._checked(connection)
        reached: dict[int, int] = {}
        seen, ring = set(starts), list(starts)
        for hops in range(1, depth + 1):
            beside = self._next(connection, dialect, ring, direction, level, version)
            if beside is None:
                return None
            ring = [node for node in dict.fromkeys(beside) if node not in seen]
            seen.update(ring)
            reached.update(dict.fromkeys(ring, hops))
            if len(reached) > limit:
                return Walk(dict(islice(reached.items(), limit)), truncated=True)
            if not ring:
                break
        return Walk(reached, truncated=False)

    def edges(self, connection: Connection, dialect: Dialect, nodes: Collection[int]) -> list[LineageEdge] | None:
        """Between datasets, both ends among the nodes. None: there is too much to be remembered."""
        among = set(nodes)
        packed = self._ending(connection, dialect, among, self._checked(connection))
        if packed is None:
            return None
        make, rules, producers, never = LineageEdge._make, lineage.RULES, list(self._producers), _NEVER
        size, unpack = _EDGE.size, _EDGE.unpack_from
        return [
            make((job, producers[by], a, b, rules[rule], sure, since, None if seen == never else seen, None, None, ""))
            for b, edges in packed.items()
            for place, a in enumerate(_sources(edges))
            if a in among
            for job, since, seen, sure, by, rule in (unpack(edges, place * size),)
        ]

    def _next(
        self,
        connection: Connection,
        dialect: Dialect,
        ring: Collection[int],
        direction: Direction,
        level: Level,
        version: int,
    ) -> Iterable[int] | None:
        """What is one hop from the ring."""
        if (level, direction) not in self._beside:
            packed = self._ending(connection, dialect, ring, version)
            return None if packed is None else chain.from_iterable(map(_sources, packed.values()))

        def read(nodes: Collection[int]) -> Mapping[int, array[int]] | None:
            pairs = lineage.pairs(connection, dialect, nodes, lineage.shape_of(direction, level, None), _AT_ONCE + 1)
            return None if len(pairs) > _AT_ONCE else _grouped(nodes, pairs)

        found = self._known(self._beside[level, direction], ring, version, read)
        return None if found is None else (node for beside in found.values() for node in beside)

    def _ending(
        self, connection: Connection, dialect: Dialect, nodes: Collection[int], version: int
    ) -> Mapping[int, bytes] | None:
        """The edges between datasets that end in each of the nodes."""

        def read(missing: Collection[int]) -> Mapping[int, bytes] | None:
            shape = lineage.shape_of("upstream", "table", None)
            edges = lineage.neighbours(connection, dialect, self._names, missing, shape, limit=_AT_ONCE + 1)
            return None if len(edges) > _AT_ONCE else self._packed(missing, edges)

        return self._known(self._into, nodes, version, read)

    def _known(
        self,
        kept: Generations[int, V],
        nodes: Collection[int],
        version: int,
        read: Callable[[Collection[int]], Mapping[int, V] | None],
    ) -> Mapping[int, V] | None:
        with self._lock:
            found = kept.among(nodes)
        if len(found) == len(nodes):
            return found
        fresh = read([node for node in nodes if node not in found])
        if fresh is None:
            return None
        with self._lock:
            if version == self._version:
                for node, what in fresh.items():
                    kept.put(node, what)
        return {**found, **fresh}

    def _checked(self, connection: Connection) -> int:
        """The number is read before the rows: what is newer than it is only read once more."""
        version = meta.seen(connection, meta.EDGES)
        with self._lock:
            if version != self._version:
                self._into.clear()
                for kept in self._beside.values():
                    kept.clear()
                self._version = version
        return version

    def _packed(self, nodes: Collection[int], edges: Iterable[LineageEdge]) -> dict[int, bytes]:
        found: dict[int, bytearray] = {node: bytearray() for node in nodes}
        sources = {node: array("q") for node in nodes}
        with self._lock:
            for e in edges:
                seen, by = _NEVER if e.last_seen is None else e.last_seen, self._place(e.producer)
                found[e.target] += _EDGE.pack(e.job, e.valid_from, seen, e.confidence, by, e.rule)
                sources[e.target].append(e.source)
        return {node: bytes(packed + sources[node].tobytes()) for node, packed in found.items()}

    def _place(self, producer: str) -> int:
        """There are few, and each keeps its place."""
        return self._producers.setdefault(producer, len(self._producers))


def _weight(beside: array[int]) -> int:
    return 2 + len(beside)


def _sources(edges: bytes) -> tuple[int, ...]:
    many = len(edges) // _EACH
    return _numbers(many).unpack_from(edges, many * _EDGE.size)


@lru_cache(maxsize=4096)
def _numbers(many: int) -> Struct:
    return Struct(f"={many}q")


def _grouped(nodes: Collection[int], pairs: Iterable[tuple[int, int]]) -> dict[int, array[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for near, far in pairs:
        found[near].append(far)
    return {node: array("q", found.get(node, ())) for node in nodes}
