"""Before images as rows. They are the store's own affair: of each thing the last ones are kept."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.model.grammar import storable
from airflow_provider_catalog.store.protocol import Image
from airflow_provider_catalog.store.sql.dialect import Dialect
from airflow_provider_catalog.store.sql.packing import pack, unpack
from airflow_provider_catalog.store.sql.tables import image as table

KEPT = 10
_OF_IT = (table.c.target == sa.bindparam("of"), table.c.thing == sa.bindparam("it"))
_OLDEST_KEPT = (
    sa.select(table.c.taken_at).where(*_OF_IT).order_by(table.c.taken_at.desc()).limit(1).offset(KEPT - 1)
).scalar_subquery()
_PRUNE = sa.delete(table).where(*_OF_IT, table.c.taken_at < _OLDEST_KEPT)


def keep(connection: Connection, dialect: Dialect, images: Sequence[Image]) -> None:
    rows = sorted((each.target, storable(each.thing), each.taken_at, _packed(each)) for each in images)
    dialect.insert(connection, table, rows)
    things = sorted({(target, thing) for target, thing, *_ in rows})
    if things:
        connection.execute(_PRUNE, [{"of": target, "it": thing} for target, thing in things])


def forget(connection: Connection, dialect: Dialect, images: Sequence[Image]) -> None:
    keys = sorted((each.target, storable(each.thing), each.taken_at) for each in images)
    dialect.delete(connection, table, ["target", "thing", "taken_at"], keys)


def read(connection: Connection, target: str, thing: str, limit: int) -> list[Image]:
    """Of one thing, or of all; the newest first."""
    query = sa.select(table).where(table.c.target == target).order_by(table.c.taken_at.desc(), table.c.thing)
    wanted = query.where(table.c.thing == storable(thing)) if thing else query
    rows = connection.execute(wanted.limit(limit))
    return [Image(of, it, taken_at, json.loads(unpack(body))) for of, it, taken_at, body in rows]


def _packed(image: Image) -> bytes:
    return pack(json.dumps(image.body).encode())
