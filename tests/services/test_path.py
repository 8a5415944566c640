"""How one dataset gets to another."""

from __future__ import annotations

from airflow_provider_catalog.services.lineage import PathAnswer, path
from tests.services.world import World, day, table


def ways(answer: PathAnswer) -> list[list[str]]:
    return [[hops[0].source.name, *(hop.target.name for hop in hops)] for hops in answer.paths]


def test_the_shortest_path_names_the_jobs_on_it(world: World) -> None:
    world.ran("one", ["a"], ["b"])
    world.ran("two", ["b"], ["c"], at=2)
    answer = path(world.store, table("a"), table("c"))
    assert ways(answer) == [["a", "b", "c"]]
    assert [hop.transformation.job_id for hop in answer.paths[0]] == ["prod/one", "prod/two"]
    assert (answer.direction, answer.complete, answer.to_json()["length"]) == ("downstream", True, 2)


def test_all_shortest_paths_are_found_and_longer_ones_are_not(world: World) -> None:
    world.ran("split", ["a"], ["b1", "b2", "b3"])
    world.ran("join", ["b1", "b2", "b3"], ["c"], at=2)
    world.ran("around", ["b1"], ["x"], at=3)
    world.ran("back", ["x"], ["c"], at=4)
    answer = path(world.store, table("a"), table("c"))
    assert ways(answer) == [["a", "b1", "c"], ["a", "b2", "c"], ["a", "b3", "c"]] or len(answer.paths) == 3
    assert {tuple(way) for way in ways(answer)} == {("a", "b1", "c"), ("a", "b2", "c"), ("a", "b3", "c")}
    assert len(path(world.store, table("a"), table("c"), paths=2).paths) == 2


def test_a_direct_edge_is_a_path(world: World) -> None:
    world.ran("one", ["a"], ["b"])
    assert ways(path(world.store, table("a"), table("b"))) == [["a", "b"]]


def test_data_that_flows_the_other_way_is_told_so(world: World) -> None:
    world.ran("one", ["a"], ["b"])
    answer = path(world.store, table("b"), table("a"))
    assert (answer.direction, ways(answer)) == ("upstream", [["a", "b"]])


def test_no_path_is_an_answer(world: World) -> None:
    world.ran("one", ["a"], ["b"])
    world.ran("two", ["c"], ["d"], at=2)
    answer = path(world.store, table("a"), table("d"))
    assert (answer.direction, answer.paths, answer.complete) == (None, (), True)
    assert path(world.store, table("a"), table("a")).paths == ()


def test_a_long_chain_is_found_where_each_walk_alone_is_too_short(world: World) -> None:
    for i in range(30):
        world.ran(f"j{i}", [f"t{i}"], [f"t{i + 1}"], at=i + 1)
    answer = path(world.store, table("t0"), table("t30"), depth=16)
    assert len(answer.paths[0]) == 30


def test_circles_on_the_way_end(world: World) -> None:
    world.ran("one", ["a"], ["b"])
    world.ran("back", ["b"], ["a"], at=2)
    world.ran("two", ["b"], ["c"], at=3)
    assert ways(path(world.store, table("a"), table("c"))) == [["a", "b", "c"]]


def test_a_path_of_the_past(world: World) -> None:
    world.ran("one", ["a"], ["b"])
    assert path(world.store, table("a"), table("b"), as_of=day(0)).paths == ()
