"""The catalog of a connection.

A connection of the type `catalog` names a PostgreSQL store by host, port, schema (the database), login and password, or
any store by `store_url` in its extra: a URL, or the path of a SQLite file. With a host such as `https://HOST/catalog/`,
or that as `api_url` in its extra, it names the server of a catalog, and its password is the token. Where
`catalog_default` does not exist the store is that of the section `[catalog]`; another connection that does not exist is
an error, not another store.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from airflow_provider_catalog.errors import CatalogError, ConfigError, StoreOutdated
from airflow_provider_catalog.settings import settings

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from airflow_provider_catalog.store.protocol import Store


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
            return settings().nearest_url
        return _url(connection)

    def get_conn(self) -> Store:
        """An open store; a new database is made ready. Whoever asks closes it."""
        from airflow_provider_catalog.store import open_store

        return open_store(self.store_url(), patience=settings().edge_patience)

    def test_connection(self) -> tuple[bool, str]:
        """Asks and changes nothing."""
        try:
            return True, _asked(self.store_url())
        except StoreOutdated as error:
            return error.found is None, f"The database answers, but {error}"
        except (CatalogError, OSError, ImportError) as error:
            return False, str(error)


def _asked(url: str) -> str:
    from airflow_provider_catalog.store import open_store
    from airflow_provider_catalog.store.remote import is_remote
    from airflow_provider_catalog.store.sql.schema import check

    if not is_remote(url):
        check(url)
        return "The database answers and its tables are up to date."
    with closing(open_store(url)) as store:
        store.status()
    return "The server answers and takes the token."


def _url(connection: Connection) -> str:
    from airflow_provider_catalog.store.remote import is_remote

    stated, host = str(connection.extra_dejson.get("store_url") or ""), connection.host or ""
    if api := connection.extra_dejson.get("api_url") or (host if is_remote(host) else ""):
        return _api(str(api), connection)
    if stated:
        return stated if "://" in stated else f"sqlite:///{stated}"
    if not host:
        raise ConfigError(
            "store_url", f"connection {connection.conn_id} has neither a host nor a store_url or api_url in its extra"
        )
    return _database(connection)


def _api(url: str, connection: Connection) -> str:
    """With the token in it, as `open_store` takes it."""
    from airflow_provider_catalog.store.remote import Remote

    if connection.port:
        raise ConfigError("store_url", f"connection {connection.conn_id}: write the port into the URL of the server")
    stated = Remote.of(url, connection.password or "")
    scheme, _, place = stated.url.partition("://")
    return f"{scheme}://token:{quote(stated.token, safe='')}@{place}/" if stated.token else f"{stated.url}/"


def _database(connection: Connection) -> str:
    from sqlalchemy import URL

    url = URL.create(
        "postgresql",
        connection.login,
        connection.password,
        connection.host,
        connection.port,
        connection.schema,
    )
    return url.render_as_string(hide_password=False)
