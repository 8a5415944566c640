"""Walks: what lies up and down of a dataset."""

from __future__ import annotations

import json

import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EdgeKind, Event, Rule
from airflow_provider_catalog.services.lineage import Filters, LineageAnswer, criticality, impact_score, walk
from tests.services.world import World, column, day, job_id, table


@pytest.fixture
def shop(world: World) -> World:
    """raw -> orders -> revenue -> report, customers -> revenue."""
    world.ran("load", ["raw"], ["orders"], details={"sql": {"query": "insert into orders"}})
    world.ran("sum", ["orders", "customers"], ["revenue"], at=2)
    world.ran("show", ["revenue"], ["report"], at=3)
    return world


def names(answer: LineageAnswer, side: str) -> list[tuple[str, int]]:
    return [(node.label.name, node.distance) for node in getattr(answer, side)]


def test_a_walk_finds_both_sides_nearest_first(shop: World) -> None:
    answer = walk(shop.store, table("orders"))
    assert names(answer, "upstream") == [("raw", 1)]
    assert names(answer, "downstream") == [("revenue", 1), ("report", 2)]
    assert not answer.truncated


def test_the_answer_has_the_form_of_the_lineage_api(shop: World) -> None:
    shop.said(job_id("load"), "jobType", {"processingType": "BATCH", "integration": "AIRFLOW", "jobType": "TASK"})
    shop.said(job_id("load"), "documentation", {"description": "Copies orders"})
    found = walk(shop.store, table("orders"), direction="upstream").to_json()
    assert found["dataset"] == "postgres://db:5432/shop.public.orders"
    assert found["lineage"]["upstream"] == [
        {
            "dataset_id": "postgres://db:5432/shop.public.raw",
            "name": "raw",
            "platform": "postgres",
            "distance": 1,
            "transformation": {
                "job_id": "prod/load",
                "job_type": "airflow_task",
                "description": "Copies orders",
                "last_run": "2025-01-02T00:00:00Z",
                "sql": "insert into orders",
            },
        }
    ]
    assert found["total_upstream"] == 1
    assert found["total_downstream"] == 2
    assert (found["impact_score"], found["criticality"]) == (0.012, "low")
    assert json.loads(json.dumps(found)) == found


def test_edges_say_who_knows_them_and_since_when(shop: World) -> None:
    (edge,) = walk(shop.store, table("raw"), depth=1).to_json()["edges"]
    assert edge == {
        "source": "postgres://db:5432/shop.public.raw",
        "target": "postgres://db:5432/shop.public.orders",
        "job": "prod/load",
        "producer": "airflow",
        "rule": "cartesian",
        "confidence": 0.9,
        "valid_from": "2025-01-02T00:00:00Z",
        "valid_to": None,
        "last_seen": "2025-01-02T00:00:00Z",
    }


def test_only_the_nearest_jobs_are_explained_and_their_edges_dated(shop: World) -> None:
    found = walk(shop.store, table("raw"), explain=1).to_json()
    assert [node["transformation"].get("last_run") for node in found["lineage"]["downstream"]] == [
        "2025-01-02T00:00:00Z",
        None,
        None,
    ]
    assert {(edge["job"], edge["last_seen"]) for edge in found["edges"]} == {
        ("prod/load", "2025-01-02T00:00:00Z"),
        ("prod/sum", None),
        ("prod/show", None),
    }


def test_the_jobs_beside_the_ways_are_explained_where_there_are_few(shop: World) -> None:
    shop.ran("reload", ["raw"], ["orders"], at=5)
    edges = walk(shop.store, table("raw"), depth=1).to_json()["edges"]
    assert {edge["last_seen"] for edge in edges} == {"2025-01-02T00:00:00Z", "2025-01-06T00:00:00Z"}


def test_of_equal_edges_the_one_still_stated_is_shown_then_the_newest(world: World) -> None:
    for at, job in enumerate(("first", "second", "third"), 1):
        world.ran(job, ["a"], ["b"], at=at)
    world.ran("third", ["a"], ["c"], at=4)
    (shown, *_) = walk(world.store, table("a")).downstream
    assert shown.transformation is not None
    assert (shown.label.name, shown.transformation.job_id) == ("b", "prod/second")


def test_links_come_in_the_order_of_their_names(shop: World) -> None:
    edges = walk(shop.store, table("orders")).edges
    assert [edge.job for edge in edges] == ["prod/sum", "prod/load", "prod/show"]
    assert (len(edges), [edge.job for edge in edges[1:]]) == (3, ["prod/load", "prod/show"])


def test_depth_is_hops(shop: World) -> None:
    assert names(walk(shop.store, table("orders"), depth=1), "downstream") == [("revenue", 1)]


