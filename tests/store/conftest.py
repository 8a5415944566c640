"""The store a contract test runs against, once per kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store

OpenStore: TypeAlias = Callable[[], Store]


@pytest.fixture
def open_again(store_url: str) -> Iterator[OpenStore]:
    """Another store object on the same database, as another process has it."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(open_store(store_url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: OpenStore) -> Store:
    return open_again()
