"""The plain way: one transaction an event, upserts by SQLAlchemy Core.

Written as a careful engineer would: ids made by the client (no round trip to learn one), statements built once and
prepared by the driver, many rows by executemany, rows in the order of their keys (no deadlocks), an idempotency key,
run states that never go back, no write where nothing changed unless a time has to move, and the indexes our reads need.

It keeps what ours keeps: the log of events and what each told, runs, facts with their history, what jobs read and
write, edges with when they were first and last seen. It takes events as they come: one that is late moves when a value
began, and no more than that; ours is right in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, Self, TypeAlias

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.peers import tables as t
from benchmarks.peers.answers import Reader
from benchmarks.peers.rows import Row, Rows, pack

Statement: TypeAlias = postgresql.Insert | sqlite.Insert


class CoreUpsertWriter:
    """One connection, one transaction an event."""

    def __init__(self, url: str) -> None:
        self._postgres = url.startswith("postgresql")
        isolation = {} if self._postgres else {"isolation_level": "AUTOCOMMIT"}
        self._engine = sa.create_engine(url, **isolation)
        if not self._postgres:
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        t.metadata.create_all(self._engine)
        self._statements = _Statements(postgres=self._postgres)
        self._connection = self._engine.connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()

    def write(self, payload: bytes) -> None:
        """One event, durable and answerable when this returns. One that came before changes nothing."""
        rows, said = Rows(orjson.loads(payload)), self._statements
        logged = {"key": blake2b(payload, digest_size=16).digest(), "received_at": rows.time, "payload": pack(payload)}
        with self._transaction() as connection:
            if connection.execute(said.event_log, logged).rowcount == 0:
                return
            for statement, found in said.with_rows(rows):
                if found:
                    connection.execute(statement, found)
            self._new_values(connection, rows)
            connection.execute(said.facts, rows.facts)

    def _new_values(self, connection: Connection, rows: Rows) -> None:
        """Where a value is another than before, it is kept and the one before ends."""
        subjects = sorted({row["subject_id"] for row in rows.facts})
        found = connection.execute(self._statements.known, {"subjects": subjects})
        known = {(subject, aspect, producer): hashed for subject, aspect, producer, hashed in found}
        keys = [(row, (row["subject_id"], row["aspect"], row["producer_id"])) for row in rows.facts]
        news = [(row, known.get(key)) for row, key in keys if known.get(key) != row["value_hash"]]
        if not news:
            return
        hashes = sorted({row["value_hash"] for row, _ in news})
        connection.execute(
            self._statements.values, [{"hash": hashed, "body": pack(rows.values[hashed])} for hashed in hashes]
        )
        if ended := [_ended(row) for row, before in news if before is not None]:
            connection.execute(self._statements.end, ended)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._postgres:
            with self._connection.begin():
                yield self._connection
            return
        self._connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.exec_driver_sql("ROLLBACK")
            raise
        self._connection.exec_driver_sql("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self._transaction() as connection:
            connection.exec_driver_sql("ANALYZE")
            yield Reader(connection)


class _Statements:
    """The upserts, built once for one database."""

    def __init__(self, *, postgres: bool) -> None:
        self._insert = postgresql.insert if postgres else sqlite.insert
        self._greatest = sa.func.greatest if postgres else sa.func.max
        self._least = sa.func.least if postgres else sa.func.min
        self.event_log = self._insert(t.event_log).on_conflict_do_nothing(index_elements=["key"])
        self.values = self._insert(t.value).on_conflict_do_nothing()
        self.facts = self._facts()
        c = t.fact.c
        self.known = sa.select(c.subject_id, c.aspect, c.producer_id, c.value_hash).where(
            c.subject_id.in_(sa.bindparam("subjects", expanding=True)), c.valid_to.is_(None)
        )
        same = [c[name] == sa.bindparam(f"b_{name}") for name in ("subject_id", "aspect", "producer_id")]
        self.end = sa.update(t.fact).where(*same, c.valid_to.is_(None)).values(valid_to=sa.bindparam("b_time"))
        self._by_table = (
            ("producers", self._insert(t.producer).on_conflict_do_nothing()),
            ("jobs", self._insert(t.job).on_conflict_do_nothing()),
            ("runs", self._run()),
            ("events", self._insert(t.event).on_conflict_do_nothing()),
            ("datasets", self._insert(t.dataset).on_conflict_do_nothing()),
            ("columns", self._insert(t.column).on_conflict_do_nothing()),
        )
        self._begun = self._seen(t.port, complete=False)
        self._lineage = (
            ("ports", self._seen(t.port)),
            ("edges", self._seen(t.edge, "rule", "confidence")),
            ("column_edges", self._seen(t.column_edge, "rule", "confidence", "transformation")),
        )

    def with_rows(self, rows: Rows) -> Iterator[tuple[Statement, list[Row]]]:
        for name, statement in self._by_table:
            yield statement, getattr(rows, name)
        if not rows.complete:
            yield self._begun, rows.ports
            return
        for name, statement in self._lineage:
            yield statement, getattr(rows, name)

    def _upsert(self, table: Table, sets: dict[str, Any], where: Any = None) -> Statement:
        keys = [each.name for each in table.primary_key.columns]
        return self._insert(table).on_conflict_do_update(index_elements=keys, set_=sets, where=where)

    def _run(self) -> Statement:
        new, old = self._insert(t.run).excluded, t.run.c
        sets: dict[str, Any] = {"state": self._greatest(old.state, new.state)}
        for name in ("started_at", "ended_at", "nominal_start", "nominal_end", "parent_run_id", "root_run_id"):
            sets[name] = sa.func.coalesce(new[name], old[name])
        return self._upsert(t.run, sets)

    def _facts(self) -> Statement:
        """Said again: its times move. Its key is that of the index of facts that hold now."""
        new, old = self._insert(t.fact).excluded, t.fact.c
        return self._insert(t.fact).on_conflict_do_update(
            index_elements=["subject_id", "aspect", "producer_id"],
            index_where=old.valid_to.is_(None),
            set_={
                "valid_from": self._least(old.valid_from, new.valid_from),
                "last_seen": self._greatest(old.last_seen, new.last_seen),
            },
        )

    def _seen(self, table: Table, *names: str, complete: bool = True) -> Statement:
        """Seen again: its times move. What has only begun can only have begun earlier."""
        new, old = self._insert(table).excluded, table.c
        first: dict[str, Any] = {"valid_from": self._least(old.valid_from, new.valid_from)}
        if not complete:
            return self._upsert(table, first, where=new.valid_from < old.valid_from)
        last = {"last_seen": self._greatest(old.last_seen, new.last_seen)}
        return self._upsert(table, {**first, **last, **{name: new[name] for name in names}})


def _ended(row: Row) -> Row:
    keys = {f"b_{name}": row[name] for name in ("subject_id", "aspect", "producer_id")}
    return {**keys, "b_time": row["valid_from"]}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # what ours promises of an accepted event, too: durable at once
        "temp_store=MEMORY",
        "cache_size=-65536",
        "mmap_size=268435456",
        "wal_autocheckpoint=8000",
    ):
        connection.execute(f"PRAGMA {pragma}")
