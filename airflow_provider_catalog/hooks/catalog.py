"""The catalog of a connection.

A connection of the type `catalog` names a PostgreSQL store by host, port, schema (the database), login and password, or
any store by `store_url` in its extra: a URL, or the path of a SQLite file. Where `catalog_default` does not exist the
store is that of `[catalog] store_url`; another connection that does not exist is an error, not another store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from airflow_provider_catalog.errors import CatalogError, ConfigError, StoreOutdated
from airflow_provider_catalog.settings import settings

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from airflow_provider_catalog.store.sql.store import SqlStore


class CatalogHook(BaseHook):
    """For tasks: `with closing(CatalogHook().get_conn()) as store: …`, and any service with that store."""

    conn_name_attr = "catalog_conn_id"
    default_conn_name = "catalog_default"
    conn_type = "catalog"
    hook_name = "Data Catalog"

    def __init__(self, catalog_conn_id: str = default_conn_name, **options: Any) -> None:
        super().__init__(**options)
        self.catalog_conn_id = catalog_conn_id

    def store_url(self) -> str:
        try:
            connection = self.get_connection(self.catalog_conn_id)
        except AirflowNotFoundException:
            if self.catalog_conn_id != self.default_conn_name:
                raise
            return settings().store_url
        return _url(connection)

    def get_conn(self) -> SqlStore:
        """An open store; a new one is made ready. Whoever asks closes it."""
        from airflow_provider_catalog.store import open_store

        return open_store(self.store_url(), patience=settings().edge_patience)

    def test_connection(self) -> tuple[bool, str]:
        """Asks the database and changes nothing in it."""
        from airflow_provider_catalog.store.sql.schema import check

        try:
            check(self.store_url())
        except StoreOutdated as error:
            return error.found is None, f"The database answers, but {error}"
        except (CatalogError, OSError, ImportError) as error:
            return False, str(error)
        return True, "The database answers and its tables are up to date."


def _url(connection: Connection) -> str:
    from sqlalchemy import URL

    stated = str(connection.extra_dejson.get("store_url") or "")
    if stated:
        return stated if "://" in stated else f"sqlite:///{stated}"
    if not connection.host:
        raise ConfigError(
            "store_url", f"connection {connection.conn_id} has neither a host nor a store_url in its extra"
        )
    url = URL.create(
        "postgresql",
        connection.login,
        connection.password,
        connection.host,
        connection.port,
        connection.schema,
    )
    return url.render_as_string(hide_password=False)
