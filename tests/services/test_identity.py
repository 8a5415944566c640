"""From what people write to what the catalog knows."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.services import edits
from airflow_provider_catalog.services.identity import AmbiguousError, find_dataset, find_entity, resolve
from airflow_provider_catalog.services.naming import label
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.worker.merge import Merger
from tests.services.world import World, table


@pytest.fixture
def shop(world: World) -> World:
    world.ran("etl.load", ["raw_orders"], ["orders"])
    world.ran("etl.sum", ["orders"], ["order_totals"], at=2)
    world.ran("etl.dump", ["orders"], [DatasetId("s3://lake", "dump/orders.parquet")], at=3)
    return world


@pytest.mark.parametrize(
    "text",
    [
        "postgres://db:5432/shop.public.orders",
        "postgresql://db:5432/shop.public.orders",
        "postgres://db:5432/shop/public/orders",
        "shop.public.orders",
        "public.orders",
        "orders",
        "ORDERS",
    ],
)
def test_a_dataset_is_found_by_any_text_that_means_only_it(shop: World, text: str) -> None:
    assert label(find_dataset(shop.store, text)).id == "postgres://db:5432/shop.public.orders"


def test_the_only_name_that_begins_so_is_meant(shop: World) -> None:
    assert find_dataset(shop.store, "raw").name == "shop.public.raw_orders"


def test_a_whole_last_part_wins_over_a_beginning(shop: World) -> None:
    shop.has_columns("orders_old", "id")
    assert find_dataset(shop.store, "orders").name == "shop.public.orders"


def test_paths_are_found_by_their_end(shop: World) -> None:
    assert find_dataset(shop.store, "orders.parquet").namespace == "s3://lake"
    assert find_dataset(shop.store, "dump/orders.parquet").namespace == "s3://lake"


def test_several_candidates_are_an_error_that_lists_them(shop: World) -> None:
    shop.ran("copy", ["orders"], [table("orders", "postgres://other:5432")], at=4)
    with pytest.raises(AmbiguousError, match=r"it could be .*db:5432.*other:5432") as caught:
        find_dataset(shop.store, "orders")
    assert len(caught.value.candidates) == 2


def test_several_names_of_one_dataset_are_no_ambiguity(shop: World) -> None:
    other = table("orders", "postgres://other:5432")
    shop.ran("copy", [other], ["x"], at=4)
    shop.edited(other, "merged_into", {"namespace": table("orders").namespace, "name": table("orders").name})
    assert find_dataset(shop.store, "orders").node == table("orders").uid


@pytest.mark.parametrize("text", ["nothing", "", "%", "_rders", "der", "postgres://db:5432/shop.public.nothing"])
def test_what_nobody_is_called_is_not_found(shop: World, text: str) -> None:
    with pytest.raises(NotFoundError, match="airflow-catalog search"):
        find_dataset(shop.store, text)


def test_jobs_are_found_beside_datasets(shop: World) -> None:
    assert find_entity(shop.store, "prod/etl.sum").kind == "job"
    assert find_entity(shop.store, "etl.sum").kind == "job"
    assert find_entity(shop.store, "orders").kind == "dataset"
    with pytest.raises(NotFoundError):
        find_entity(shop.store, "no.such.thing")


def test_resolve_explains_a_merge_and_a_split(shop: World) -> None:
    raw, orders = table("raw_orders"), table("orders")
    shop.apply(*read(edits.edit("ann", edits.merged(shop.store, raw, orders), 1)).statements)
    found = resolve(shop.store, "raw_orders")
    assert found.canonical.name == "orders"
    assert [step.rule for step in found.steps] == ["grammar", "merged_into", "canonical"]
    assert "was merged into" in found.steps[1].sentence
    shop.apply(*read(edits.edit("ann", edits.split(shop.store, raw, orders), 2)).statements)
    found = resolve(shop.store, "raw_orders")
    assert found.canonical.name == "raw_orders"
    assert [step["rule"] for step in found.to_json()["steps"]] == ["grammar", "split", "canonical"]


def test_merging_after_splitting_takes_the_split_back(shop: World) -> None:
    raw, orders = table("raw_orders"), table("orders")
    for time, claims in enumerate((edits.merged, edits.split, edits.merged), 1):
        shop.apply(*read(edits.edit("ann", claims(shop.store, raw, orders), time)).statements)
    assert resolve(shop.store, "raw_orders").canonical.name == "orders"


def test_aliased_namespaces_make_their_datasets_one(shop: World) -> None:
    local = table("orders", "postgres://localhost:5432")
    shop.ran("copy", [local], ["x"], at=4)
    shop.store.accept([edits.edit("ann", edits.same_namespace("postgres://localhost:5432", "postgres://db:5432"))])
    Merger(shop.store).drain()
    found = resolve(shop.store, str(local))
    assert found.canonical.id == str(table("orders"))
    assert "alias" in found.steps[1].sentence
    shop.store.accept([edits.edit("ann", edits.own_namespace("postgres://localhost:5432"))])
    Merger(shop.store).drain()
    assert resolve(shop.store, str(local)).canonical.id == str(local)


def test_an_edit_is_an_envelope_that_the_sources_read(shop: World) -> None:
    orders = table("orders")
    claims = [edits.owned_by(orders, ["ann", "bob"]), edits.described(orders, "x"), edits.tagged(orders, "pii")]
    changes = read(edits.edit("ann", claims, 1))
    assert isinstance(changes, Changes)
    assert {claim.aspect for claim in changes.statements[0].content.claims} == {"ownership", "documentation", "tag:pii"}
    assert read(edits.edit("ann", [edits.unset(orders, "owner")], 1)).statements[0].content.claims[0].body is None
