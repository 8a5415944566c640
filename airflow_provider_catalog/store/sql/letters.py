"""Dead letters: envelopes that could not become statements, with the reason, until somebody retries or drops them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.grammar import storable
from airflow_provider_catalog.store.sql.dialect import Dialect
from airflow_provider_catalog.store.sql.packing import pack, unpack
from airflow_provider_catalog.store.sql.tables import dead_letter as table

_HEAD = 64 * 1024


def keep(connection: Connection, dialect: Dialect, rejected: Sequence[DeadLetter]) -> None:
    """The head of the payload goes along; the whole of it is in the log if it ever got there."""
    rows = {letter.id: _row(letter) for letter in rejected}
    dialect.insert(connection, table, [rows[id_] for id_ in sorted(rows)])


def _row(letter: DeadLetter) -> tuple[object, ...]:
    e = letter.envelope
    head = pack(e.payload[:_HEAD])
    reason = storable(letter.reason[:4000])
    return (letter.id, e.kind, e.producer, e.key, e.recorded_at, e.seq, e.sender, reason, head)


def read(connection: Connection, limit: int) -> list[DeadLetter]:
    query = sa.select(table).order_by(table.c.recorded_at, table.c.id).limit(limit)
    return [
        DeadLetter(Envelope(kind, unpack(payload), producer, recorded_at, key, seq, sender), reason, bytes(id_))
        for id_, kind, producer, key, recorded_at, seq, sender, reason, payload in connection.execute(query)
    ]


def forget(connection: Connection, dialect: Dialect, ids: Collection[bytes]) -> int:
    before = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    dialect.delete(connection, table, ["id"], [(id_,) for id_ in sorted(ids)])
    return int(before - connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
