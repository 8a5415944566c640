"""URLs of databases, as SQLAlchemy has them: what they tell of where a database is, and an engine for one."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import URL, Engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.model.record import ConnectionRecord

_CONNECT_SECONDS = 10
_FILES = ("sqlite", "duckdb")
_INSIDE = {"snowflake": "database", **dict.fromkeys(("trino", "presto"), "catalog")}
"""What the first part of a path is to those that have a schema as its second."""

_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "awsathena": "'PyAthena[SQLAlchemy]'",
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
    "psycopg": "'airflow-provider-catalog[postgres]'",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
    "trino": "'trino[sqlalchemy]'",
}
"""Which package has a driver or a dialect, where it is called otherwise."""


def parsed(text: str) -> URL:
    """With the driver that comes with this package, where PostgreSQL is meant and none is named."""
    try:
        url = sa.make_url(text)
    except ArgumentError:
        raise ValueError("this is no URL of a database, which is like postgresql://user@host:5432/database") from None
    return url.set(drivername="postgresql+psycopg") if url.drivername in {"postgres", "postgresql"} else url


def record(url: URL) -> ConnectionRecord:
    """As Airflow's connections tell it, so that both name the same tables."""
    backend, path = url.get_backend_name(), url.database or ""
    if backend in _FILES:
        return {"conn_type": backend, "host": _absolute(path)}
    extra = {key: value for key, value in url.query.items() if isinstance(value, str)}
    if backend in _INSIDE:
        first, _, path = path.partition("/")
        extra |= {_INSIDE[backend]: first} if first else {}
    if backend == "bigquery" and url.host:
        extra["project"] = url.host
    found: ConnectionRecord = {"conn_type": backend, "host": url.host or "", "schema": path, "extra": extra}
    return found if url.port is None else {**found, "port": url.port}


def _absolute(path: str) -> str:
    if path in {"", ":memory:"} or path.startswith("file:"):
        return path
    return str(Path(path).expanduser().absolute())


def engine(url: URL) -> Engine:
    """One connection at a time, and none is kept."""
    limited = {"connect_timeout": _CONNECT_SECONDS} if url.get_backend_name() == "postgresql" else {}
    try:
        return sa.create_engine(url, poolclass=NullPool, connect_args=limited)
    except NoSuchModuleError:
        raise _missing(url, "dialect", url.get_backend_name()) from None
    except ModuleNotFoundError as error:
        raise _missing(url, "driver", str(error.name)) from None


def _missing(url: URL, what: str, name: str) -> CrawlError:
    """Nobody is told to install what may be anybody's."""
    advice = f"pip install {_PACKAGES[name]}" if name in _PACKAGES else f"install the package that has {name!r}"
    return CrawlError(url.get_backend_name(), f"its {what} is missing: {advice}")
