"""Where the catalog keeps what it was told. `protocol.Store` is what everyone programs against; `open_store` gives
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_catalog.store.sql.store import SqlStore


def open_store(url: str, *, patience: int = 3) -> SqlStore:
    """The store at a URL. A new one is made ready; one that needs migrating is refused with what to do."""
    from airflow_provider_catalog.store.sql import schema
    from airflow_provider_catalog.store.sql.store import SqlStore

    if schema.is_new(url):
        schema.upgrade(url)
    else:
        schema.check(url)
    return SqlStore(url, patience=patience)
