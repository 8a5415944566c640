"""What every test may ask for: databases that are real, and a session in which CI runs all or fails."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import hypothesis
import pytest

from benchmarks.postgres import PostgresServer
from tests.deployment import Deployment
from tests.proxy import Proxy

if TYPE_CHECKING:
    from tests.served import Server

StartPostgres: TypeAlias = Callable[..., PostgresServer]
StartProxy: TypeAlias = Callable[[str, int], Proxy]

AIRFLOW_HOME = pytest.StashKey[str]()

hypothesis.settings.register_profile("default", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", parent=hypothesis.settings.get_profile("default"), derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


_LONG = ("tests/faults/", "tests/capture/", "tests/api/", "tests/test_db_manager.py", "tests/dags/")


def pytest_configure(config: pytest.Config) -> None:
    """Airflow writes its configuration where it is first imported: not into anybody's home."""
    config.stash[AIRFLOW_HOME] = home = tempfile.mkdtemp(prefix="catalog-airflow-home-")
    os.environ["AIRFLOW_HOME"] = home
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    os.environ["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] = "False"
    # Nobody else works in the account of a test.
    os.environ["AIRFLOW__CATALOG__GLUE_CALLS_PER_SECOND"] = "100000"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long first, so that none of two processes is left with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[AIRFLOW_HOME], ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped_in_ci(report)
    return report


def _fail_if_skipped_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"CI runs every test, this one asked to be skipped: {reason}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server that all tests share. Do not kill it: `start_postgres` gives one of your own."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The shared server's own database, for looking around and for CREATE DATABASE."""
    return postgres_server.url()


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh, empty database."""
    name = f"test_{uuid.uuid4().hex}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture
def start_postgres() -> Iterator[StartPostgres]:
    """Start a server of the test's own, to kill, pause or measure; `durable=True` for real fsync."""
    servers: list[PostgresServer] = []

    def start(**options: object) -> PostgresServer:
        server = PostgresServer(**options)  # type: ignore[arg-type]
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def start_proxy() -> Iterator[StartProxy]:
    """Put a proxy that can be broken in front of a server on this machine."""
    proxies: list[Proxy] = []

    def start(host: str, port: int) -> Proxy:
        proxies.append(Proxy(host, port))
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database of each kind the store runs on: a contract test runs once on each."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.db'}"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """An Airflow whose own database is made and whose catalog is not. Not to be changed: `deployment` is a copy."""
    deployment = Deployment(tmp_path_factory.mktemp("airflow"))
    done = deployment.run("db", "migrate", enabled="False")
    assert done.returncode == 0, done.stderr
    return deployment


@pytest.fixture
def deployment(migrated: Deployment, tmp_path: Path) -> Deployment:
    """An Airflow of the test's own, with an empty catalog."""
    return migrated.copy(tmp_path / "airflow")


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    """Imported late: few tests want it, and it loads Airflow's server."""
    from tests.served import Server

    with Server() as server:
        yield server


@pytest.fixture
def server(running: Server, tmp_path: Path) -> Server:
    """The API before an empty store, or what it is told to serve."""
    running.serve(f"sqlite:///{tmp_path / 'behind.db'}")
    return running
