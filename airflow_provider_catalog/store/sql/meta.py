"""The store's own affairs: counters, leases, and how much there is."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.dialect import now

VERSION = "version"
"""Goes up with every write; a cache is right for one version."""
MERGED = "merged"
"""The log has been merged up to this number."""


def get(connection: Connection, name: str) -> int:
    value = connection.execute(sa.select(tables.meta.c.value).where(tables.meta.c.name == name)).scalar_one_or_none()
    return int(value or 0)


def increment(connection: Connection, name: str) -> int:
    table = tables.meta
    raised = sa.update(table).where(table.c.name == name).values(value=table.c.value + 1).returning(table.c.value)
    value = connection.execute(raised).scalar_one_or_none()
    if value is None:
        connection.execute(sa.insert(table).values(name=name, value=1))
    return int(value or 1)


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
    table, clock = tables.lease, _clock(connection)
    connection.exec_driver_sql(_CLAIM.format(mark=_mark(connection)), (role,))
    free = sa.or_(table.c.expires_at < clock, table.c.holder == holder)
    taken = sa.update(table).where(table.c.role == role, free)
    connection.execute(taken.values(holder=holder, expires_at=clock + int(seconds * 1_000_000)))
    return str(connection.execute(sa.select(table.c.holder).where(table.c.role == role)).scalar_one())


_CLAIM = "INSERT INTO catalog_lease (role, holder, expires_at) VALUES ({mark}, '', 0) ON CONFLICT DO NOTHING"


def release_lease(connection: Connection, role: str, holder: str) -> None:
    table = tables.lease
    connection.execute(sa.delete(table).where(table.c.role == role, table.c.holder == holder))


def _mark(connection: Connection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"


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
        "columns": sa.select(sa.func.count()).select_from(tables.column),
        "jobs": sa.select(sa.func.count()).select_from(entity).where(entity.c.kind == "job"),
        "runs": sa.select(sa.func.count()).select_from(tables.run),
        "edges": sa.select(sa.func.count()).select_from(edge).where(edge.c.valid_to.is_(None)),
        "column_edges": sa.select(sa.func.count()).select_from(column_edge).where(column_edge.c.valid_to.is_(None)),
    }
    return {name: int(connection.execute(query).scalar_one()) for name, query in queries.items()}
