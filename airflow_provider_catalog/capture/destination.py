"""Where envelopes go from the spool: into the log of the store, without what the store itself needs to be imported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.sql import append

_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]+)")
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+\w+)?://")


class Destination(Protocol):
    """`accept` returns when all of them are durable, or raises. `seconds` bounds each wait, not their sum."""

    def accept(self, envelopes: Sequence[Envelope], seconds: float) -> None: ...


def destination(store_url: str) -> Destination:
    if found := _SQLITE.match(store_url):
        return SqliteLog(append.log_file(Path(found["path"]).expanduser().absolute()))
    if _POSTGRES.match(store_url):
        return PostgresLog(_POSTGRES.sub("postgresql://", store_url, count=1))
    raise ConfigError("store_url", "tasks can hand over to sqlite:/// and postgresql:// only")


class SqliteLog:
    """The log's file. It is not made here: whoever migrates the store makes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def accept(self, envelopes: Sequence[Envelope], seconds: float) -> None:
        import sqlite3

        uri = f"{self._path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=seconds, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(append.SQLITE, append.rows(envelopes))
            connection.execute("COMMIT")


class PostgresLog:
    """The log in PostgreSQL, by one statement, which is its own transaction."""

    def __init__(self, url: str) -> None:
        self._url = url

    def accept(self, envelopes: Sequence[Envelope], seconds: float) -> None:
        import psycopg

        limit = f"-c statement_timeout={int(seconds * 1000)} -c lock_timeout={int(seconds * 1000)}"
        with psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=max(2, int(seconds)),  # the driver takes no less
            options=limit,
            application_name="airflow-catalog-capture",
        ) as connection:
            columns = [list(column) for column in zip(*append.rows(envelopes), strict=True)]
            connection.execute(append.POSTGRES, (append.APPEND_LOCK, *columns))
