"""Databases to be crawled: a real one of each kind, in which a test may do what it likes."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import NamedTuple

import duckdb
import psycopg
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from airflow_provider_catalog.sources.crawlers.anything import AnyReader
from airflow_provider_catalog.sources.crawlers.opening import Crawlable, by_url
from airflow_provider_catalog.sources.crawlers.tables import Reader, Table

KINDS = ("sqlite", "postgres", "duckdb")


class Database(NamedTuple):
    """`schema` is where a table is that names none."""

    kind: str
    url: str
    schema: str

    @classmethod
    def of(cls, kind: str, folder: Path, postgres: str = "") -> Database:
        """An empty one."""
        if kind == "postgres":
            return cls(kind, postgres, "public")
        database = cls(kind, f"{kind}:///{folder / 'shop.db'}", "main")
        database.run("CREATE TABLE made (a INTEGER)", "DROP TABLE made")
        return database

    @property
    def path(self) -> str:
        return self.url.partition("///")[2]

    def run(self, *statements: str) -> None:
        """By a driver of its own, which lets go of the file when it is done."""
        for statement in statements:
            _RUN[self.kind](self, statement)

    def opened(self) -> AbstractContextManager[Crawlable]:
        return by_url(self.url)

    def tables(self) -> list[Table]:
        """By the reader of its own."""
        with self.opened() as (_, reader):
            return everything(reader)

    def tables_by_inspector(self) -> list[Table]:
        """As any database is read that has no reader of its own."""
        engine = sa.create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            return everything(AnyReader(connection))


def _on_postgres(database: Database, statement: str) -> None:
    with psycopg.connect(database.url.replace("+psycopg", "")) as connection:
        connection.execute(statement.encode())


def _on_sqlite(database: Database, statement: str) -> None:
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute(statement)


def _on_duckdb(database: Database, statement: str) -> None:
    with closing(duckdb.connect(database.path)) as connection:
        connection.execute(statement)


_RUN = {"postgres": _on_postgres, "sqlite": _on_sqlite, "duckdb": _on_duckdb}


def everything(reader: Reader) -> list[Table]:
    return list(reader.tables(list(reader.seen())))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