def test_a_limit_cuts_and_says_so(world: World) -> None:
    world.ran("fan", ["hub"], [f"t{i}" for i in range(20)])
    answer = walk(world.store, table("hub"), limit=5)
    assert len(answer.downstream) == 5
    assert answer.truncated
    assert not answer.total_downstream.exact


def test_absurd_bounds_are_brought_to_what_can_be(shop: World) -> None:
    answer = walk(shop.store, table("orders"), depth=10**9, limit=10**9)
    assert (answer.depth, answer.limit) == (50, 10_000)
    assert (walk(shop.store, table("orders"), depth=0).depth, walk(shop.store, table("orders"), limit=-1).limit) == (
        1,
        1,
    )


def test_a_direction_that_is_none_is_refused(shop: World) -> None:
    with pytest.raises(ValueError, match="upstream, downstream or both"):
        walk(shop.store, table("orders"), direction="sideways")


def test_circles_and_self_loops_end(world: World) -> None:
    world.ran("there", ["a"], ["b"], edges=[("a", "b"), ("a", "a")])
    world.ran("back", ["b"], ["a"], at=2)
    answer = walk(world.store, table("a"), depth=50)
    assert names(answer, "upstream") == [("b", 1)]
    assert names(answer, "downstream") == [("b", 1)]
    assert answer.total_downstream.exact


def test_a_diamond_shows_each_dataset_once_at_its_shortest_distance(world: World) -> None:
    world.ran("one", ["a"], ["b"])
    world.ran("two", ["b"], ["c"], at=2)
    world.ran("short", ["a"], ["c"], at=3)
    answer = walk(world.store, table("a"))
    assert names(answer, "downstream") == [("b", 1), ("c", 1)]
    assert [node.transformation.job_id for node in answer.downstream if node.transformation] == [
        "prod/one",
        "prod/short",
    ]


def test_the_best_known_edge_tells_the_transformation(world: World) -> None:
    world.ran("guess", ["a"], ["b"], at=9)
    world.ran("know", ["a"], ["b"], at=2, edges=[("a", "b")], rule=Rule.EXPLICIT)
    (node,) = walk(world.store, table("a")).downstream
    assert node.transformation is not None
    assert node.transformation.job_id == "prod/know"


def test_the_past_is_answered_as_it_was_and_without_todays_runs(shop: World) -> None:
    answer = walk(shop.store, table("orders"), as_of=day(2.5))
    assert names(answer, "downstream") == [("revenue", 1)]
    assert answer.downstream[0].transformation is not None
    assert answer.downstream[0].transformation.last_run is None
    assert names(walk(shop.store, table("orders"), as_of=day(0)), "downstream") == []


def test_totals_found_by_a_walk_that_saw_the_end_are_exact(shop: World) -> None:
    answer = walk(shop.store, table("orders"), depth=3)
    assert (answer.total_downstream.count, answer.total_downstream.exact) == (2, True)
    shallow = walk(shop.store, table("orders"), depth=1)
    assert (shallow.total_downstream.count, shallow.total_downstream.exact) == (1, False)


def test_computed_totals_are_used_and_say_of_when_they_are(shop: World) -> None:
    shop.store.recompute_totals()
    answer = walk(shop.store, table("orders"), depth=1, direction="downstream")
    assert (answer.total_downstream.count, answer.total_upstream.count) == (2, 1)
    assert answer.total_downstream.exact
    assert answer.to_json()["totals"]["downstream"]["as_of"] is not None


def test_stale_totals_never_contradict_what_was_just_found(shop: World) -> None:
    shop.store.recompute_totals()
    shop.ran("more", ["orders"], [f"new{i}" for i in range(9)], at=4)
    assert walk(shop.store, table("orders"), depth=1).total_downstream.count == 10


def test_filters_hide_datasets_but_not_the_way_to_what_lies_behind(world: World) -> None:
    file = DatasetId("s3://lake", "orders.parquet")
    world.ran("dump", ["orders"], [file])
    world.ran("load", [file], ["copy"], at=2)
    answer = walk(world.store, table("orders"), filters=Filters(platforms=["postgres"]))
    assert names(answer, "downstream") == [("copy", 2)]
    assert names(walk(world.store, table("orders"), filters=Filters(namespaces=["s3://lake"])), "downstream") == [
        (file.short_name, 1)
    ]
    assert names(walk(world.store, table("orders"), filters=Filters(name="*cop*")), "downstream") == [("copy", 2)]


