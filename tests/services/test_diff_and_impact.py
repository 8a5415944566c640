"""What changed around a dataset, and what depends on it."""

from __future__ import annotations

from collections import Counter
from typing import cast

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.services.lineage import diff, impact
from airflow_provider_catalog.store.protocol import Store
from tests.services.callers import Counting, FakeDags, seen_by
from tests.services.world import NAMESPACE, World, day, job_id, table


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


def test_jobs_that_only_read_it_or_what_is_made_of_it_depend_on_it(world: World) -> None:
    world.ran("sum", ["orders"], ["revenue"])
    world.ran("board", ["revenue", "orders"])
    world.ran("audit", ["revenue"])
    world.ran("elsewhere", ["calendar"])
    world.said(job_id("board"), "jobType", {"integration": "DBT", "jobType": "EXPOSURE", "processingType": "BATCH"})
    world.said(job_id("board"), "ownership", {"owners": [{"name": "sales"}]})
    world.edited(table("revenue"), "ownership", {"owners": [{"name": "sales"}]})
    orders, revenue = (f"{NAMESPACE}/shop.public.{name}" for name in ("orders", "revenue"))
    found = impact(world.store, table("orders")).to_json()
    assert found["readers"] == [
        {"job_id": "prod/board", "job_type": "dbt_exposure", "reads": [orders, revenue], "owners": ["sales"]},
        {"job_id": "prod/audit", "job_type": None, "reads": [revenue], "owners": []},
    ]
    assert found["jobs"] == ["prod/audit", "prod/board", "prod/sum"]
    assert found["owners"] == {"sales": [revenue, "prod/board"]}
    assert (found["total_readers"], found["total_downstream"], found["truncated"]) == (2, 1, False)


def test_a_job_that_makes_something_of_what_it_reads_is_no_reader(world: World) -> None:
    world.ran("sum", ["orders"], ["revenue"])
    world.ran("prune", ["orders"], ["orders"])
    world.ran("first", ["orders"], ["a"])
    assert impact(world.store, table("orders")).readers == ()
    cut = impact(world.store, table("orders"), limit=1)
    assert (len(cut.lineage.downstream), cut.readers) == (1, ())


def test_who_reads_it_under_any_name_depends_on_it(world: World) -> None:
    other = table("orders", "postgres://b:5432")
    world.ran("sum", ["orders"], ["revenue"])
    world.ran("board", [other, table("orders")])
    world.ran("audit", [other])
    world.edited(other, "merged_into", {"namespace": NAMESPACE, "name": table("orders").name})
    found = impact(world.store, table("orders"))
    orders = f"{NAMESPACE}/shop.public.orders"
    assert [(each.job, each.reads) for each in found.readers] == [("prod/audit", (orders,)), ("prod/board", (orders,))]


def test_of_many_readers_the_nearest_are_told_with_as_many_reads_as_of_one(world: World) -> None:
    def calls() -> Counter[str]:
        counting = Counting(world.store)
        impact(cast("Store", counting), table("orders"), limit=2)
        return counting.calls

    world.ran("sum", ["orders"], ["revenue"])
    world.ran("z", ["orders"])
    one = calls()
    for name in "abc":
        world.ran(name, ["revenue"])
    assert calls() == one
    found = impact(world.store, table("orders"), limit=2)
    assert ([each.job for each in found.readers], found.total_readers) == (["prod/z", "prod/a"], 4)
    assert (found.lineage.truncated, found.to_json()["truncated"]) == (False, True)


def test_of_a_column_nobody_knows_who_only_reads_it(world: World) -> None:
    world.ran("sum", ["orders"], ["revenue"], columns={("orders.amount", "revenue.total"): EdgeKind.AGGREGATION})
    world.ran("board", ["orders"])
    found = impact(world.store, table("orders"), level="column", column="amount").to_json()
    assert found["jobs"] == ["prod/sum"]
    assert {"readers", "total_readers"}.isdisjoint(found)


def test_that_a_job_of_another_dag_reads_it_is_everybodys(world: World) -> None:
    world.ran("b.board", ["orders"])
    store = seen_by(world, FakeDags({"a", "b"}, {"a"}))
    assert [each.job for each in impact(store, table("orders")).readers] == ["prod/b.board"]
