"""Deriving the store anew from its log, with the parsers of today, and comparing or replacing what is there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from airflow_provider_catalog.errors import RejectedError, StoreError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes, Statement
from airflow_provider_catalog.store.sql import dump, meta, outgoing, schema, tables
from airflow_provider_catalog.store.sql.dialect import MERGE_LOCK
from airflow_provider_catalog.store.sql.store import SqlStore

_BATCH = 500
_CHUNK = 5000
_OWN = {"totals", "meta", "lease", "token", "dead_letter", "outbox", "target", "refused", "image"}
"""Not derived from the log: computed by upkeep, or about this store alone."""


class TableDifference(NamedTuple):
    """How one table of the live store differs from what its log gives, with a few rows to look at."""

    table: str
    rows: int
    only_live: int
    only_rebuilt: int
    examples: tuple[tuple[str, tuple[Any, ...]], ...]


class Difference(NamedTuple):
    """The outcome of a rebuild."""

    envelopes: int
    tables: tuple[TableDifference, ...]

    @property
    def equal(self) -> bool:
        return not any(table.only_live or table.only_rebuilt for table in self.tables)


def rebuild(store: SqlStore, read: Callable[[Envelope], Changes], *, apply: bool = False) -> Difference:
    """Derive from the log, beside the live store; with `apply`, put the result in its place in one transaction."""
    with tempfile.TemporaryDirectory(prefix="catalog-rebuild-") as folder:
        url = f"sqlite:///{Path(folder) / 'rebuilt.db'}"
        schema.upgrade(url)
        scratch = SqlStore(url, patience=store.patience)
        try:
            upto = _derive(store, scratch, read, 0)
            difference = _compare(store, scratch, upto)
            if apply:
                _replace(store, scratch, read, upto)
        finally:
            scratch.close()
    return difference


def _derive(store: SqlStore, scratch: SqlStore, read: Callable[[Envelope], Changes], after: int) -> int:
    """Everything that the live store has merged, and nothing it has not."""
    with store.reading() as connection:
        merged = meta.get(connection, meta.MERGED)
    while page := [e for e in store.log.read(after, _BATCH) if e.seq <= merged]:
        statements = [statement for envelope in page for statement in _readable(envelope, read)]
        after = page[-1].seq
        _apply(scratch, statements, after)
    return after


def _readable(envelope: Envelope, read: Callable[[Envelope], Changes]) -> tuple[Statement, ...]:
    try:
        return read(envelope).statements
    except RejectedError:
        return ()


def _apply(scratch: SqlStore, statements: list[Statement], seq: int) -> None:
    """A batch the store refuses is halved until only what it refuses is left out, as the worker does."""
    try:
        scratch.apply(Changes(tuple(statements)), merged_to=seq)
    except StoreError as error:
        if error.retryable:
            raise
        if len(statements) > 1:
            middle = len(statements) // 2
            _apply(scratch, statements[:middle], seq)
            _apply(scratch, statements[middle:], seq)


def _compare(store: SqlStore, scratch: SqlStore, envelopes: int) -> Difference:
    with store.snapshot() as live, scratch.snapshot() as rebuilt:
        pairs = zip(dump.tables(live), dump.tables(rebuilt), strict=True)
        found = [_table(name, mine, theirs) for (name, mine), (_, theirs) in pairs if name not in _OWN]
    return Difference(envelopes, tuple(found))


def _table(name: str, live: Iterable[tuple[Any, ...]], rebuilt: Iterable[tuple[Any, ...]]) -> TableDifference:
    width = dump.KEYS[name]
    rows = only_live = only_rebuilt = 0
    examples: list[tuple[str, tuple[Any, ...]]] = []
    for mine, theirs in _side_by_side(iter(live), iter(rebuilt), width):
        rows += 1
        if mine == theirs:
            continue
        only_live += mine is not None
        only_rebuilt += theirs is not None
        examples += [
            (side, row) for side, row in (("live", mine), ("rebuilt", theirs)) if row is not None and len(examples) < 10
        ]
    return TableDifference(name, rows, only_live, only_rebuilt, tuple(examples))


def _side_by_side(
    left: Iterator[tuple[Any, ...]], right: Iterator[tuple[Any, ...]], width: int
) -> Iterator[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Rows of two sorted streams, paired by key."""
    mine, theirs = next(left, None), next(right, None)
    while mine is not None or theirs is not None:
        if theirs is None or (mine is not None and mine[:width] < theirs[:width]):
            yield mine, None
            mine = next(left, None)
        elif mine is None or theirs[:width] < mine[:width]:
            yield None, theirs
            theirs = next(right, None)
        else:
            yield mine, theirs
            mine, theirs = next(left, None), next(right, None)


def _replace(store: SqlStore, scratch: SqlStore, read: Callable[[Envelope], Changes], upto: int) -> None:
    """Readers see the old rows until all of the new ones are there."""
    with store.dialect.writing(store.engine, MERGE_LOCK) as connection:
        _derive(store, scratch, read, upto)
        for table in tables.store.sorted_tables:
            if table.name.removeprefix(tables.PREFIX) in _OWN:
                continue
            connection.execute(sa.delete(table))
            with scratch.snapshot() as source:
                rows = source.execute(sa.select(table), execution_options={"yield_per": _CHUNK})
                for page in rows.partitions(_CHUNK):
                    store.dialect.insert(connection, table, [tuple(row) for row in page])
        outgoing.everything(connection, meta.increment(connection, meta.VERSION, meta.REBUILT))
        meta.increment(connection, meta.NAMES)
        meta.increment(connection, meta.EDGES)
