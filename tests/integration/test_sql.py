"""Columns of SQL in a real Airflow: what tasks ran in SQLite, PostgreSQL and DuckDB, before anybody knew the tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.store.sql.store import SqlStore
from benchmarks.postgres import PostgresServer
from tests.connections import to_postgres
from tests.integration.standalone import Standalone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("standalone")]
DAGS = Path(__file__).with_name("sql")
TABLES = (
    "CREATE TABLE orders (customer VARCHAR(20), amount INTEGER, sold_on DATE)",
    "CREATE TABLE customers (name VARCHAR(20), country VARCHAR(20))",
    "CREATE TABLE totals (customer VARCHAR(20), total INTEGER)",
    "INSERT INTO orders VALUES ('ada', 120, '2026-01-01'), ('grace', 80, '2026-01-02')",
    "INSERT INTO customers VALUES ('ada', 'UK'), ('grace', 'US')",
)
MART = ("CREATE SCHEMA mart", "CREATE TABLE mart.report (country VARCHAR(20), revenue BIGINT)")
COPIED = {f"copied.{column} <- orders.{column} identity" for column in ("customer", "amount", "sold_on")}
TOTALS = {
    "totals.customer <- orders.customer identity",
    "totals.total <- orders.amount aggregation",
    "totals. <- orders.customer group_by",
}
NAMED = {
    "named.who <- customers.name transformation",
    "named.amount <- orders.amount identity",
    "named. <- customers.name filter",
    "named. <- orders.customer filter",
}
REPORT = {
    "report.country <- customers.country identity",
    "report.revenue <- orders.amount aggregation",
    "report. <- orders.customer join",
    "report. <- customers.name join",
    "report. <- customers.country group_by",
    "report. <- orders.sold_on filter",
}
EXPECTED = {
    **{f"several_{each}": TOTALS for each in ("lite", "duck")},
    **{f"star_{each}": COPIED for each in ("lite", "post", "duck")},
    **{f"called_{each}": NAMED for each in ("lite", "post", "duck")},
    "file": REPORT,
}


@pytest.fixture(scope="module")
def postgres(postgres_server: PostgresServer) -> Iterator[dict[str, object]]:
    url = postgres_server.create_database("shop")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in (*TABLES, *MART):
            connection.execute(statement)
    yield to_postgres(url)
    postgres_server.drop_database("shop")


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, postgres: dict[str, object]) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("sql")
    with closing(sqlite3.connect(home / "lite.db")) as lite, duckdb.connect(home / "duck.db") as duck:
        for statement in TABLES:
            lite.execute(statement)
            duck.execute(statement)
        lite.commit()
    connections = {
        "lite": {"conn_type": "sqlite", "host": str(home / "lite.db")},
        "duck": {"conn_type": "duckdb", "host": str(home / "duck.db")},
        "post": postgres,
    }
    options = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(each) for name, each in connections.items()}
    with Standalone(home, DAGS, options) as found:
        yield found


@pytest.fixture(scope="module")
def store(airflow: Standalone) -> Iterator[SqlStore]:
    airflow.trigger("queries", "first")
    assert airflow.await_run("queries", "first") == "success"
    found = SqlStore(f"sqlite:///{airflow.path / 'catalog.db'}")
    yield found
    found.close()


def columns(store: SqlStore, task: str) -> set[str]:
    """What a task made of what, by the short names of tables."""
    edges = store.stated([JobId("default", f"queries.{task}").uid], level="column")
    found = store.columns({end for edge in edges for end in (edge.source, edge.target)})
    tables = store.entities({column.dataset for column in found.values()})
    named = {uid: f"{tables[each.dataset].name.rpartition('.')[2]}.{each.name}" for uid, each in found.items()}
    return {f"{named[edge.target]} <- {named[edge.source]} {edge.kind.name.lower()}" for edge in edges if edge.kind}


@pytest.mark.parametrize("task", EXPECTED)
def test_columns_arrive_with_their_kinds(airflow: Standalone, store: SqlStore, task: str) -> None:
    airflow.until(lambda: columns(store, task) >= EXPECTED[task], 20)
    assert columns(store, task) == EXPECTED[task]
