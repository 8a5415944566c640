"""Lists of all there is, page by page, and of what is found by name."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services import listing as module
from airflow_provider_catalog.services.cursor import cursor, position
from airflow_provider_catalog.services.listing import Listing, listing
from airflow_provider_catalog.services.namespaces import namespaces
from airflow_provider_catalog.services.search import search, suggest
from tests.services.world import NAMESPACE, World, job_id, table

LAKE = "s3://lake"


@pytest.fixture
def lake(world: World) -> World:
    """25 tables, and two files in a lake."""
    files = [DatasetId(LAKE, "raw/a.parquet"), DatasetId(LAKE, "raw/b.parquet")]
    world.ran("load", files, [f"t{number:02d}" for number in range(25)])
    return world


def pages(world: World, limit: int, **filters: Any) -> list[Listing]:
    found = [listing(world.store, "dataset", limit=limit, **filters)]
    while (after := found[-1].next) is not None:
        found.append(listing(world.store, "dataset", limit=limit, after=after, **filters))
    return found


@pytest.mark.parametrize("limit", [1, 7, 25, 27, 28, 1_000])
def test_pages_together_have_all_and_each_once(lake: World, limit: int) -> None:
    found = pages(lake, limit)
    names = [each.entity.name for page in found for each in page.results]
    assert (len(names), len(set(names))) == (27, 27)
    assert all(len(page.results) <= limit for page in found)
    assert len(found) == -(-27 // limit)


@pytest.mark.parametrize(
    ("filters", "count"),
    [({"namespace": LAKE}, 2), ({"platform": "s3"}, 2), ({"platform": "postgres"}, 25), ({"namespace": "x"}, 0)],
    ids=str,
)
def test_filters_leave_out_what_does_not_fit(lake: World, filters: dict[str, str], count: int) -> None:
    assert sum(len(page.results) for page in pages(lake, 10, **filters)) == count


def test_who_looks_for_little_among_much_is_told_where_to_go_on(lake: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    monkeypatch.setattr(module, "_READS", 3)
    found = pages(lake, 10, platform="s3")
    assert len(found) == 27 // 6 + 1
    assert sum(len(page.results) for page in found) == 2


def test_a_cursor_is_read_as_it_was_written() -> None:
    for number in (0, 1, 2**63 - 1):
        assert position(cursor(number) or "") == number
    assert (cursor(None), position("")) == (None, 0)


def test_results_tell_in_short_what_is_said_of_any_name(world: World) -> None:
    orders, lake = table("orders"), DatasetId(LAKE, "orders")
    world.said(orders, "datasetType", {"datasetType": "TABLE"})
    world.said(lake, "documentation", {"description": "All orders"})
    world.said(lake, "ownership", {"owners": [{"name": "sales"}, {"name": "finance"}]})
    world.edited(orders, "tag:pii", {"key": "pii", "value": ""})
    world.edited(lake, "merged_into", {"namespace": orders.namespace, "name": orders.name})
    found = {each["id"]: each for each in listing(world.store, "dataset").to_json()["results"]}
    assert found[str(orders)] == {
        "id": str(orders),
        "kind": "dataset",
        "dataset_id": str(orders),
        "canonical": str(orders),
        "name": "orders",
        "type": "table",
        "platform": "postgres",
        "namespace": NAMESPACE,
        "database": "shop",
        "schema": "public",
        "description": "All orders",
        "owner": "sales",
        "tags": ["pii"],
    }
    assert (found[str(lake)]["canonical"], found[str(lake)]["type"]) == (str(orders), "table")
    assert (found[str(lake)]["database"], found[str(lake)]["schema"]) == (None, None)


def test_a_result_that_is_only_a_name_knows_what_it_is_a_name_of(world: World) -> None:
    orders, lake = table("orders"), DatasetId(LAKE, "sold")
    world.ran("load", [], [orders, lake])
    world.edited(lake, "merged_into", {"namespace": orders.namespace, "name": orders.name})
    (found,) = search(world.store, "sold").to_json()["results"]
    assert (found["id"], found["canonical"]) == (str(lake), str(orders))


def test_jobs_have_a_type_and_no_place(world: World) -> None:
    world.ran("load", [], ["orders"])
    world.said(job_id("load"), "jobType", {"processingType": "BATCH", "integration": "DBT", "jobType": "MODEL"})
    (found,) = listing(world.store, "job").to_json()["results"]
    assert (found["id"], found["type"], found["dataset_id"], found["database"]) == (
        "prod/load",
        "dbt_model",
        None,
        None,
    )


def test_what_is_found_is_paged_and_counted_at_the_end(lake: World) -> None:
    first = search(lake.store, "t", limit=20)
    assert (len(first.results), first.total, first.next) == (20, None, 20)
    last = search(lake.store, "t", limit=20, after=20)
    assert (len(last.results), last.total, last.next) == (5, 25, None)
    assert search(lake.store, "t", after=99).total is None
    assert search(lake.store, "nothing").total == 0


def test_suggestions_are_the_first_by_name(lake: World) -> None:
    found = suggest(lake.store, "T0", limit=2).to_json()
    assert [each["name"] for each in found["suggestions"]] == ["t00", "t01"]


def test_namespaces_of_datasets_have_a_platform(lake: World) -> None:
    assert namespaces(lake.store).to_json() == {
        "kind": "dataset",
        "namespaces": [{"namespace": NAMESPACE, "platform": "postgres"}, {"namespace": LAKE, "platform": "s3"}],
        "truncated": False,
    }
    assert namespaces(lake.store, "job").to_json()["namespaces"] == [{"namespace": "prod", "platform": None}]
    assert namespaces(lake.store, limit=1).truncated
