"""Where the catalog keeps what it was told. `protocol.Store` is what everyone programs against; `open_store` gives
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_catalog.store.protocol import Store
    from airflow_provider_catalog.store.sql.store import SqlStore


def open_store(url: str, *, patience: int = 3) -> Store:
    """The store at a URL: a database, or the API of a catalog whose server has the database (https://HOST/catalog/)."""
    from airflow_provider_catalog.store.remote import is_remote

    if not is_remote(url):
        return open_database(url, patience=patience)
    from airflow_provider_catalog.store.http import HttpStore

    return HttpStore(url)  # type: ignore[abstract]  # its calls are made of the protocol's


def open_database(url: str, *, patience: int = 3) -> SqlStore:
    """The store in a database. A new one is made ready; one that needs migrating is refused with what to do."""
    from airflow_provider_catalog.errors import ConfigError
    from airflow_provider_catalog.store.remote import is_remote
    from airflow_provider_catalog.store.sql import schema
    from airflow_provider_catalog.store.sql.store import SqlStore

    if is_remote(url):
        raise ConfigError("store_url", "this needs the database itself: do it where the catalog's server runs")
    if schema.is_new(url):
        schema.upgrade(url)
    else:
        schema.check(url)
    return SqlStore(url, patience=patience)
