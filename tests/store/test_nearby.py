"""What a store remembers of the graph: always what a store that remembers nothing reads, whoever wrote meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Direction, LineageEdge, Store
from airflow_provider_catalog.store.sql import lineage, nearby
from tests.services.world import World, column, table

NAMES = [f"t{number}" for number in range(12)]
WAYS: tuple[Direction, ...] = ("upstream", "downstream")


@contextmanager
def opened(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


def seen(store: Store, name: str) -> tuple[object, ...]:
    """All that a store says of the graph around a table and around a column of it."""
    uid, of_column = table(name).uid, column(f"{name}.id").uid
    walks = [store.walk([uid], way, depth=4, limit=1000) for way in WAYS]
    below = [store.walk([of_column], way, level="column", depth=4, limit=1000) for way in WAYS]
    nodes = {uid, *walks[0].reached, *walks[1].reached}
    edges: list[LineageEdge] = sorted(store.edges(nodes), key=repr)
    return [dict(sorted(walk.reached.items())) for walk in (*walks, *below)], edges


def changes(world: World, chance: random.Random) -> list[Callable[[], object]]:
    """What may happen to a graph."""
    one, other = chance.sample(NAMES, 2)
    job = f"job{chance.randrange(6)}"
    day = chance.randrange(1, 60)
    columns = {(f"{one}.id", f"{other}.id"): EdgeKind.IDENTITY}
    into = {"namespace": table(other).namespace, "name": table(other).name}
    return [
        lambda: world.ran(job, [one], [other], at=day, columns=columns),
        lambda: world.ran(job, [one], [], at=day),
        lambda: world.ran(job, chance.sample(NAMES, 3), [one], at=day, producer="spark"),
        lambda: world.edited(table(one), "merged_into", into, at=day),
        lambda: world.edited(table(one), "merged_into", None, at=day),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_remembered_is_what_another_store_reads_whoever_wrote(store_url: str, seed: int) -> None:
    chance = random.Random(seed)
    with opened(store_url) as reader, opened(store_url) as writer:
        worlds = [World(reader), World(writer)]
        for _ in range(40):
            chance.choice(changes(chance.choice(worlds), chance))()
            name = chance.choice(NAMES)
            with opened(store_url) as fresh:
                assert seen(reader, name) == seen(fresh, name)


def test_nothing_is_read_twice_while_nothing_changes(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(store_url) as store:
        world = World(store)
        world.ran("load", ["t0"], ["t1"])
        world.ran("sum", ["t1"], ["t2"])
        before = seen(store, "t1")
        for name in ("pairs", "neighbours", "walk", "edges"):
            monkeypatch.delattr(lineage, name)
        assert seen(store, "t1") == before


def test_a_glance_checks_what_is_remembered_at_its_beginning(store_url: str) -> None:
    with opened(store_url) as reader, opened(store_url) as writer:
        World(writer).ran("load", ["t0"], ["t1"])
        before = seen(reader, "t1")
        with reader.glance():
            assert seen(reader, "t1") == before
            World(writer).ran("sum", ["t1"], ["t2"])
            with reader.glance():
                assert reader.walk([table("t1").uid], "downstream").reached == {}
        assert reader.walk([table("t1").uid], "downstream").reached == {table("t2").uid: 1}


def test_a_glance_is_of_one_thread_and_ends_with_what_went_wrong_in_it(store_url: str) -> None:
    uid = table("t0").uid

    def go_wrong(reader: Store, writer: Store, other: Executor) -> None:
        with reader.glance():
            assert not reader.walk([uid], "downstream").reached
            World(writer).ran("load", ["t0"], ["t1"])
            assert other.submit(reader.walk, [uid], "downstream").result().reached
            raise ZeroDivisionError

    with opened(store_url) as reader, opened(store_url) as writer, ThreadPoolExecutor(1) as other:
        with pytest.raises(ZeroDivisionError):
            go_wrong(reader, writer, other)
        assert reader.walk([uid], "downstream").reached


def test_another_run_that_says_the_same_makes_nothing_be_read_again(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(store_url) as store:
        world = World(store)
        world.ran("load", ["t0"], ["t1"], at=1)
        world.ran("load", ["t0"], ["t1"], at=2)
        before = seen(store, "t1")
        world.ran("load", ["t0"], ["t1"], at=3)
        for name in ("pairs", "neighbours", "walk", "edges"):
            monkeypatch.delattr(lineage, name)
        assert seen(store, "t1") == before


def test_a_node_with_too_many_edges_is_left_to_the_database(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "_AT_ONCE", 5)
    with opened(store_url) as store:
        World(store).ran("spread", ["t0"], [f"u{number}" for number in range(20)])
        World(store).ran("gather", [f"u{number}" for number in range(20)], ["t1"], at=2)
        assert len(store.walk([table("t0").uid], "downstream").reached) == 21
        assert len(store.walk([table("t1").uid], "upstream").reached) == 21
        uids = [table(name).uid for name in ("t0", "t1", *(f"u{number}" for number in range(20)))]
        assert len(store.edges(uids)) == 40


def test_what_is_remembered_is_bounded_and_answers_stay_right(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "_EDGES", 8)
    with opened(store_url) as store, opened(store_url) as fresh:
        for number in range(30):
            World(store).ran(f"job{number}", [f"t{number}"], [f"t{number + 1}"], at=number + 1)
        for number in range(28):
            start = table(f"t{number}").uid
            assert store.walk([start], "downstream", depth=50) == fresh.walk([start], "downstream", depth=50)
