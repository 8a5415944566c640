"""A strict Glue, and a catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.glue.conftest import server

__all__ = ["server", "store"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    yield opened
    opened.close()
