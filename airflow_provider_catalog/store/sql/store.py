"""The SQL store: SQLite for one machine, PostgreSQL when it grows. See `store.protocol` for what each call promises."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.store.protocol import (
    Accepted,
    AliasRule,
    Applied,
    Column,
    Direction,
    Entity,
    Fact,
    Image,
    Level,
    LineageEdge,
    Port,
    RunRow,
    StatementRow,
    Status,
    Totals,
    Walk,
)
from airflow_provider_catalog.store.sql import before_images, dump, letters, lineage, meta, names, record, totals
from airflow_provider_catalog.store.sql.apply import apply
from airflow_provider_catalog.store.sql.cache import Cache
from airflow_provider_catalog.store.sql.dialect import MERGE_LOCK, dialect_of, retryable_errors
from airflow_provider_catalog.store.sql.engine import engine_for, log_url, normalise
from airflow_provider_catalog.store.sql.log import Log
from airflow_provider_catalog.store.sql.nearby import Nearby
from airflow_provider_catalog.store.sql.outbox import Outbox
from airflow_provider_catalog.store.sql.tokens import Tokens

PATIENCE = 3
_LOG_SECONDS = 35.0
_MERGE_SECONDS = 310.0
"""A little longer than the server's own time-outs, for when the server cannot keep them."""


class _Here(threading.local):
    """What a glance of this thread goes over."""

    connection: Connection | None = None


