"""Engines for a store URL: the URL forms people write, and what each database needs to be safe and quick."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine, event, exc
from sqlalchemy.engine import URL, make_url

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.store.sql.append import log_file
from airflow_provider_catalog.store.sql.deadline import connection_class

_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "ceph", "glusterfs", "lustre", "fuse.s3fs"}


def normalise(url: str) -> URL:
    """`postgres://`, `postgresql://` and the psycopg2 form all mean psycopg 3; a relative SQLite path becomes
    absolute.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise ConfigError("store_url", "this is not a database URL; try sqlite:////path/catalog.db") from None
    backend = parsed.drivername.split("+")[0]
    if backend in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigError("store_url", f"{backend} is not supported; use sqlite:/// or postgresql://")
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigError("store_url", "the store needs a file: sqlite:////absolute/path/catalog.db")
    path = Path(parsed.database).expanduser().absolute()
    _refuse_network(path)
    return URL.create("sqlite", database=str(path))


def log_url(url: URL) -> URL:
    """The log lies beside the SQLite store in a file of its own; PostgreSQL keeps both."""
    if url.get_backend_name() != "sqlite":
        return url
    return url.set(database=str(log_file(Path(url.database or ""))))


def engine_for(url: URL, *, durable: bool = False, answer_within: float | None = None) -> Engine:
    """`durable`: what is committed survives a loss of power at once, not only after a while.

    `answer_within`: seconds to wait for any one answer of a server; a file answers or fails by itself.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, durable=durable)
    return _postgres(url, durable=durable, answer_within=answer_within)


def _sqlite(url: URL, *, durable: bool) -> Engine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 60, "check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        _write_ahead(connection)
        for pragma in (
            f"synchronous={'FULL' if durable else 'NORMAL'}",
            "temp_store=MEMORY",
            "cache_size=-65536",
            "mmap_size=268435456",
            "wal_autocheckpoint=8000",  # 32 MB: a page that is written again and again is copied to its place once
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Of several that open a new file at once, SQLite turns all but one away without waiting."""
    deadline = time.monotonic() + 60
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


_POSTGRES = {
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "statement_timeout": "300s",
    "jit": "off",
}


def _postgres(url: URL, *, durable: bool, answer_within: float | None) -> Engine:
    """Time-outs on both sides: a vanished client must not hold locks, a vanished server must not hold us."""
    query = {key: value for key, value in url.query.items() if key != "options"}
    settings = _POSTGRES | ({} if durable else {"synchronous_commit": "off"})
    mine = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options = f"{url.query.get('options', '')} {mine}".strip()
    engine = sa.create_engine(
        url.set(query=query),
        pool_size=4,
        max_overflow=8,
        connect_args={
            "options": options,
            "connect_timeout": 10,
            "keepalives_idle": 30,
            "tcp_user_timeout": 30_000,
            "application_name": "airflow-catalog",
        },
    )
    if answer_within is not None:
        _give_up_after(engine, answer_within)
    return engine


def _give_up_after(engine: Engine, seconds: float) -> None:
    kind = connection_class(seconds)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: Any, kwargs: Any) -> Any:
        return kind.connect(*args, **kwargs)


def _refuse_network(path: Path) -> None:
    """SQLite's locks do not hold on network filesystems: refuse before anything is lost."""
    kind = _filesystem(path)
    if kind in _NETWORK:
        raise ConfigError(
            "store_url", f"{path} lies on a {kind} filesystem, where SQLite loses data; use a local disk or PostgreSQL"
        )


def _filesystem(path: Path) -> str:
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return ""
    best, kind = "", ""
    for line in mounts.read_text().splitlines():
        _device, point, filesystem, *_ = line.split()
        point = point.replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, filesystem
    return kind
