"""What `airflow db migrate` and `airflow db check-migrations` do about the catalog's database, which is not Airflow's.

Fail-open: whatever is wrong with that database, Airflow is migrated and starts all the same, with one warning that says
what to do and ten seconds later at most. `airflow-catalog db check` is the strict one. `airflow db reset` drops nothing
of ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TypeVar

from airflow.utils.db_manager import BaseDBManager
from sqlalchemy import MetaData

from airflow_provider_catalog.errors import CatalogError, StoreOutdated
from airflow_provider_catalog.settings import settings

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_ANSWER_SECONDS = 5.0
_TURN_SECONDS = 4.0
_MIGRATION_SECONDS = 1200.0
"""Airflow gives its own migration no more."""

_ADVICE = (
    "CATALOG NOT READY: %s. Airflow goes on without its data catalog. Look at [catalog] store_url and run"
    " `airflow-catalog db upgrade`; `airflow-catalog db check` tells when all is well."
)


class CatalogDBManager(BaseDBManager):
    """Everything that would work on Airflow's own database does nothing there: no table of ours is in it."""

    metadata = MetaData()
    migration_dir = str(Path(__file__).parent / "store" / "sql" / "migrations")
    alembic_file = ""
    version_table_name = "catalog_store_revision"
    supports_table_dropping = False

    def check_migration(self) -> bool:
        """Nobody waits for the catalog: without it there are only fewer answers."""
        _fail_open(lambda: _within(_ANSWER_SECONDS, _check))
        return True

    def initdb(self, use_migration_files: bool = False) -> None:
        _fail_open(_upgrade)

    def upgradedb(
        self,
        to_revision: str | None = None,
        from_revision: str | None = None,
        show_sql_only: bool = False,
        use_migration_files: bool = False,
    ) -> None:
        """All the way or not at all. Only `airflow db-manager` asks for less, and gets an answer."""
        if to_revision or from_revision or show_sql_only:
            raise NotImplementedError("the catalog only upgrades to its newest revision: airflow-catalog db upgrade")
        _fail_open(_upgrade)

    def create_db_from_orm(self) -> None:
        _fail_open(_upgrade)

    def resetdb(self, skip_init: bool = False, use_migration_files: bool = False) -> None:
        """What people said is in no other place, so it is not thrown away in passing."""
        log.warning("The data catalog is kept as it is. Whoever wants it gone drops its database.")
        if not skip_init:
            _fail_open(_upgrade)


def _fail_open(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001  whatever it is, Airflow comes first
        log.warning(_ADVICE, _reason(error))


def _check() -> None:
    """Where the catalog is reached over HTTP its database is another host's."""
    from airflow_provider_catalog.store.remote import is_remote
    from airflow_provider_catalog.store.sql import schema

    found = settings()
    if found.enabled and not found.only_http and not is_remote(found.store_url):
        schema.check(found.store_url)


def _upgrade() -> None:
    """A database that does not answer is found out quickly; one that does has the time it needs."""
    try:
        _within(_ANSWER_SECONDS, _check)
    except StoreOutdated:
        for done in _within(_MIGRATION_SECONDS, _migrate):
            log.info("Data catalog, %s", done)


def _migrate() -> list[str]:
    from airflow_provider_catalog.store.sql import schema

    return schema.upgrade(settings().store_url, wait=_TURN_SECONDS)


def _within(seconds: float, call: Callable[[], _T]) -> _T:
    """In a thread that may be left behind: a name server, a mount or a server that is silent holds up nobody else."""
    outcome: Future[_T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except Exception as error:  # noqa: BLE001  raised again where it is waited for
            outcome.set_exception(error)

    Thread(target=run, name="catalog-migration", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        raise TimeoutError(f"no answer within {seconds:g} s") from None


def _reason(error: Exception) -> str:
    """In one line. Of what others raise only the kind is told where the text may repeat a password."""
    known = isinstance(error, CatalogError | OSError | ImportError)
    return " ".join(str(error).split()) if known else f"{type(error).__name__} (`airflow-catalog db check` tells more)"
