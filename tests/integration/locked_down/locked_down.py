"""A DAG whose tasks reach the catalog over HTTP alone: test_locked_down.py runs it."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import Any

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import DAG, BaseHook, task

from airflow_provider_catalog.hooks.catalog import CatalogHook

CONN_ID = "shop"


with DAG("locked_down", schedule=None):
    captured = SQLExecuteQueryOperator(
        task_id="captured", conn_id=CONN_ID, sql="CREATE TABLE revenue AS SELECT customer, amount FROM orders"
    )

    @task.catalogued
    def catalogued() -> None:
        BaseHook.get_connection(CONN_ID).get_hook().run("CREATE TABLE best AS SELECT customer FROM revenue")

    @task
    def asks() -> list[str]:
        """What the task before it did is known by now."""
        from airflow_provider_catalog.services.lineage import walk

        with closing(CatalogHook().get_conn()) as store:
            answer = walk(store, "best", direction="upstream")
        return [node.label.name for node in answer.upstream]

    @task
    def crawls() -> None:
        """Looks at a database and tells what is there."""
        from airflow_provider_catalog.model.envelope import Envelope

        connection = BaseHook.get_connection(CONN_ID)
        hook: Any = connection.get_hook()
        columns = [{"name": row[1], "type": row[2]} for row in hook.get_records("PRAGMA table_info(customers)")]
        found = {"dataset_id": f"sqlite://{connection.host}/customers", "columns": columns}
        told = json.dumps({**found, "producer": "crawler", "time": time.time_ns() // 1000}).encode()
        with closing(CatalogHook().get_conn()) as store:
            store.accept([Envelope("register", told)])

    captured >> catalogued() >> asks() >> crawls()
