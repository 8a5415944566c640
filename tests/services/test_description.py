"""Where a dataset lies, how much it holds, and since when."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.facts import Resolved, resolve
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.place import Place, place
from airflow_provider_catalog.store.protocol import Entity
from tests.services.world import World, day, table

ORDERS = table("orders")


def hierarchy(world: World, *levels: tuple[str, Any]) -> dict[str, Resolved]:
    stated: Any = {"hierarchy": [{"type": kind, "name": name} for kind, name in levels]}
    world.said(ORDERS, "hierarchy", stated)
    return resolve(world.store.facts([ORDERS.uid]))


@pytest.mark.parametrize(
    ("dataset", "found"),
    [
        (ORDERS, Place("shop", "public")),
        (DatasetId("snowflake://org-acme", "PROD.SALES.ORDERS"), Place("PROD", "SALES")),
        (DatasetId("mysql://db:3306", "shop.orders"), Place()),
        (DatasetId("s3://lake", "a/b/c"), Place()),
        (DatasetId("postgres://db:5432", "orders"), Place()),
        (DatasetId("nobody://knows", "a.b.c"), Place()),
    ],
    ids=str,
)
def test_a_name_tells_where_a_dataset_lies_when_it_has_all_parts(dataset: DatasetId, found: Place) -> None:
    entity = Entity(dataset.uid, "dataset", dataset.namespace, dataset.name, dataset.uid)
    assert place(entity, {}) == found


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        ((("DATABASE", "warehouse"), ("SCHEMA", "mart"), ("TABLE", "orders")), Place("warehouse", "mart")),
        ((("Database", "warehouse"),), Place("warehouse", None)),
        ((("CLUSTER", "x"),), Place("shop", "public")),
        ((("DATABASE", 7),), Place("shop", "public")),
    ],
    ids=str,
)
def test_what_is_stated_counts_more_than_the_name(
    world: World, levels: tuple[tuple[str, Any], ...], found: Place
) -> None:
    said = hierarchy(world, *levels)
    assert place(find_dataset(world.store, ORDERS), said) == found


def counted(role: str, facet: str, **numbers: Any) -> dict[str, Any]:
    dataset = {"namespace": ORDERS.namespace, "name": ORDERS.name, "role": role, "facets": {facet: numbers}}
    return {"datasets": ["no object", {"namespace": "x", "name": "y"}, dataset]}


def test_statistics_are_those_that_runs_stated_last(world: World) -> None:
    world.ran("load", [], ["orders"], at=1, details=counted("output", "outputStatistics", rowCount=1, size=10))
    world.ran("load", [], ["orders"], at=2, details=counted("output", "outputStatistics", rowCount=7, size=70))
    run = world.ran("check", ["orders"], [], at=3, details=counted("input", "dataQualityMetrics", rowCount=99, bytes=5))
    world.ran("other", ["orders"], [], at=4, details=counted("input", "dataQualityMetrics", rowCount="many"))
    found = describe(world.store, find_dataset(world.store, "orders")).to_json()["statistics"]
    assert (found["row_count"], found["size_bytes"]) == (99, 5)
    assert found["counted"] == {
        "row_count": 99,
        "size_bytes": 5,
        "file_count": None,
        "at": "2025-01-04T00:00:00Z",
        "run_id": run,
    }
    assert (found["last_write"]["row_count"], found["last_write"]["size_bytes"]) == (7, 70)


def test_the_past_has_no_statistics_since_runs_tell_those_of_today(world: World) -> None:
    world.ran("load", [], ["orders"], details=counted("output", "outputStatistics", rowCount=1))
    assert describe(world.store, find_dataset(world.store, "orders"), as_of=day(5)).statistics.written is None


def test_a_dataset_has_times_a_type_and_a_classification(world: World) -> None:
    world.said(ORDERS, "existence", value=True, at=1)
    world.said(ORDERS, "datasetType", {"datasetType": "VIEW"})
    world.said(ORDERS, "tags", {"tags": [{"key": "Classification", "value": "sensitive"}]})
    world.has_columns("orders", "id:int", at=2)
    world.has_columns("orders", "id:bigint", at=3)
    world.ran("load", [], ["orders"], at=4)
    found = describe(world.store, find_dataset(world.store, "orders")).to_json()
    assert (found["type"], found["classification"]) == ("view", "sensitive")
    assert [found[name] for name in ("created_at", "last_schema_change", "last_updated")] == [
        "2025-01-02T00:00:00Z",
        "2025-01-04T00:00:00Z",
        "2025-01-05T00:00:00Z",
    ]


def test_what_nobody_said_is_null(world: World) -> None:
    world.ran("read", ["orders"], [])
    found = describe(world.store, find_dataset(world.store, "orders")).to_json()
    unknown = ("type", "owner", "classification", "created_at", "last_updated", "last_schema_change")
    assert {found[name] for name in unknown} == {None}