def test_edges_that_are_less_certain_than_asked_are_not_followed(world: World) -> None:
    world.ran("sure", ["a"], ["b"], edges=[("a", "b")], rule=Rule.EXPLICIT)
    world.ran("guess", ["b", "x"], ["c", "y"], at=2)
    assert len(walk(world.store, table("a")).downstream) == 3
    answer = walk(world.store, table("a"), filters=Filters(min_confidence=0.9))
    assert names(answer, "downstream") == [("b", 1)]
    assert len(answer.edges) == 1


def test_column_lineage_follows_the_column(world: World) -> None:
    columns = {
        ("orders.amount", "revenue.total"): EdgeKind.AGGREGATION,
        ("orders.day", "revenue.day"): EdgeKind.IDENTITY,
    }
    world.ran("sum", ["orders"], ["revenue"], columns=columns)
    answer = walk(world.store, table("orders"), level="column", column="amount")
    assert [(node.label.name, node.column) for node in answer.downstream] == [("revenue", "total")]
    (edge,) = answer.to_json()["edges"]
    assert (edge["target"], edge["kind"]) == ("postgres://db:5432/shop.public.revenue#total", "aggregation")


def test_direct_column_lineage_leaves_influences_out(world: World) -> None:
    columns = {
        ("orders.amount", "revenue.total"): EdgeKind.AGGREGATION,
        ("orders.state", "revenue.total"): EdgeKind.FILTER,
    }
    world.ran("sum", ["orders"], ["revenue"], columns=columns)
    everything = walk(world.store, table("revenue"), level="column", column="total")
    direct = walk(world.store, table("revenue"), level="column", column="total", filters=Filters(influences=False))
    assert [node.column for node in everything.upstream] == ["amount", "state"]
    assert [node.column for node in direct.upstream] == ["amount"]


def test_column_edges_can_come_with_table_lineage(world: World) -> None:
    world.ran("sum", ["orders"], ["revenue"], columns={("orders.amount", "revenue.total"): EdgeKind.IDENTITY})
    assert "column_edges" not in walk(world.store, table("orders")).to_json()
    (edge,) = walk(world.store, table("orders"), columns=True).to_json()["column_edges"]
    assert edge["source"] == "postgres://db:5432/shop.public.orders#amount"


def test_an_unknown_column_is_answered_with_those_there_are(world: World) -> None:
    world.has_columns("orders", "amount", "day")
    with pytest.raises(NotFoundError, match="it has amount, day"):
        walk(world.store, table("orders"), level="column", column="amuont")


def test_merged_datasets_are_one_node(world: World) -> None:
    world.ran("load", ["raw"], ["orders"])
    world.ran("sum", [table("orders", "postgres://other:5432")], ["revenue"], at=2)
    other = table("orders", "postgres://other:5432")
    world.edited(other, "merged_into", {"namespace": table("orders").namespace, "name": table("orders").name})
    answer = walk(world.store, other)
    assert answer.start.label.id == str(table("orders"))
    assert (names(answer, "upstream"), names(answer, "downstream")) == ([("raw", 1)], [("revenue", 1)])


def test_columns_of_merged_datasets_are_one_column(world: World) -> None:
    other = table("orders", "postgres://other:5432")
    world.ran("sum", ["orders"], ["revenue"], columns={("orders.amount", "revenue.total"): EdgeKind.IDENTITY})
    world.said(other, "schema", {"fields": [{"name": "amount", "type": "int"}]})
    world.edited(other, "merged_into", {"namespace": table("orders").namespace, "name": table("orders").name})
    answer = walk(world.store, other, level="column", column="amount")
    assert [node.column for node in answer.downstream] == ["total"]
    assert column("orders.amount").uid == answer.start.uid


def test_a_failed_run_changes_no_lineage(shop: World) -> None:
    before = walk(shop.store, table("orders")).to_json()["edges"]
    shop.ran("sum", state=Event.FAIL, at=4)
    after = walk(shop.store, table("orders")).to_json()["edges"]
    assert [edge["target"] for edge in before] == [edge["target"] for edge in after]


def test_impact_score_is_the_documented_formula() -> None:
    assert impact_score(10) == 0.06
    assert impact_score(10, 20) == 0.14
    assert impact_score(10_000) == 1.0


@pytest.mark.parametrize(
    ("score", "level"), [(0.0, "low"), (0.19, "low"), (0.2, "medium"), (0.5, "high"), (0.87, "high"), (0.9, "critical")]
)
def test_criticality_has_documented_thresholds(score: float, level: str) -> None:
    assert criticality(score) == level


def test_a_start_without_lineage_is_an_empty_answer(world: World) -> None:
    world.has_columns("alone", "id")
    answer = walk(world.store, table("alone"))
    assert (answer.upstream, answer.downstream, answer.total_downstream.exact) == ((), (), True)
