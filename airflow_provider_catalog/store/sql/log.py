"""The envelope log: what came in, as it came, in the order it was accepted.

A reader asks for what came after a number. On PostgreSQL numbers are handed out before their transaction commits, so a
later one can be visible first. Writers therefore hold a shared lock for the one statement they need, and a reader takes
the exclusive one for a moment to learn up to where nothing can still appear.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.protocol import Accepted
from airflow_provider_catalog.store.sql import append
from airflow_provider_catalog.store.sql.dialect import arrays, dialect_of, fetched, mark, now, retryable_errors
from airflow_provider_catalog.store.sql.packing import pack_small, unpack
from airflow_provider_catalog.store.sql.tables import envelope as table

_READ_BYTES = 64 * 1024 * 1024
_NAMES = ("kind", "payload", "producer", "recorded_at", "key", "seq", "sender")
"""In the order of an `Envelope`."""
_ENVELOPE = sa.select(*(table.c[name] for name in _NAMES))
_SIZES = "SELECT seq, size FROM catalog_envelope WHERE seq > {mark} AND seq <= {mark} ORDER BY seq LIMIT {mark}"
_PAGE = f"SELECT {', '.join(_NAMES)} FROM catalog_envelope WHERE seq > {{mark}} AND seq <= {{mark}} ORDER BY seq"


class Log:
    """Append and read. Durable when `append` returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = dialect_of(engine)
        # One statement is its own transaction: no lock is held for a client that stops between two of them.
        self._at_once = engine.execution_options(isolation_level="AUTOCOMMIT")

    def append(self, envelopes: Sequence[Envelope]) -> Accepted:
        rows = append.rows(envelopes)
        stored = self._append_postgres(rows) if self._dialect.name == "postgresql" else self._append_sqlite(rows)
        return Accepted(stored, len(envelopes) - stored)

    def _append_postgres(self, rows: Sequence[tuple[object, ...]]) -> int:
        if not rows:
            return 0
        with retryable_errors(), self._at_once.connect() as connection:
            values = (append.APPEND_LOCK, *arrays(append.TYPES, rows))
            return int(connection.exec_driver_sql(append.POSTGRES, values).rowcount)

    def _append_sqlite(self, rows: Sequence[tuple[object, ...]]) -> int:
        """By the driver itself: what many clients send comes a few at a time, and each time SQLAlchemy takes as long as
        the disk.
        """
        if not rows:
            return 0
        with retryable_errors(), closing(self._engine.raw_connection()) as pooled:
            connection: Any = pooled.driver_connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                stored = connection.executemany(append.SQLITE, rows).rowcount
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
            return int(stored)

    def read(self, after: int, limit: int) -> list[Envelope]:
        """What came after a number, in order; nothing can appear before what this returns later on.

        Fewer than asked for when they are large: one at least, and no more than fit into memory together.
        """
        with retryable_errors(), self._engine.connect() as connection:
            settled = self._settled(connection)
            value = mark(connection)
            upto = _last_that_fits(fetched(connection, _SIZES.format(mark=value), (after, settled, limit)))
            return [_envelope(*row) for row in fetched(connection, _PAGE.format(mark=value), (after, upto))]

    def _settled(self, connection: Connection) -> int:
        """The highest number below which every writer is done."""
        if self._dialect.name == "postgresql":
            with connection.begin():
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (append.APPEND_LOCK,))
                return int(
                    connection.exec_driver_sql("SELECT coalesce(max(seq), 0) FROM catalog_envelope").scalar_one()
                )
        return int(connection.exec_driver_sql("SELECT coalesce(max(seq), 0) FROM catalog_envelope").scalar_one())

    def get(self, envelope_id: bytes) -> Envelope | None:
        with retryable_errors(), self._engine.connect() as connection:
            row = connection.execute(_ENVELOPE.where(table.c.id == envelope_id)).fetchone()
        return None if row is None else _envelope(*row)

    def after(self, seq: int, envelope_ids: Collection[bytes]) -> set[bytes]:
        """Those of them that came after a number."""
        ids = [(id_,) for id_ in sorted(envelope_ids)]
        with retryable_errors(), self._engine.connect() as connection:
            rows = self._dialect.select(connection, table, ["id", "seq"], ["id"], ids)
        return {bytes(id_) for id_, number in rows if number > seq}

    def count(self, after: int = 0) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(table.c.seq > after)
        with retryable_errors(), self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def last_before(self, recorded_at: int) -> int:
        """The highest number recorded before a time."""
        query = sa.select(sa.func.coalesce(sa.func.max(table.c.seq), 0)).where(table.c.recorded_at < recorded_at)
        with retryable_errors(), self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def replace(
        self, upto: int, keep_kinds: Sequence[str], keep_ids: Iterable[bytes], pages: Iterable[Envelope], count: int
    ) -> int:
        """Put a checkpoint of `count` pages where raw envelopes were, under numbers that become free, all at once."""
        raw = sa.and_(table.c.seq <= upto, table.c.kind.not_in(keep_kinds))
        with self._dialect.writing(self._engine) as connection:
            ids = [(id_,) for id_ in sorted(keep_ids)]
            kept = sorted(row[0] for row in self._dialect.select(connection, table, ["seq"], ["id"], ids))
            freed = sa.select(table.c.seq).where(raw).order_by(table.c.seq).limit(count + len(kept))
            numbers = [number for (number,) in connection.execute(freed) if number not in set(kept)][:count]
            removed = 0
            for after, before in pairwise([-1, *kept, upto + 1]):
                doomed = sa.delete(table).where(raw, table.c.seq > after, table.c.seq < before)
                removed += int(connection.execute(doomed).rowcount)
            for number, e in zip(numbers, pages, strict=True):
                names = {"kind": e.kind, "producer": e.producer, "sender": e.sender, "key": e.key}
                body = {"recorded_at": now(), "size": len(e.payload), "payload": pack_small(e.payload)}
                connection.execute(sa.insert(table).values(seq=number, id=e.id, **names, **body))
        return removed - count

    def holds_raw(self, upto: int, kinds: Sequence[str]) -> bool:
        """Whether there is anything up to a number but envelopes of these kinds."""
        query = sa.select(table.c.seq).where(table.c.seq <= upto, table.c.kind.not_in(kinds)).limit(1)
        with retryable_errors(), self._engine.connect() as connection:
            return connection.execute(query).first() is not None


def _last_that_fits(sizes: Iterable[Any]) -> int:
    last = total = 0
    for seq, size in sizes:
        total += size
        if last and total > _READ_BYTES:
            break
        last = seq
    return last


def _envelope(kind: str, payload: bytes, *rest: Any) -> Envelope:
    return Envelope(kind, unpack(payload), *rest)
