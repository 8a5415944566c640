"""What was counted of the values of columns, and of the dataset, as it says of itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId
from airflow_provider_catalog.services.column_page import column_page
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.export import export
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.sources import read
from tests.services.test_description import counted
from tests.services.world import World, day, table

ORDERS = table("orders")
ID = ColumnId(ORDERS, "id")
METRICS = "dataQualityMetrics"


@pytest.fixture
def orders(world: World) -> World:
    world.has_columns("orders", "id:int", "email:text")
    return world


def shown(world: World, as_of: int | None = None) -> dict[str, Any]:
    found = describe(world.store, find_dataset(world.store, "orders"), as_of=as_of).to_json()
    return {column["name"]: column.get("statistics") for column in found["columns"]}


def test_a_column_has_what_was_counted_of_it_and_who_did(orders: World) -> None:
    orders.said(ID, METRICS, {"distinctCount": 9, "nullCount": 0, "min": 1, "max": 9.5, "averageLength": 4.5}, at=3)
    assert shown(orders) == {
        "id": {
            "distinct_count": 9,
            "null_count": 0,
            "average_length": 4.5,
            "min": 1,
            "max": 9.5,
            "said_by": "airflow",
            "since": "2025-01-04T00:00:00Z",
        },
        "email": None,
    }


def test_a_page_of_columns_has_it_too(orders: World) -> None:
    orders.said(ID, METRICS, {"trueCount": 3})
    first, second = column_page(orders.store, find_dataset(orders.store, "orders")).to_json()["columns"]
    assert (first["statistics"]["true_count"], "statistics" in second) == (3, False)


def test_who_counted_last_counts(orders: World) -> None:
    orders.said(ID, METRICS, {"distinctCount": 9}, at=3, producer="a")
    orders.said(ID, METRICS, {"distinctCount": 5}, at=4, producer="b")
    orders.said(ID, METRICS, {"distinctCount": 1}, at=2, producer="c")
    assert (shown(orders)["id"]["distinct_count"], shown(orders)["id"]["said_by"]) == (5, "b")
    assert shown(orders, as_of=day(3.5))["id"]["distinct_count"] == 9


def test_a_text_is_more_exact_than_a_number(orders: World) -> None:
    orders.said(ID, METRICS, {"min": 0.1, "minValue": "0.1000000000000000000001", "maxValue": "2026-01-01"})
    assert (shown(orders)["id"]["min"], shown(orders)["id"]["max"]) == ("0.1000000000000000000001", "2026-01-01")


@pytest.mark.parametrize("value", [{"distinctCount": "many", "min": [1], "nullCount": True}, {}, {"odd": 1}, [1], 7])
def test_what_is_no_number_was_not_counted(orders: World, value: Any) -> None:
    orders.said(ID, METRICS, value)
    assert shown(orders)["id"] is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"min": 1, "max": 9, "distinctCount": 9, "nullCount": 0}, "1 to 9, 9 distinct, 0 null"),
        ({"averageLength": 4.0, "maxLength": 9}, "4 long, 9 at most"),
        ({"trueCount": 3, "falseCount": 4, "nullCount": 1}, "1 null, 3 true, 4 false"),
        ({"maxValue": "2026-01-01"}, "to 2026-01-01"),
    ],
)
def test_they_are_said_in_a_few_words(orders: World, value: Any, text: str) -> None:
    orders.said(ID, METRICS, value)
    column, _ = describe(orders.store, find_dataset(orders.store, "orders")).columns
    assert str(column.statistics) == text


def rows(world: World) -> tuple[Any, Any, Any]:
    found = describe(world.store, find_dataset(world.store, "orders")).to_json()["statistics"]
    return found["row_count"], found["counted"]["at"], found["counted"]["run_id"]


def test_of_what_a_run_counted_and_a_dataset_says_the_newer_is_shown(orders: World) -> None:
    orders.said(ORDERS, METRICS, {"rowCount": 7, "lastUpdated": "2025-01-01T00:00:00Z"}, at=2)
    assert rows(orders) == (7, "2025-01-03T00:00:00Z", None)
    run = orders.ran("check", ["orders"], [], at=3, details=counted("input", METRICS, rowCount=99))
    assert rows(orders) == (99, "2025-01-04T00:00:00Z", run)
    orders.said(ORDERS, METRICS, {"rowCount": 8}, at=4)
    assert rows(orders) == (8, "2025-01-05T00:00:00Z", None)


def test_it_goes_out_as_it_came_in(orders: World) -> None:
    stated = {"id": {"distinctCount": 9, "minValue": "a"}, "email": {"nullCount": 1}}
    facet = {"rowCount": 7, "columnMetrics": stated}
    event = {
        "eventTime": "2025-02-01T00:00:00Z",
        "producer": "https://example.com/profiler",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": {"namespace": ORDERS.namespace, "name": ORDERS.name, "facets": {METRICS: facet}},
    }
    orders.apply(*read(Envelope("openlineage", json.dumps(event).encode(), recorded_at=day(100))).statements)
    (exported,) = [each["dataset"]["facets"] for each in export(orders.store) if "dataset" in each]
    assert {key: value for key, value in exported[METRICS].items() if not key.startswith("_")} == facet
    assert exported[METRICS]["_schemaURL"].endswith("#/$defs/DataQualityMetricsDatasetFacet")
    assert shown(orders)["email"]["null_count"] == 1
