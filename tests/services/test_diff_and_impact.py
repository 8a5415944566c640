"""What changed around a dataset, and what depends on it."""

from __future__ import annotations

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.services.lineage import diff, impact
from tests.services.world import NAMESPACE, World, day, table


def test_a_diff_shows_datasets_and_edges_that_came_and_went(world: World) -> None:
    world.ran("sum", ["orders"], ["revenue"], at=1)
    for at in (5, 6, 7):
        world.ran("sum", ["orders2"], ["revenue"], at=at)
    found = diff(world.store, table("revenue"), day(2), day(8)).to_json()
    assert found["datasets"] == {
        "added": [f"{NAMESPACE}/shop.public.orders2"],
        "removed": [f"{NAMESPACE}/shop.public.orders"],
    }
    assert [edge["source"] for edge in found["edges"]["removed"]] == [f"{NAMESPACE}/shop.public.orders"]
    assert [edge["job"] for edge in found["edges"]["added"]] == ["prod/sum"]
    assert (found["from"], found["to"]) == ("2025-01-03T00:00:00Z", "2025-01-09T00:00:00Z")


def test_a_diff_shows_columns_of_datasets_that_were_there_at_both_times(world: World) -> None:
    world.has_columns("orders", "id", "amount", at=1)
    world.ran("sum", ["orders"], ["revenue"], at=1)
    world.has_columns("orders", "id", "total", at=3)
    world.has_columns("revenue", "id", at=3)
    found = diff(world.store, table("revenue"), day(2), day(4))
    assert found.columns.added == (f"{NAMESPACE}/shop.public.orders#total",)
    assert found.columns.removed == (f"{NAMESPACE}/shop.public.orders#amount",)


def test_nothing_changed_is_empty(world: World) -> None:
    world.ran("sum", ["orders"], ["revenue"], at=1)
    found = diff(world.store, table("revenue"), day(2), day(3))
    assert (bool(found.datasets), bool(found.edges), bool(found.columns), found.truncated) == (False,) * 4


def test_impact_says_whose_datasets_depend_on_it(world: World) -> None:
    world.ran("sum", ["orders"], ["revenue", DatasetId("s3://lake", "dump")])
    world.edited(table("revenue"), "ownership", {"owners": [{"name": "finance"}]})
    found = impact(world.store, table("orders")).to_json()
    assert found["owners"] == {"finance": [f"{NAMESPACE}/shop.public.revenue"]}
    assert found["platforms"] == {"postgres": 1, "s3": 1}
    assert found["jobs"] == ["prod/sum"]
    assert (found["total_downstream"], found["criticality"]) == (2, "low")


def test_impact_goes_as_deep_as_there_is(world: World) -> None:
    for i in range(12):
        world.ran(f"j{i}", [f"t{i}"], [f"t{i + 1}"], at=i + 1)
    assert impact(world.store, table("t0")).lineage.total_downstream.count == 12


def test_impact_of_a_column_is_of_that_column(world: World) -> None:
    columns = {
        ("orders.amount", "revenue.total"): EdgeKind.AGGREGATION,
        ("orders.day", "calendar.day"): EdgeKind.IDENTITY,
    }
    world.ran("sum", ["orders"], ["revenue", "calendar"], columns=columns)
    world.edited(table("revenue"), "ownership", {"owners": [{"name": "finance"}]})
    found = impact(world.store, table("orders"), level="column", column="amount").to_json()
    assert [(node["name"], node["column"]) for node in found["downstream"]] == [("revenue", "total")]
    assert found["owners"] == {"finance": [f"{NAMESPACE}/shop.public.revenue"]}


def test_owners_of_any_name_of_a_dataset_are_asked(world: World) -> None:
    first, second = table("revenue", "postgres://b:5432"), table("revenue", "postgres://c:5432")
    world.ran("sum", ["orders"], ["revenue"])
    world.said(second, "ownership", {"owners": [{"name": "finance"}]})
    world.has_columns("revenue", "id")
    world.said(first, "documentation", {"description": "the same"})
    world.edited(second, "merged_into", {"namespace": first.namespace, "name": first.name})
    world.edited(first, "merged_into", {"namespace": NAMESPACE, "name": table("revenue").name})
    assert impact(world.store, table("orders")).owned == {"finance": (f"{NAMESPACE}/shop.public.revenue",)}
