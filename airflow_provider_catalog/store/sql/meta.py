"""The store's own affairs: counters, leases, and how much there is."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.dialect import mark, now

VERSION = "version"
"""Goes up with every write; a cache is right for one version."""
REBUILT = 1 << 32
"""By how much the version goes up when the whole store was derived anew."""
NAMES = "names"
"""Goes up when an entity is shown by another name, or stands under another node."""
EDGES = "edges"
"""Goes up when an edge of now begins, ends, moves or is said otherwise."""
MERGED = "merged"
"""The log has been merged up to this number."""

_SEEN = "catalog_seen"


def get(connection: Connection, name: str) -> int:
    """Asked before every read of names: as text, which takes a third of the time."""
    sql = f"SELECT value FROM catalog_meta WHERE name = {mark(connection)}"
    return int(connection.exec_driver_sql(sql, (name,)).scalar_one_or_none() or 0)


def seen(connection: Connection, name: str) -> int:
    """As of the beginning of the glance that the connection is for; else as of now."""
    known = connection.get_execution_options().get(_SEEN)
    return get(connection, name) if known is None else known[name]


def glancing(connection: Connection) -> Connection:
    """For connections on which what is remembered is checked once, here."""
    names = (NAMES, EDGES)
    wanted = ", ".join([mark(connection)] * len(names))
    rows = connection.exec_driver_sql(f"SELECT name, value FROM catalog_meta WHERE name IN ({wanted})", names)
    found = {row.name: int(row.value) for row in rows}
    return connection.execution_options(**{_SEEN: dict.fromkeys(names, 0) | found})


def increment(connection: Connection, name: str, by: int = 1) -> int:
    table = tables.meta
    raised = sa.update(table).where(table.c.name == name).values(value=table.c.value + by).returning(table.c.value)
    value = connection.execute(raised).scalar_one_or_none()
    if value is None:
        connection.execute(sa.insert(table).values(name=name, value=by))
    return int(value or by)


def raise_to(connection: Connection, name: str, value: int) -> None:
    """Never backwards: a slower process must not undo what a faster one has merged."""
    table = tables.meta
    found = connection.execute(sa.select(table.c.value).where(table.c.name == name)).scalar_one_or_none()
    if found is None:
        connection.execute(sa.insert(table).values(name=name, value=value))
    elif found < value:
        connection.execute(sa.update(table).where(table.c.name == name).values(value=value))


def acquire_lease(connection: Connection, role: str, holder: str, seconds: float) -> str:
    """Who holds the lease after asking: the caller when it was free, expired or the caller's already."""
    table = tables.lease
    connection.exec_driver_sql(_CLAIM.format(mark=mark(connection)), (role,))
    row = sa.select(table.c.holder, table.c.expires_at).where(table.c.role == role).with_for_update()
    found, expires_at = connection.execute(row).one()
    clock = _clock(connection)
    if found != holder and expires_at >= clock:
        return str(found)
    expires_at = clock + int(seconds * 1_000_000)
    connection.execute(sa.update(table).where(table.c.role == role).values(holder=holder, expires_at=expires_at))
    return holder


_CLAIM = "INSERT INTO catalog_lease (role, holder, expires_at) VALUES ({mark}, '', 0) ON CONFLICT DO NOTHING"


def release_lease(connection: Connection, role: str, holder: str) -> None:
    """The row stays: somebody may be asking for it at this moment."""
    table = tables.lease
    mine = sa.update(table).where(table.c.role == role, table.c.holder == holder)
    connection.execute(mine.values(holder="", expires_at=0))


def leases(connection: Connection) -> dict[str, str]:
    """Who holds which role now."""
    table = tables.lease
    held = sa.select(table.c.role, table.c.holder).where(table.c.expires_at >= _clock(connection))
    return {row.role: row.holder for row in connection.execute(held)}


def _clock(connection: Connection) -> int:
    """The database's clock where it has one: hosts do not agree on the time, and leases must."""
    if connection.dialect.name != "postgresql":
        return now()
    seconds = connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp()) * 1000000").scalar_one()
    return int(seconds)


def counts(connection: Connection) -> dict[str, int]:
    entity, edge, column_edge = tables.entity, tables.edge, tables.column_edge
    queries = {
        "dead_letters": sa.select(sa.func.count()).select_from(tables.dead_letter),
        "statements": sa.select(sa.func.count()).select_from(tables.statement),
        "datasets": sa.select(sa.func.count()).select_from(entity).where(entity.c.kind == "dataset"),
        "columns": sa.select(sa.func.count()).select_from(tables.column).where(tables.column.c.stated),
        "jobs": sa.select(sa.func.count()).select_from(entity).where(entity.c.kind == "job"),
        "runs": sa.select(sa.func.count()).select_from(tables.run),
        "edges": sa.select(sa.func.count()).select_from(edge).where(edge.c.valid_to.is_(None)),
        "column_edges": sa.select(sa.func.count()).select_from(column_edge).where(column_edge.c.valid_to.is_(None)),
    }
    return {name: int(connection.execute(query).scalar_one()) for name, query in queries.items()}
