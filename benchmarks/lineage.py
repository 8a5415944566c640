"""Lineage: walks over a graph of 100,000 datasets, beside a dict in memory that walks the same graph in the same run.

Each node is asked of both, one after the other; passes are repeated and the median of their percentiles counts. Where
nothing is cut off both must find the same nodes at the same distances; where it is, every distance must be right.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.services import lineage
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.protocol import Direction, Walk
from airflow_provider_catalog.store.sql.store import SqlStore
from benchmarks.graph import THEN, Adjacency, Graph, load
from benchmarks.postgres import PostgresServer
from benchmarks.report import Report, middle, percentile

WAYS: tuple[Direction, ...] = ("downstream", "upstream")
DEPTH, LIMIT = 5, 1000
EVERYTHING = 10_000_000
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off"}
"""Beside autovacuum our own VACUUM could not mark pages as visible to all, and walks would read the table too."""
MOST = {"postgres": 10.0, "sqlite": 8.0}
Found: TypeAlias = tuple[list[tuple[int, int]], bool]


class Sizes(NamedTuple):
    """How much of everything; columns of each dataset in PostgreSQL."""

    datasets: int
    edges: int
    columns: int
    random: int
    hubs: int
    passes: int
    sampled: int


FULL = Sizes(100_000, 500_000, 10, 300, 50, 5, 60)
QUICK = Sizes(5_000, 25_000, 4, 20, 5, 3, 5)


@dataclass
class Place:
    """One store with the graph in it, and the graph as dicts."""

    kind: str
    store: SqlStore
    graph: Graph
    sizes: Sizes
    near: dict[str, Adjacency] = field(default_factory=dict)

    def adjacency(self, way: Direction, at: int | None = None) -> Adjacency:
        key = f"{way} {at}"
        if key not in self.near:
            self.near[key] = self.graph.adjacency(way, at)
        return self.near[key]

    def random(self) -> list[int]:
        """Numbers of datasets."""
        return Random(2).sample(range(len(self.graph.uids)), self.sizes.random)

    def hubs(self, way: Direction) -> list[int]:
        """Those with the most neighbours that way."""
        near, uids = self.adjacency(way), self.graph.uids
        degree = [len(near.get(uid, ())) for uid in uids]
        return sorted(range(len(uids)), key=degree.__getitem__, reverse=True)[: self.sizes.hubs]

    def fan_out(self) -> int:
        return max(map(len, self.adjacency("downstream").values()))


def breadth_first(near: Adjacency, start: int, depth: int, limit: int) -> Found:
    """The walk in memory: what a store would do if it had everything in a dict."""
    seen = {start}
    reached: list[tuple[int, int]] = []
    ring = [start]
    for hops in range(1, depth + 1):
        further = []
        for node in ring:
            for other in near.get(node, ()):
                if other not in seen:
                    seen.add(other)
                    further.append(other)
                    reached.append((other, hops))
                    if len(reached) > limit:
                        return reached[:limit], True
        ring = further
    return reached, False


@dataclass
class Times:
    """Milliseconds, a list a pass."""

    passes: list[list[float]] = field(default_factory=list)

    def at(self, share: float) -> float:
        return middle([percentile(each, share) for each in self.passes])

    def add(self, report: Report, name: str, most_p99: float | None = None) -> None:
        for label, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            report.add(f"{name}_{label}_ms", self.at(share), most=most_p99 if label == "p99" else None)

    def most(self) -> float:
        return max(max(each) for each in self.passes)


def timed(times: list[float], work: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    found = work()
    times.append(1000 * (time.perf_counter() - begun))
    return found


# -- the walk alone, beside a dict


def walks(report: Report, place: Place) -> None:
    """Today's graph and the graph of a while ago; random datasets and hubs; both ways."""
    for at in (None, THEN):
        for way in WAYS:
            for kind, numbers in (("random", place.random()), ("hub", place.hubs(way))):
                name = f"{place.kind}_{kind}_{way}{'' if at is None else '_as_of'}"
                target = MOST[place.kind] if kind == "hub" and at is None else None
                _beside_dict(report, name, place, _Asked(numbers, way, at), target)


