"""The API on a store of its own, asked by whoever a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from airflow_provider_catalog.api.app import made
from airflow_provider_catalog.api.callers import caller
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.services.world import World, shop

ADMIN = Caller("user:admin", frozenset({"read", "write", "ingest", "metrics"}))
As: TypeAlias = Callable[[Caller], TestClient]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'catalog.db'}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def world(store: SqlStore) -> World:
    return shop(store)


@pytest.fixture
def app(url: str, tmp_path: Path) -> Iterator[FastAPI]:
    """Without a worker beside it: what is accepted is merged when the test says so."""
    app = made(Settings(store_url=url, spool_dir=str(tmp_path / "spool"), embedded_worker=False, namespace="prod"))
    yield app
    app.state.catalog.close()


@pytest.fixture
def as_(app: FastAPI) -> As:
    """A client that is taken for this caller."""

    def client(who: Caller) -> TestClient:
        app.dependency_overrides[caller] = lambda: who
        return TestClient(app, base_url="http://testserver")

    return client


@pytest.fixture
def client(as_: As) -> TestClient:
    """Of somebody who may do all that a user may."""
    return as_(ADMIN)
