"""Databases of Airflow's connections, to be crawled: under the names that tasks over the same connection give them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException
from sqlalchemy import Engine

from airflow_provider_catalog.capture.connections import connection_record
from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.sources.crawlers.opening import SECONDS, Crawlable, opened


@contextmanager
def by_conn_id(conn_id: str, seconds: float = SECONDS) -> Iterator[Crawlable]:
    connection = connection_of(conn_id)
    hook = _hook(connection)

    def engine() -> Engine:
        """The hook knows how to log in."""
        if not hasattr(hook, "get_sqlalchemy_engine"):
            raise CrawlError(
                conn_id, f"no provider here has a hook for SQL over connections of type {connection.conn_type!r}"
            )
        made: Engine = hook.get_sqlalchemy_engine()
        return made

    with opened(connection_record(connection, hook), engine, seconds) as found:
        yield found


def connection_of(conn_id: str) -> Any:
    """One that is not there is an error, whatever its hook would do then."""
    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise CrawlError(conn_id, "Airflow has no connection of that name") from None


def _hook(connection: Any) -> Any:
    """None where its provider is not installed: files are opened without one."""
    try:
        return connection.get_hook()
    except (AirflowException, ImportError):
        return None