class _Asked(NamedTuple):
    numbers: Sequence[int]
    way: Direction
    at: int | None = None


def _beside_dict(report: Report, name: str, place: Place, asked: _Asked, target: float | None) -> None:
    near, ours, theirs = place.adjacency(asked.way, asked.at), Times(), Times()
    uids = [place.graph.uids[number] for number in asked.numbers]
    ask = partial(place.store.walk, direction=asked.way, depth=DEPTH, limit=LIMIT, as_of=asked.at)
    for uid in uids[:10]:
        ask([uid])
    for _ in range(place.sizes.passes):
        mine: list[float] = []
        dicts: list[float] = []
        for uid in uids:
            found = timed(mine, partial(ask, [uid]))
            wanted = timed(dicts, partial(breadth_first, near, uid, DEPTH, LIMIT))
            check(found, wanted, name)
        ours.passes.append(mine)
        theirs.passes.append(dicts)
    for uid in uids[: place.sizes.sampled]:
        check_distances(ask([uid]), near, uid, name)
    ours.add(report, name)
    report.add(f"{name}_dict_p95_ms", theirs.at(0.95))
    ratio = middle([percentile(a, 0.95) / percentile(b, 0.95) for a, b in zip(ours.passes, theirs.passes, strict=True)])
    report.add(f"{name}_p95_ratio", ratio, most=target)


def check(found: Walk, wanted: Found, what: str) -> None:
    """The same nodes at the same distances, unless there was more than was asked for."""
    reached, truncated = wanted
    assert found.truncated == truncated, f"{what}: truncated {found.truncated}, the dict {truncated}"
    if truncated:
        assert len(found.reached) == len(reached), f"{what}: {len(found.reached)} nodes of {len(reached)}"
    else:
        assert found.reached == dict(reached), f"{what}: other nodes than the dict's"


def check_distances(found: Walk, near: Adjacency, start: int, what: str) -> None:
    """Right for each node, and nearest first."""
    distance = dict(breadth_first(near, start, DEPTH, EVERYTHING)[0])
    assert all(distance[node] == hops for node, hops in found.reached.items()), f"{what}: wrong distances"
    hops = list(found.reached.values())
    assert hops == sorted(hops), f"{what}: not nearest first"


# -- the rest


def answers(report: Report, place: Place) -> None:
    """The whole answer with names, jobs, SQL and edges: both ways, five hops, the nearest thousand."""
    numbers = [*place.random(), *place.hubs("downstream")]
    ids = [place.graph.datasets[number] for number in numbers]
    times, nodes = Times(), 0
    ask = partial(lineage.walk, place.store, direction="both", depth=DEPTH, limit=LIMIT)
    for each in ids[:10]:
        ask(each)
    for _ in range(place.sizes.passes):
        took: list[float] = []
        for each in ids:
            found = timed(took, partial(ask, each))
            nodes = max(nodes, len(found.upstream) + len(found.downstream))
        times.passes.append(took)
    times.add(report, f"{place.kind}_answer", most_p99=25)
    report.add(f"{place.kind}_answer_most_nodes", nodes)


def columns(report: Report, place: Place) -> None:
    """A column comes from the column of its name, so that the dict of tables knows what to find."""
    for way in WAYS:
        for kind, numbers in (("random", place.random()), ("hub", place.hubs(way))):
            times, name = Times(), f"{place.kind}_column_{kind}_{way}"
            near = place.adjacency(way)
            for _ in range(place.sizes.passes):
                times.passes.append(_column_pass(place, way, numbers, near, name))
            times.add(report, name)


def _column_pass(place: Place, way: Direction, numbers: Sequence[int], near: Adjacency, name: str) -> list[float]:
    took: list[float] = []
    graph = place.graph
    ask = partial(place.store.walk, direction=way, level="column", depth=DEPTH, limit=LIMIT)
    for number in numbers:
        found = timed(took, partial(ask, [graph.column(number, number % graph.columns)]))
        check(_as_tables(place, found), breadth_first(near, graph.uids[number], DEPTH, LIMIT), name)
    return took


