"""Targets of every adapter: the names of their relations, which are those that tasks, crawlers and OpenLineage have.

A new adapter is a line in tests/golden/dbt/artifacts/targets.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openlineage.common.provider.dbt.processor import Adapter, DbtArtifactProcessor

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.dbt_target import as_target
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.record import ConnectionRecord
from airflow_provider_catalog.sources.connections import database
from airflow_provider_catalog.sources.crawlers.place import Place
from airflow_provider_catalog.sources.dbt.warehouse import Warehouse, quoted_parts, relation

GOLDEN = Path(__file__).parents[2] / "golden" / "dbt" / "artifacts"
TARGETS: dict[str, Any] = json.loads((GOLDEN / "targets.json").read_text())
NAMED = TARGETS["named"]
KNOWN_TO_OPENLINEAGE = [case for case in NAMED if case["profile"]["type"].upper() in Adapter.__members__]
SAME_AS_DBT_OL = [case for case in KNOWN_TO_OPENLINEAGE if "attach" not in case["profile"]]
"""`dbt-ol` takes what is in an attached file for a part of the main one, which a task that opens the file does not."""
AS_CONNECTIONS = [case for case in NAMED if "connection" in case]


def title(case: dict[str, Any]) -> str:
    return str(case.get("about") or case["profile"]["type"])


def node(case: dict[str, Any]) -> dict[str, Any]:
    return {"unique_id": "model.p.orders", "resource_type": "model", "name": "orders", **case["node"]}


def named(case: dict[str, Any]) -> DatasetId | None:
    return Warehouse.of({"target": as_target(case["profile"])}).dataset(node(case))


@pytest.mark.parametrize("case", NAMED, ids=title)
def test_a_relation_is_the_dataset_of_the_golden_file(case: dict[str, Any]) -> None:
    assert named(case) == DatasetId(*case["dataset"])


@pytest.mark.parametrize("case", SAME_AS_DBT_OL, ids=title)
def test_the_namespace_is_the_one_that_dbt_ol_gives(case: dict[str, Any]) -> None:
    class Of(DbtArtifactProcessor):  # type: ignore[misc]  # only what is asked of it
        def __init__(self) -> None:
            self.adapter_type = Adapter[case["profile"]["type"].upper()]

    Of.__abstractmethods__ = frozenset()
    theirs = Of().extract_namespace(case["profile"])
    assert DatasetId(case["dataset"][0], "a.b.c").namespace == DatasetId(theirs, "a.b.c").namespace


@pytest.mark.parametrize("case", AS_CONNECTIONS, ids=title)
def test_a_task_with_a_connection_to_the_same_place_writes_to_the_same_dataset(case: dict[str, Any]) -> None:
    stated: ConnectionRecord = case["connection"]
    assert database(stated).dataset(case["table"]) == DatasetId(*case["dataset"])


@pytest.mark.parametrize("case", [case for case in AS_CONNECTIONS if "." in case["table"]], ids=title)
def test_a_crawler_of_the_same_place_finds_the_same_dataset(case: dict[str, Any]) -> None:
    schema, table = case["table"].split(".")[-2:]
    place = Place(case["dataset"][0], case["node"].get("database") or "")
    assert place.dataset(schema, table) == DatasetId(*case["dataset"])


@pytest.mark.parametrize("case", TARGETS["nameless"], ids=title)
def test_what_names_no_database_is_rejected_with_what_to_do(case: dict[str, Any]) -> None:
    with pytest.raises(RejectedError) as rejected:
        Warehouse.of({"target": as_target(case["profile"])})
    assert case["reason"] in rejected.value.reason
    assert "--dataset-namespace" in rejected.value.reason


@pytest.mark.parametrize("case", TARGETS["nowhere"], ids=title)
def test_a_relation_of_which_nobody_knows_where_it_is_is_no_dataset(case: dict[str, Any]) -> None:
    assert named(case) is None


@pytest.mark.parametrize("case", TARGETS["relation_names"], ids=lambda case: str(case["said"]))
def test_names_of_relations_are_taken_apart_in_the_quotes_of_any_adapter(case: dict[str, Any]) -> None:
    assert list(quoted_parts(case["said"])) == case["parts"]


def test_a_told_namespace_beats_the_target() -> None:
    told = Warehouse.of({"target": {"type": "duckdb", "path": ":memory:"}, "dataset_namespace": "postgres://db:5432"})
    assert told.dataset({"resource_type": "model", "relation_name": '"a"."b"."c"'}) == DatasetId(
        "postgres://db:5432", "a.b.c"
    )


def test_an_ephemeral_model_has_no_relation_whatever_it_says() -> None:
    stated = {"relation_name": '"a"."b"."c"', "schema": "b", "config": {"materialized": "ephemeral"}}
    assert relation(stated) is None


def test_without_a_relation_name_the_identifier_counts_before_the_alias_and_the_name() -> None:
    stated = {"database": "d", "schema": "s", "name": "n", "alias": "a", "identifier": "i"}
    assert relation(stated) == ("d", "s", "i")
    assert relation({**stated, "identifier": None}) == ("d", "s", "a")
    assert relation({**stated, "identifier": None, "alias": ""}) == ("d", "s", "n")


def test_tables_that_sql_names_are_taken_for_those_of_the_target() -> None:
    warehouse = Warehouse.of({"target": {"type": "postgres", "host": "db", "database": "shop", "schema": "prod"}})
    assert warehouse.table("orders") == DatasetId("postgres://db:5432", "shop.prod.orders")
    assert warehouse.table("raw.orders") == DatasetId("postgres://db:5432", "shop.raw.orders")
    assert warehouse.table("a.b.c\\.d") == DatasetId("postgres://db:5432", "a.b.c\\.d")
    assert warehouse.table("a.b.c.d") is None
