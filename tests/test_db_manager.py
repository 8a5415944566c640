"""`airflow db …` and the catalog's database: up to date when it is there, and never in Airflow's way."""

from __future__ import annotations

import logging
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from airflow.providers_manager import ProvidersManager
from airflow.utils.db_manager import RunDBManager

from airflow_provider_catalog.db_manager import CatalogDBManager
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.sql import schema
from tests.deployment import Deployment

NOT_READY = "CATALOG NOT READY"
MOST_SECONDS = 60.0
URLS = {
    "no URL": "catalog:hunter2@nowhere",
    "another database": "mysql://catalog:hunter2@db/catalog",
    "no port": "postgresql://catalog:hunter2@db:hunter2/catalog",
    "port refused": "postgresql://catalog:hunter2@127.0.0.1:1/catalog",
    "no such host": "postgresql://catalog:hunter2@no-such-host.invalid/catalog",
    "below a file": "sqlite:///{file}/catalog.db",
    "a folder": "sqlite:///{folder}",
    "no database": "sqlite:///{file}",
}
WORK: dict[str, Callable[[CatalogDBManager], object]] = {
    "check": lambda manager: manager.check_migration(),
    "init": lambda manager: manager.initdb(),
    "upgrade": lambda manager: manager.upgradedb(),
}
WHATEVER = pytest.mark.parametrize("work", WORK.values(), ids=WORK)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CatalogDBManager:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    return CatalogDBManager(session=None)  # type: ignore[no-untyped-call]


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Connections are taken, and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        yield f"postgresql://catalog:hunter2@127.0.0.1:{server.getsockname()[1]}/catalog"


def url_of(which: str, folder: Path) -> str:
    (folder / "file").write_text("this is no database")
    return URLS[which].format(file=folder / "file", folder=folder)


@contextmanager
def one_warning_soon(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < MOST_SECONDS
    (warning,) = (record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING)
    assert warning.startswith(NOT_READY)
    assert "airflow-catalog db upgrade" in warning
    assert "hunter2" not in warning


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)


def test_airflow_finds_the_manager_and_takes_it_as_it_is() -> None:
    managers = ProvidersManager().db_managers  # type: ignore[no-untyped-call]
    assert f"{CatalogDBManager.__module__}.{CatalogDBManager.__name__}" in managers
    RunDBManager().validate()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("which", URLS)
@WHATEVER
def test_a_store_that_cannot_be_reached_is_one_warning(
    manager: CatalogDBManager,
    which: str,
    work: Callable[[CatalogDBManager], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use(monkeypatch, url_of(which, tmp_path))
    with one_warning_soon(caplog):
        assert work(manager) in {None, True}


@WHATEVER
def test_a_server_that_never_answers_is_not_waited_for(
    manager: CatalogDBManager,
    work: Callable[[CatalogDBManager], object],
    silent_url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use(monkeypatch, silent_url)
    with one_warning_soon(caplog):
        work(manager)


def test_a_command_for_the_url_that_hangs_is_not_waited_for(
    manager: CatalogDBManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL_CMD", "sleep 20")
    with one_warning_soon(caplog):
        manager.upgradedb()


def test_a_file_that_somebody_else_keeps_locked_is_left(
    manager: CatalogDBManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "catalog.db"
    use(monkeypatch, f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other, one_warning_soon(caplog):
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        manager.upgradedb()


def test_a_database_in_which_another_migration_hangs_is_left(
    manager: CatalogDBManager,
    postgres_database: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use(monkeypatch, postgres_database)
    plain = postgres_database.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as other, one_warning_soon(caplog):
        other.execute("SELECT pg_advisory_lock(%s)", (schema._MIGRATION_LOCK,))
        manager.upgradedb()


def test_a_store_made_by_a_newer_version_is_left(
    manager: CatalogDBManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "catalog.db"
    schema.upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE catalog_store_revision SET version_num = 'store_9999'")
    with one_warning_soon(caplog):
        manager.upgradedb()
    assert "install a newer version" in caplog.text


def test_a_store_without_tables_is_told_of_and_not_waited_for(
    manager: CatalogDBManager, caplog: pytest.LogCaptureFixture
) -> None:
    with one_warning_soon(caplog):
        assert manager.check_migration() is True
    assert "has no catalog tables yet" in caplog.text


def test_a_missing_driver_is_named(
    manager: CatalogDBManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    use(monkeypatch, "postgresql://db/catalog")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with one_warning_soon(caplog):
        manager.upgradedb()
    assert "psycopg" in caplog.text


@pytest.mark.parametrize("work", ["initdb", "upgradedb", "create_db_from_orm", "resetdb"])
def test_a_store_that_is_there_is_brought_up_to_date(
    manager: CatalogDBManager, store_url: str, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    use(monkeypatch, store_url)
    getattr(manager, work)()
    schema.check(store_url)
    assert manager.check_migration() is True


def test_a_catalog_that_is_switched_off_is_left_alone(
    manager: CatalogDBManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__ENABLED", "False")
    manager.upgradedb()
    manager.check_migration()
    assert not (tmp_path / "catalog.db").exists()
    assert NOT_READY not in caplog.text


@pytest.mark.parametrize("wish", [{"to_revision": "x"}, {"from_revision": "x"}, {"show_sql_only": True}])
def test_whoever_wants_less_than_an_upgrade_is_told_that_there_is_no_less(
    manager: CatalogDBManager, tmp_path: Path, wish: dict[str, object]
) -> None:
    with pytest.raises(NotImplementedError, match="airflow-catalog db upgrade"):
        manager.upgradedb(**wish)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError):
        manager.downgrade("x")  # type: ignore[no-untyped-call]
    assert not (tmp_path / "catalog.db").exists()


def test_resetting_keeps_what_the_catalog_knows(manager: CatalogDBManager, tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'catalog.db'}")) as store:
        store.accept([Envelope("openlineage", b"{}")])
        manager.resetdb()
        manager.resetdb(skip_init=True)
        assert store.status().accepted == 1


def test_airflows_own_migration_makes_the_catalog_and_does_it_once(tmp_path: Path) -> None:
    """A fresh Airflow: its tables are made, too."""
    deployment = Deployment(tmp_path)
    for args in (["migrate"], ["migrate"], ["check-migrations"]):
        done = deployment.run("db", *args)
        assert done.returncode == 0, done.stderr
        assert NOT_READY not in done.stdout + done.stderr
        schema.check(deployment.store_url)


@pytest.mark.parametrize("which", ["no URL", "port refused", "below a file", "silent"])
def test_airflow_migrates_and_starts_whatever_is_wrong_with_the_store(
    deployment: Deployment, which: str, silent_url: str, tmp_path: Path
) -> None:
    url = silent_url if which == "silent" else url_of(which, tmp_path)
    for command in ("migrate", "check-migrations"):
        done = deployment.run("db", command, store_url=url)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        assert said.count(NOT_READY) == 1
        assert "hunter2" not in said


def test_several_airflows_may_migrate_one_catalog_at_once(
    migrated: Deployment, postgres_database: str, tmp_path: Path
) -> None:
    deployments = [migrated.copy(tmp_path / name) for name in "abc"]
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda each: each.run("db", "migrate", store_url=postgres_database), deployments))
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert not any(NOT_READY in run.stdout + run.stderr for run in runs)
    schema.check(postgres_database)


def test_airflows_own_reset_keeps_what_the_catalog_knows(deployment: Deployment) -> None:
    with closing(open_store(deployment.store_url)) as store:
        store.accept([Envelope("openlineage", b"{}")])
        assert deployment.run("db", "reset", "--yes").returncode == 0
        assert store.status().accepted == 1