def _as_tables(place: Place, found: Walk) -> Walk:
    if found.truncated:
        return found
    dataset = place.store.columns(found.reached)
    return Walk({dataset[node].dataset: hops for node, hops in found.reached.items()}, truncated=False)


def extremes(report: Report, place: Place) -> None:
    """As deep and as much as may be asked for, and a ring, where a walk never comes to an end by itself."""
    took: list[float] = []
    for number in place.hubs("downstream"):
        timed(took, lambda: place.store.walk([place.graph.uids[number]], "downstream", depth=50, limit=10_000))  # noqa: B023
    report.add(f"{place.kind}_50_hops_10000_nodes_most_ms", max(took))
    ring, times = place.graph.ring, Times([[]])
    for _ in range(20):
        found = timed(times.passes[0], lambda: place.store.walk([ring[0]], "downstream", depth=100, limit=LIMIT))
        assert not found.truncated
        assert list(found.reached.items()) == [(ring[i], i) for i in range(1, len(ring))]
    report.add(f"{place.kind}_ring_p95_ms", times.at(0.95))


def totals(report: Report, place: Place) -> None:
    """How much lies up and down of every dataset."""
    took: list[float] = []
    counted = timed(took, place.store.recompute_totals)
    report.add(f"{place.kind}_totals_s", took[0] / 1000, most=30)
    report.add(f"{place.kind}_totals_datasets", counted)
    numbers = [*place.random()[: place.sizes.sampled], *place.hubs("downstream")[:5], len(place.graph.uids) - 1]
    uids = [place.graph.uids[number] for number in numbers]
    found = place.store.totals(uids)
    for uid in uids:
        down, up = (len(breadth_first(place.adjacency(way), uid, EVERYTHING, EVERYTHING)[0]) for way in WAYS)
        known = found.get(uid)
        assert (known and known[:2]) == ((up, down) if up or down else None), f"totals of {uid} are wrong"


# -- all together


@contextmanager
def places(kinds: Iterable[str], sizes: Sizes, report: Report) -> Iterator[Iterator[Place]]:
    with tempfile.TemporaryDirectory(prefix="catalog-bench-") as folder:
        yield (place for kind in kinds for place in _place(kind, Path(folder), sizes, report))


def _place(kind: str, folder: Path, sizes: Sizes, report: Report) -> Iterator[Place]:
    if kind == "sqlite":
        yield from _loaded(kind, f"sqlite:///{folder}/lineage.db", sizes._replace(columns=0), report)
        return
    with PostgresServer(settings=SETTINGS) as server:
        yield from _loaded(kind, server.create_database("lineage"), sizes, report)


def _loaded(kind: str, url: str, sizes: Sizes, report: Report) -> Iterator[Place]:
    begun = time.perf_counter()
    graph, store = Graph(sizes.datasets, sizes.edges, sizes.columns), open_database(url)
    try:
        load(store, graph)
        place = Place(kind, store, graph, sizes)
        _settle(place)
        report.add(f"{kind}_load_s", time.perf_counter() - begun)
        report.add(f"{kind}_edges", store.status().edges)
        report.add(f"{kind}_column_edges", store.status().column_edges)
        report.add(f"{kind}_most_neighbours", place.fan_out())
        yield place
    finally:
        store.close()


def _settle(place: Place) -> None:
    """Keeps the garbage collector off what only the benchmark holds, millions of objects, while others are timed."""
    for way in WAYS:
        place.adjacency(way)
        place.adjacency(way, THEN)
    gc.collect()
    gc.freeze()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small graph: only wrong answers count")
    parser.add_argument("--stores", default="postgres,sqlite")
    arguments = parser.parse_args()
    report, sizes = Report("lineage"), QUICK if arguments.quick else FULL
    with places(arguments.stores.split(","), sizes, report) as found:
        for place in found:
            for part in (walks, answers, extremes, totals):
                part(report, place)
            if place.graph.columns:
                columns(report, place)
    report.show()
    return report.failures(quick=arguments.quick)


if __name__ == "__main__":
    sys.exit(main())
