"""Bringing the tables up to date. Several may try at once, any may be killed: each database ends at one revision or
another.

The store and the log have revisions of their own, since on SQLite they are files of their own. Reading the revision
does not need Alembic, which takes long to import.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from airflow_provider_catalog.errors import StoreOutdated
from airflow_provider_catalog.store.sql.dialect import retryable_errors, roll_back
from airflow_provider_catalog.store.sql.engine import engine_for, log_url, normalise

Part: TypeAlias = Literal["store", "log"]
HEADS: dict[Part, str] = {"store": "store_0001", "log": "log_0001"}
_MIGRATION_LOCK = 0x636174616C6F69
_TIMEOUTS = "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', %s, true)"


def version_table(part: Part) -> str:
    return f"catalog_{part}_revision"


def _parts(url: str) -> Iterator[tuple[Part, Engine]]:
    parsed = normalise(url)
    places: tuple[tuple[Part, sa.URL], ...] = (("log", log_url(parsed)), ("store", parsed))
    for part, place in places:
        engine = engine_for(place)
        try:
            yield part, engine
        finally:
            engine.dispose()


def check(url: str) -> None:
    """Raise StoreOutdated unless every part is at the revision this code was written for."""
    for part, engine in _parts(url):
        with retryable_errors(), engine.connect() as connection:
            found = revision(connection, part)
        if found != HEADS[part]:
            raise StoreOutdated(found, HEADS[part])


def is_new(url: str) -> bool:
    """Whether there is nothing of ours yet, or whoever makes it is not done: the store is made after the log."""
    engine = engine_for(normalise(url))
    try:
        with retryable_errors(), engine.connect() as connection:
            return revision(connection, "store") is None
    finally:
        engine.dispose()


def revision(connection: Connection, part: Part) -> str | None:
    table = version_table(part)
    if not sa.inspect(connection).has_table(table):
        return None
    found = connection.execute(sa.text(f"SELECT version_num FROM {table}")).scalar_one_or_none()
    return None if found is None else str(found)


def upgrade(url: str, *, wait: float | None = None) -> list[str]:
    """Bring every part to its newest revision; returns what was done.

    `wait`: seconds for whoever else is at it, then StoreUnavailable. Left out, it is up to the database: for ever on
    PostgreSQL.
    """
    done = []
    for part, engine in _parts(url):
        with retryable_errors(), _alone(engine, wait) as connection:
            found = revision(connection, part)
            if found == HEADS[part]:
                continue
            if found is not None and found > HEADS[part]:
                raise StoreOutdated(found, HEADS[part])
            if found is not None:
                _back_up(engine, found)
            _migrate(connection, part)
            done.append(f"{part}: {found or 'nothing'} -> {HEADS[part]}")
    return done


@contextmanager
def _alone(engine: Engine, wait: float | None) -> Iterator[Connection]:
    """One transaction for the whole migration: killed at any point it leaves what was there before."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            with connection.begin():
                connection.exec_driver_sql(_TIMEOUTS, (str(_milliseconds(wait or 0)),))
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
                yield connection
            return
        if wait is not None:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_milliseconds(wait)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            roll_back(connection)
            raise
        connection.exec_driver_sql("COMMIT")


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _back_up(engine: Engine, found: str) -> None:
    """A SQLite file is copied beside itself before its tables change."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    path = Path(engine.url.database)
    with sqlite3.connect(path) as source, sqlite3.connect(path.with_name(f"{path.name}.{found}.bak")) as target:
        source.backup(target)
    source.close()
    target.close()


def _migrate(connection: Connection, part: Part) -> None:
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).with_name("migrations")), version_locations=[str(_scripts(part))])
    from alembic.config import Config

    def steps(found: object, _context: object) -> object:
        return scripts._upgrade_revs(HEADS[part], found)  # type: ignore[arg-type]  # noqa: SLF001  as alembic's own command does

    with EnvironmentContext(Config(), scripts, fn=steps, destination_rev=HEADS[part]) as environment:
        environment.configure(connection=connection, version_table=version_table(part), transactional_ddl=False)
        environment.run_migrations()


def _scripts(part: Part) -> Path:
    return Path(__file__).with_name("migrations") / part