class SqlStore:
    """One object per process is enough; it may be used from several threads."""

    def __init__(self, url: str, *, patience: int = PATIENCE, cache_size: int = 400_000) -> None:
        self.url = normalise(url)
        self.engine = engine_for(self.url, answer_within=_MERGE_SECONDS)
        self.dialect = dialect_of(self.engine)
        self.remote = self.dialect.name == "postgresql"
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._log_engine = engine_for(log_url(self.url), durable=True, answer_within=_LOG_SECONDS)
        self.log = Log(self._log_engine)
        self.patience = patience
        self._cache = Cache(cache_size)
        self._names = names.Names()
        self._producers = names.Producers()
        self._nearby = Nearby(self._producers)
        self._writing = threading.Lock()
        self._here = _Here()

    def close(self) -> None:
        if "tokens" in vars(self):
            self.tokens.close()
        self.engine.dispose()
        self._log_engine.dispose()

    # -- the log

    def accept(self, envelopes: Sequence[Envelope]) -> Accepted:
        return self.log.append(envelopes)

    def pending(self, limit: int) -> list[Envelope]:
        with self.reading() as connection:
            merged = meta.get(connection, meta.MERGED)
        return self.log.read(merged, limit)

    def envelopes(self, after: int = 0, limit: int = 1000) -> list[Envelope]:
        return self.log.read(after, limit)

    def envelope(self, envelope_id: bytes) -> Envelope | None:
        return self.log.get(envelope_id)

    def unmerged(self, envelope_ids: Collection[bytes]) -> set[bytes]:
        with self.reading() as connection:
            merged = meta.get(connection, meta.MERGED)
        return self.log.after(merged, envelope_ids)

    # -- the write path

    def apply(self, changes: Changes, *, merged_to: int | None = None, rejected: Sequence[DeadLetter] = ()) -> Applied:
        """Everything or nothing. What we believe to know of the database is forgotten when a transaction fails."""
        with self._writing:
            try:
                with self.dialect.writing(self.engine, MERGE_LOCK) as connection:
                    self._cache_of(connection)
                    applied = apply(
                        connection, self.dialect, self._cache, changes.statements, merged_to or 0, self.patience
                    )
                    letters.keep(connection, self.dialect, rejected)
                    if merged_to is not None:
                        meta.raise_to(connection, meta.MERGED, merged_to)
            except BaseException:
                self._cache.clear()
                raise
            return applied

    def _cache_of(self, connection: Connection) -> None:
        """Another process may have written since our last transaction, or even replaced everything."""
        version = meta.increment(connection, meta.VERSION)
        if version >= self._cache.version + meta.REBUILT:
            self._cache.clear()
        elif version != self._cache.version + 1:
            self._cache.forget_changeable()
        self._cache.version = version

    # -- dead letters

    def dead_letters(self, limit: int = 1000) -> list[DeadLetter]:
        with self.reading() as connection:
            return letters.read(connection, limit)

    def forget_dead_letters(self, envelope_ids: Collection[bytes]) -> int:
        with self.dialect.writing(self.engine) as connection:
            return letters.forget(connection, self.dialect, envelope_ids)

    # -- entities

    def entities(self, uids: Collection[int]) -> dict[int, Entity]:
        with self.reading() as connection:
            return self._names.read(connection, self.dialect, uids)

    def columns(self, uids: Collection[int]) -> dict[int, Column]:
        with self.reading() as connection:
            return names.columns(connection, self.dialect, uids)

    def columns_of(self, datasets: Collection[int]) -> list[Column]:
        with self.reading() as connection:
            return names.columns_of(connection, self.dialect, datasets)

    def members(self, node: int) -> list[Entity]:
        with self.reading() as connection:
            return names.members(connection, node)

    def alias_rules(self, uids: Collection[int]) -> list[AliasRule]:
        with self.reading() as connection:
            return names.alias_rules(connection, self.dialect, uids)

    def namespaces(self, kind: str = "dataset") -> list[str]:
        with self.reading() as connection:
            return names.namespaces(connection, kind)

    def find(self, prefix: str, *, kinds: Collection[str] = (), limit: int = 50, after: int = 0) -> list[Entity]:
        with self.reading() as connection:
            return names.find(connection, prefix, kinds, limit, after)

    def scan(self, kind: str, *, after: int = 0, limit: int = 1000) -> list[Entity]:
        with self.reading() as connection:
            return names.scan(connection, kind, after, limit)

    # -- what is said about them

    def facts(
        self, subjects: Collection[int], *, as_of: int | None = None, aspects: Collection[str] = ()
    ) -> list[Fact]:
        with self.reading() as connection:
            return record.facts(connection, self.dialect, subjects, as_of, aspects)

    def history(self, subject: int, aspect: str) -> list[Fact]:
        with self.reading() as connection:
            return record.history(connection, self.dialect, subject, aspect)

    def audit(self, subject: int | None = None, limit: int = 100) -> list[StatementRow]:
        with self.reading() as connection:
            return record.audit(connection, subject, limit)

    # -- runs

    def runs(self, jobs: Collection[int], *, limit: int = 10) -> list[RunRow]:
        with self.reading() as connection:
            return record.runs(connection, self.dialect, jobs, limit)

    def run(self, run_id: str) -> tuple[RunRow, list[StatementRow]] | None:
        with self.reading() as connection:
            return record.run(connection, run_id)

    def latest(self, jobs: Collection[int]) -> dict[int, tuple[RunRow, dict[str, Any]]]:
        with self.reading() as connection:
            return record.latest(connection, self.dialect, jobs)

    # -- lineage

    def walk(
        self,
        starts: Collection[int],
        direction: Direction,
        *,
        level: Level = "table",
        depth: int = 5,
        limit: int = 1000,
        as_of: int | None = None,
    ) -> Walk:
        with self.reading() as connection:
            near = as_of is None and self._nearby.walk(connection, self.dialect, starts, direction, level, depth, limit)
            shape = lineage.shape_of(direction, level, as_of)
            return near or lineage.walk(connection, self.dialect, starts, shape, depth, limit)

    def edges(self, nodes: Collection[int], *, level: Level = "table", as_of: int | None = None) -> list[LineageEdge]:
        with self.reading() as connection:
            now = level == "table" and as_of is None
            near = self._nearby.edges(connection, self.dialect, nodes) if now else None
            if near is not None:
                return near
            shape = lineage.shape_of("downstream", level, as_of)
            return lineage.edges(connection, self.dialect, self._producers, nodes, shape)

    def neighbours(
        self, nodes: Collection[int], direction: Direction, *, level: Level = "table", as_of: int | None = None
    ) -> list[LineageEdge]:
        with self.reading() as connection:
            shape = lineage.shape_of(direction, level, as_of)
            return lineage.neighbours(connection, self.dialect, self._producers, nodes, shape)

    def column_edges_between(
        self, pairs: Collection[tuple[int, int]], *, as_of: int | None = None
    ) -> list[LineageEdge]:
        with self.reading() as connection:
            return lineage.column_edges_between(connection, self.dialect, self._producers, pairs, as_of)

    def stated(self, jobs: Collection[int], *, level: Level = "table", as_of: int | None = None) -> list[LineageEdge]:
        shape = lineage.shape_of("downstream", level, as_of)
        with self.reading() as connection:
            return lineage.stated(connection, self.dialect, self._producers, jobs, shape)

    def heard(self, jobs: Collection[int]) -> dict[tuple[int, str], int]:
        with self.reading() as connection:
            return lineage.heard(connection, self.dialect, self._producers, jobs)

    def ports(
        self, *, jobs: Collection[int] = (), datasets: Collection[int] = (), as_of: int | None = None
    ) -> list[Port]:
        with self.reading() as connection:
            return lineage.ports(connection, self.dialect, jobs, datasets, as_of)

    def totals(self, nodes: Collection[int]) -> dict[int, Totals]:
        with self.reading() as connection:
            return totals.read(connection, self.dialect, nodes)

    def recompute_totals(self) -> int:
        with self.reading() as connection:
            pairs = totals.graph(connection)
        counted = totals.count(pairs)
        with self.dialect.writing(self.engine, MERGE_LOCK) as connection:
            return totals.write(connection, self.dialect, counted)

    # -- before images

    def keep_images(self, images: Sequence[Image]) -> None:
        with self.dialect.writing(self.engine) as connection:
            before_images.keep(connection, self.dialect, images)

    def forget_images(self, images: Sequence[Image]) -> None:
        with self.dialect.writing(self.engine) as connection:
            before_images.forget(connection, self.dialect, images)

    def images(self, target: str, thing: str = "", *, limit: int = 10) -> list[Image]:
        with self.reading() as connection:
            return before_images.read(connection, target, thing, limit)

    # -- upkeep

    @cached_property
    def tokens(self) -> Tokens:
        """Durable at once, unlike what follows from the log: a token that was revoked must not come back."""
        return Tokens(self._log_engine if self.remote else engine_for(self.url, durable=True))

    @cached_property
    def outbox(self) -> Outbox:
        """What is to be published, and who was told of what. Of this database, like tokens."""
        return Outbox(self.engine)

    def acquire_lease(self, role: str, holder: str, seconds: float) -> str:
        with self.dialect.writing(self.engine) as connection:
            return meta.acquire_lease(connection, role, holder, seconds)

    def release_lease(self, role: str, holder: str) -> None:
        with self.dialect.writing(self.engine) as connection:
            meta.release_lease(connection, role, holder)

    def leases(self) -> dict[str, str]:
        with self.reading() as connection:
            return meta.leases(connection)

    def status(self) -> Status:
        with self.reading() as connection:
            merged = meta.get(connection, meta.MERGED)
            counts = meta.counts(connection)
        return Status(self.log.count(), self.log.count(merged), **counts)

    def dump(self) -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]:
        """Every derived row in one order, without what depends on when it was recorded."""
        with self.snapshot() as connection:
            yield from dump.tables(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One view of everything for reads that take long, streamed so that they need little memory."""
        level = "REPEATABLE READ" if self.dialect.name == "postgresql" else "AUTOCOMMIT"
        engine = self.engine.execution_options(isolation_level=level)
        with retryable_errors(), engine.connect() as connection:
            if self.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                if self.dialect.name == "sqlite":
                    connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def glance(self) -> Iterator[None]:
        """Over one connection."""
        if self._here.connection is not None:
            yield
            return
        with retryable_errors(), self._reader.connect() as connection:
            self._here.connection = meta.glancing(connection)
            try:
                yield
            finally:
                self._here.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        glancing = self._here.connection
        with retryable_errors(), nullcontext(glancing) if glancing else self._reader.connect() as connection:
            yield connection
