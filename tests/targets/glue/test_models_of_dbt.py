"""Models of dbt become tables of Glue as any dataset does: with their texts, tags and columns."""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_catalog.model.dbt import DBT
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.mapping import GlueMapping
from airflow_provider_catalog.targets.glue.target import Glue
from airflow_provider_catalog.worker.merge import Merger
from airflow_provider_catalog.worker.publish import Publisher
from tests.glue.server import GlueServer

RULES = [{"match": "postgres://db:5432/shop.{database}.{table}"}]
COLUMNS = [{"name": "id", "type": "bigint", "index": 1}, {"name": "amount", "type": "numeric(10,2)", "index": 2}]


def document(catalog: dict[str, Any], **more: Any) -> bytes:
    """One model, as a run of dbt leaves it."""
    model = {
        "unique_id": "model.shop.orders",
        "resource_type": "model",
        "name": "orders",
        "package_name": "shop",
        "relation_name": '"shop"."prod"."orders"',
        "database": "shop",
        "schema": "prod",
        "config": {"materialized": "table"},
        "compiled_code": 'select id, amount from "shop"."raw"."orders"',
        "description": "What was ordered.",
        "tags": ["finance"],
        "columns": {"id": {"name": "id", "description": "Number of the order."}},
        "depends_on": {"nodes": []},
    }
    target = {"type": "postgres", "host": "db", "port": 5432, "database": "shop", "schema": "prod"}
    made = {"format": 1, "project": "shop", "generated_at": "2026-01-01T00:00:00Z", "target": target, "nodes": [model]}
    return json.dumps({**made, "catalog": catalog, "all_columns": True, **more}).encode()


def told(store: SqlStore, server: GlueServer, payload: bytes) -> dict[str, Any]:
    store.accept([Envelope(DBT, payload)])
    Merger(store).drain()
    assert store.dead_letters() == []
    Publisher(store, Glue(GlueMapping(RULES), lambda _: server.client(parameter_validation=False))).once()
    found: dict[str, Any] = server.call("GetTable", DatabaseName="prod", Name="orders")["Table"]
    return found


def test_a_model_is_registered_with_its_text_its_tags_and_its_columns(store: SqlStore, server: GlueServer) -> None:
    found = told(store, server, document({"model.shop.orders": {"columns": COLUMNS}}))
    assert "What was ordered." in found["Description"]
    columns = {each["Name"]: each for each in found["StorageDescriptor"]["Columns"]}
    assert {name: each["Type"] for name, each in columns.items()} == {"id": "bigint", "amount": "decimal(10,2)"}
    assert columns["id"]["Comment"] == "Number of the order."
    assert "finance" in json.dumps(found["Parameters"])


def test_columns_that_nobody_has_seen_are_left_to_who_looks(store: SqlStore, server: GlueServer) -> None:
    """SQL says no types, and a type that is wrong is worse than none."""
    found = told(store, server, document({}))
    assert found["StorageDescriptor"].get("Columns", []) == []
