"""Opening a database to crawl: which reader it has, and what its tables are called.

Files are opened read-only, so that none is made where none is. What goes wrong with a driver is one line, without what
anybody logs in with.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.model.masking import mask_uri
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.model.record import ConnectionRecord
from airflow_provider_catalog.sources.connections import database
from airflow_provider_catalog.sources.crawlers import urls
from airflow_provider_catalog.sources.crawlers.anything import AnyReader
from airflow_provider_catalog.sources.crawlers.duckdb import DuckdbReader
from airflow_provider_catalog.sources.crawlers.place import Place
from airflow_provider_catalog.sources.crawlers.postgresql import OLDEST, PostgresReader
from airflow_provider_catalog.sources.crawlers.sqlite import SqliteReader
from airflow_provider_catalog.sources.crawlers.tables import Reader

SECONDS = 300.0
"""How long one question may take, where the database can be told."""

_SHOWN = 500


class Crawlable(NamedTuple):
    """An open database, and where it is."""

    place: Place
    reader: Reader


@contextmanager
def by_url(text: str, seconds: float = SECONDS) -> Iterator[Crawlable]:
    """One that SQLAlchemy has a URL for."""
    url = urls.parsed(text)
    with opened(urls.record(url), lambda: urls.engine(url), seconds) as found:
        yield found


@contextmanager
def opened(connection: ConnectionRecord, engine: Callable[[], Engine], seconds: float = SECONDS) -> Iterator[Crawlable]:
    """One that is known as tasks know it. The engine is for what is no file."""
    where = database(connection)
    if where.reason:
        raise CrawlError(connection.get("conn_type") or "the database", f"its tables have no names: {where.reason}")
    levels, place = by_namespace(where.namespace).levels, Place(where.namespace, dialect=where.dialect)
    if levels == 1:
        with _file(place) as reader:
            yield Crawlable(place, reader)
        return
    only = connection.get("schema") if levels == 2 else None
    with _on_server(place, engine, only, seconds) as reader:
        inside = only if levels == 2 else where.database or reader.database
        yield Crawlable(Place(place.namespace, inside or "", place.dialect), reader)


@contextmanager
def _file(place: Place) -> Iterator[Reader]:
    scheme, _, path = place.namespace.partition("://")
    with _sqlite(place, path) if scheme == "sqlite" else _duckdb(place, path) as reader:
        yield reader


@contextmanager
def _sqlite(place: Place, path: str) -> Iterator[Reader]:
    """Names of any bytes are read as far as they are text."""
    uri = f"file:{quote(path)}?mode=ro"
    with _telling(place, sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.text_factory = lambda found: found.decode("utf-8", "replace")
        yield SqliteReader(connection)


@contextmanager
def _duckdb(place: Place, path: str) -> Iterator[Reader]:
    try:
        import duckdb
    except ModuleNotFoundError:
        raise CrawlError(str(place), "its driver is missing: pip install 'duckdb>=1.2'") from None
    with _telling(place, duckdb.Error), closing(duckdb.connect(path, read_only=True)) as connection:
        yield DuckdbReader(connection)


@contextmanager
def _on_server(place: Place, engine: Callable[[], Engine], only: str | None, seconds: float) -> Iterator[Reader]:
    with _telling(place, SQLAlchemyError):
        made = engine()
        try:
            with made.connect() as connection:
                yield _reader(connection, only, seconds)
        finally:
            made.dispose()


def _reader(connection: Connection, only: str | None, seconds: float) -> Reader:
    """What only speaks like PostgreSQL has an older version, or a dialect of its own."""
    dialect = connection.dialect
    if dialect.name == "postgresql" and (dialect.server_version_info or ()) >= OLDEST:
        return PostgresReader(connection, seconds)
    return AnyReader(connection, only)


@contextmanager
def _telling(place: Place, errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        found = error.orig if isinstance(error, DBAPIError) else error
        said = " ".join(mask_uri(str(found)).split())[:_SHOWN]
        raise CrawlError(str(place), said or type(found).__name__) from None
