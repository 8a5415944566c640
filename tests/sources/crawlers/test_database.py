"""Crawled tables as golden data: adding a case is adding a file to tests/golden/crawlers/statements.

`NAME.json` has what crawls sent, `NAME.expected.json` the statements. `UPDATE_GOLDEN=1 pytest tests/sources/crawlers`
writes the latter anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.errors import ForbiddenError, RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Origin
from airflow_provider_catalog.services.access import within
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.connections import database
from airflow_provider_catalog.sources.crawlers.place import Place
from airflow_provider_catalog.sources.sql import lineage
from tests.sources.documents import assert_golden, paths, replaced
from tests.sources.test_rejections import JSON, readable

GOLDEN = Path(__file__).parents[2] / "golden" / "crawlers" / "statements"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json") if not path.stem.endswith(".expected"))
NOW = 1_893_456_000_000_000  # 2030
TABLE: dict[str, Any] = json.loads((GOLDEN / "table.json").read_text())["crawls"][0]


def crawled(document: Any) -> Envelope:
    return Envelope("crawl", json.dumps(document).encode(), recorded_at=NOW)


@pytest.mark.parametrize("case", CASES)
def test_what_crawls_sent_becomes_the_statements_of_the_golden_files(case: str) -> None:
    documents = json.loads((GOLDEN / f"{case}.json").read_text())["crawls"]
    statements = [statement for each in documents for statement in read(crawled(each)).statements]
    assert_golden(statements, GOLDEN / f"{case}.expected.json")
    assert "hunter2" not in (GOLDEN / f"{case}.expected.json").read_text()


@given(st.data())
def test_whatever_stands_in_the_place_of_a_node_a_table_is_read_or_rejected(data: st.DataObject) -> None:
    readable("crawl", replaced(TABLE, data.draw(st.sampled_from(list(paths(TABLE)))), data.draw(JSON)))


def test_nobody_speaks_as_another_than_the_crawler_of_that_database() -> None:
    for stated in ("human", "", "../x", "crawler:postgres://other:5432"):
        (said,) = read(crawled(TABLE | {"producer": stated, "database": stated})).statements
        assert said.producer.startswith("crawler:postgres://db.local:5432")
        assert said.origin == Origin.SOURCE


def test_whoever_may_speak_of_some_namespaces_crawls_no_others() -> None:
    ours = Caller("token:ours", frozenset({"ingest"}), namespaces=("postgres://db.*",))
    within(ours, read(crawled(TABLE)))
    with pytest.raises(ForbiddenError):
        within(ours, read(crawled(TABLE | {"namespace": "mysql://db.local"})))


def test_a_name_that_no_store_could_index_is_rejected() -> None:
    with pytest.raises(RejectedError, match="more than 2000 bytes"):
        read(crawled(replaced(TABLE, ("table", "name"), "ü" * 999)))


@pytest.mark.parametrize(
    ("connection", "schema", "sql"),
    [
        ({"conn_type": "postgres", "host": "DB", "schema": "shop"}, "public", "SELECT * FROM orders"),
        ({"conn_type": "postgres", "host": "DB", "schema": "shop"}, "mart", 'SELECT * FROM mart."or.ders"'),
        ({"conn_type": "mysql", "host": "my", "schema": "shop"}, "shop", "SELECT * FROM orders"),
        ({"conn_type": "mssql", "host": "ms", "schema": "Shop"}, "dbo", "SELECT * FROM Orders"),
        ({"conn_type": "sqlite", "host": "/x/shop.db"}, "main", "SELECT * FROM Orders"),
        ({"conn_type": "duckdb", "host": "/x/shop.duckdb"}, "main", "SELECT * FROM orders"),
        ({"conn_type": "duckdb", "host": "/x/shop.duckdb"}, "mart", "SELECT * FROM mart.orders"),
        (
            {"conn_type": "snowflake", "schema": "S", "extra": {"account": "o-a", "database": "RAW"}},
            "s",
            "SELECT * FROM orders",
        ),
        ({"conn_type": "trino", "host": "t", "schema": "s", "extra": {"catalog": "c"}}, "s", "SELECT * FROM orders"),
    ],
)
def test_a_crawler_and_a_task_over_one_connection_name_a_table_alike(connection: Any, schema: str, sql: str) -> None:
    where = database(connection)
    (name,) = lineage(sql, where.dialect, *where.session(None, None)).inputs
    captured = where.dataset(name)
    assert captured is not None
    table = "or.ders" if "or.ders" in sql else "orders" if "orders" in sql else "Orders"
    found = Place(where.namespace, where.database or "").dataset(schema, table)
    assert found == captured


def test_a_place_is_spelled_in_one_way() -> None:
    assert Place("postgresql://u:p@DB:5432", "shop").producer == "crawler:postgres://db:5432/shop"
    assert Place("sqlite:///x.db").producer == "crawler:sqlite:///x.db"
    assert Place("sqlite:///x.db").dataset("main", "t") == DatasetId("sqlite:///x.db", "t")
