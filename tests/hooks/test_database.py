"""Connections of Airflow as databases to crawl: named as tasks name them, opened as hooks open them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from airflow.sdk.definitions.connection import Connection
from sqlalchemy import Engine, make_url

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.hooks.database import by_conn_id
from airflow_provider_catalog.sources.crawlers.anything import AnyReader
from airflow_provider_catalog.sources.crawlers.postgresql import PostgresReader
from tests.crawled import Database, everything


def connection(monkeypatch: pytest.MonkeyPatch, **stated: Any) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps(stated))


class Hook:
    """Of a provider that is not installed here."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get_sqlalchemy_engine(self) -> Engine:
        return sa.create_engine(self._url)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_file_is_opened_whoever_has_a_hook_for_it(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.of(kind, tmp_path)
    database.run("CREATE TABLE orders (id INTEGER)")
    connection(monkeypatch, conn_type=kind, host=database.path)
    with by_conn_id("shop") as (place, reader):
        assert str(place.dataset("main", "orders")) == f"{kind}://{database.path}/orders"
        assert [table.name for table in everything(reader)] == ["orders"]


@pytest.mark.parametrize(("kind", "reader_of"), [("postgres", PostgresReader), ("cockroachdb", PostgresReader)])
def test_a_server_is_opened_by_its_hook_and_named_by_its_connection(
    kind: str, reader_of: type, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(postgres_database)
    connection(monkeypatch, conn_type=kind, host="DB.internal", port=6432, schema="shop", password="hunter2")
    monkeypatch.setattr(Connection, "get_hook", lambda _: Hook(postgres_database))
    with by_conn_id("shop") as (place, reader):
        assert type(reader) is reader_of
        assert place.producer == f"crawler:{kind}://db.internal:6432/shop"
        assert reader.database == url.database


def test_a_connection_that_names_no_database_is_to_the_one_that_answers(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection(monkeypatch, conn_type="postgres", host="db")
    monkeypatch.setattr(Connection, "get_hook", lambda _: Hook(postgres_database))
    with by_conn_id("shop") as (place, _):
        assert place.database == make_url(postgres_database).database


def test_where_a_schema_is_a_database_only_the_one_that_is_named_is_crawled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As MySQL has it; SQLite stands in for the server that SQLAlchemy speaks to."""
    database = Database.of("sqlite", tmp_path)
    database.run("CREATE TABLE orders (id INTEGER)")
    monkeypatch.setattr(Connection, "get_hook", lambda _: Hook(database.url))
    for schema, found in (("main", ["orders"]), ("temp", [])):
        connection(monkeypatch, conn_type="mysql", host="db", schema=schema)
        with by_conn_id("shop") as (place, reader):
            assert isinstance(reader, AnyReader)
            assert str(place) == f"mysql://db:3306/{schema}"
            assert str(place.dataset(schema, "orders")) == f"mysql://db:3306/{schema}.orders"
            assert [table.name for table in everything(reader)] == found


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        (
            {"conn_type": "nonsense", "host": "h"},
            "no provider here has a hook for SQL over connections of type 'nonsense'",
        ),
        ({"conn_type": "http", "host": "h"}, "no provider here has a hook for SQL"),
        ({"conn_type": "sqlite", "host": ":memory:"}, "its tables have no names: its database is in memory"),
        ({"conn_type": "sqlite", "host": "/no/such/file.db"}, "unable to open database file"),
    ],
)
def test_what_cannot_be_crawled_says_why(stated: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connection(monkeypatch, **stated)
    with pytest.raises(CrawlError, match=problem), by_conn_id("shop"):
        pass


def test_a_connection_that_is_not_there_is_named() -> None:
    with (
        pytest.raises(CrawlError, match="nowhere was not crawled: Airflow has no connection of that name"),
        by_conn_id("nowhere"),
    ):
        pass
