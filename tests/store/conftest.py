"""The store a contract test runs against, once per kind of database, and once over HTTP.

Making a database takes longer than most of these tests, so each kind is made once and handed on empty. One server is
started. A test that needs more than the protocol asks for `sql_store`, and does not run over HTTP.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import psycopg
import pytest
from psycopg import sql

from airflow_provider_catalog.store import open_database, open_store
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.store.sql.store import SqlStore
from benchmarks.postgres import PostgresServer

if TYPE_CHECKING:
    from tests.served import Server

OpenStore: TypeAlias = Callable[[], Store]
EmptyUrl: TypeAlias = Callable[[], str]
TABLES = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'catalog\\_%' AND tablename NOT LIKE '%\\_revision'"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "empty" in metafunc.fixturenames:
        kinds = ["sqlite", "postgres"] + ["http"] * ("sql_store" not in metafunc.fixturenames)
        metafunc.parametrize("empty", kinds, indirect=True)


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    open_store(f"sqlite:///{folder / 'catalog.db'}").close()
    return folder


@pytest.fixture(scope="session")
def made_postgres(postgres_server: PostgresServer) -> str:
    url = postgres_server.create_database(f"contract_{uuid.uuid4().hex}")
    open_store(url).close()
    return url


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    from tests.served import Server

    with Server() as running:
        yield running


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> EmptyUrl:
    """Gives the URL of a store with nothing in it, each time; what an earlier one held may be gone then."""
    if request.param == "sqlite":
        made: Path = request.getfixturevalue("made_sqlite")
        return lambda: _copied(made, tmp_path)
    if request.param == "http":
        behind: Path = request.getfixturevalue("made_sqlite")
        running: Server = request.getfixturevalue("server")
        return lambda: running.serve(_copied(behind, tmp_path))
    url: str = request.getfixturevalue("made_postgres")
    return lambda: _emptied(url)


def _copied(made: Path, folder: Path) -> str:
    number = sum(1 for _ in folder.glob("store-*"))
    shutil.copytree(made, folder / f"store-{number}")
    return f"sqlite:///{folder / f'store-{number}' / 'catalog.db'}"


def _emptied(url: str) -> str:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for (name,) in connection.execute(TABLES).fetchall():
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    return url


@pytest.fixture
def new_store(empty: EmptyUrl) -> Iterator[OpenStore]:
    """An empty store, each time; of one database, so use one at a time."""
    opened: list[Store] = []

    def open_new() -> Store:
        opened.append(open_store(empty()))
        return opened[-1]

    yield open_new
    for store in opened:
        store.close()


@pytest.fixture
def contract_url(empty: EmptyUrl) -> str:
    return empty()


@pytest.fixture
def open_again(contract_url: str) -> Iterator[OpenStore]:
    """Another store object on the same database, as another process has it."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(open_store(contract_url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def sql_store(contract_url: str) -> Iterator[SqlStore]:
    """A store with all that a database has, and no protocol asks for."""
    opened = open_database(contract_url)
    yield opened
    opened.close()


@pytest.fixture
def store(open_again: OpenStore) -> Store:
    return open_again()
