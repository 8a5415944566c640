"""Rows in bulk: the few shapes of SQL the write path needs, each in the fastest form the database has.

PostgreSQL gets arrays through `unnest`, SQLite `executemany` and keys as `VALUES`. Statements are built from table
metadata only and remembered; every value is bound.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, repeat
from typing import Any, Literal, Protocol, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, exc

from airflow_provider_catalog.errors import StoreError, StoreOutdated, StoreUnavailable

Row: TypeAlias = tuple[Any, ...]
Merge: TypeAlias = Literal["greatest", "least"]
MERGE_LOCK = 0x636174616C6F67
_CHUNK = 20_000
_KEYS = 1024


class Dialect(Protocol):
    """What differs between databases. Rows are tuples in the order of the named columns."""

    name: str

    def writing(self, engine: Engine, lock: int | None = None) -> Any: ...
    def insert(
        self, c: Connection, table: Table, rows: Sequence[Row], merge: dict[str, Merge] | None = None
    ) -> None: ...
    def update(
        self, c: Connection, table: Table, keys: Sequence[str], sets: Sequence[str], rows: Sequence[Row]
    ) -> None: ...
    def delete(self, c: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> None: ...
    def select(
        self,
        c: Connection,
        table: Table,
        columns: Sequence[str],
        keys: Sequence[str],
        rows: Iterable[Row],
        where: str = "",
    ) -> list[Row]: ...
    def join(self, c: Connection, sql: str, types: Sequence[str], rows: Sequence[Row]) -> list[Row]: ...


def dialect_of(engine: Engine) -> Dialect:
    return PostgreSQL() if engine.dialect.name == "postgresql" else SQLite()


_WANTED = "the catalog tables"


@contextmanager
def retryable_errors() -> Iterator[None]:
    """Turn what the driver says into what callers can act on."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _translated(error) from error
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise StoreOutdated(None, _WANTED) from error
        raise StoreUnavailable(f"the catalog database says: {error}") from error


def _translated(error: exc.DBAPIError) -> StoreError:
    said = (
        str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig).strip() else type(error.orig).__name__
    )
    state = getattr(error.orig, "sqlstate", None) or ""
    if state == "42P01" or "no such table" in said:
        return StoreOutdated(None, _WANTED)
    transient = ("08", "40", "53", "55", "57", "58", "25P03")
    broken = not state and isinstance(error, exc.OperationalError | exc.InterfaceError)
    if error.connection_invalidated or broken or state.startswith(transient):
        return StoreUnavailable(f"the catalog database says: {said}")
    return StoreError(f"the catalog database refused: {said}")


def mark(connection: Connection) -> str:
    """What stands for a value in a text."""
    return "%s" if connection.dialect.name == "postgresql" else "?"


def fetched(connection: Connection, sql: str, values: Row = ()) -> list[Row]:
    """As the driver makes them: a thousand of SQLAlchemy's own take a third of a millisecond more."""
    cursor: Any = connection.exec_driver_sql(sql, values).cursor
    return cursor.fetchall()  # type: ignore[no-any-return]


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _primary(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _conflict(table: Table, merge: tuple[tuple[str, Merge], ...], function: dict[Merge, str]) -> str:
    keys = ", ".join(_primary(table))
    if not merge:
        return "ON CONFLICT DO NOTHING"
    sets = ", ".join(function[how].format(table=table.name, column=column) for column, how in merge)
    return f"ON CONFLICT ({keys}) DO UPDATE SET {sets}"


def _chunks(rows: Sequence[Row], size: int = _CHUNK) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


_ONE, _OTHER = "coalesce({table}.{column}, excluded.{column})", "coalesce(excluded.{column}, {table}.{column})"
_SQLITE_MERGE: dict[Merge, str] = {
    "greatest": f"{{column}} = max({_ONE}, {_OTHER})",
    "least": f"{{column}} = min({_ONE}, {_OTHER})",
}
_POSTGRES_MERGE: dict[Merge, str] = {
    "greatest": "{column} = greatest({table}.{column}, excluded.{column})",
    "least": "{column} = least({table}.{column}, excluded.{column})",
}


class SQLite:
    """Many small statements are cheap here; keys to look up are rows of values."""

    name = "sqlite"
    _merging = _SQLITE_MERGE

    @contextmanager
    def writing(self, engine: Engine, lock: int | None = None) -> Iterator[Connection]:  # noqa: ARG002  one file, one writer
        """One writer at a time, taken at once: no transaction starts as a reader and fails to become a writer."""
        with retryable_errors(), engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                roll_back(connection)
                raise
            connection.exec_driver_sql("COMMIT")

    def insert(self, c: Connection, table: Table, rows: Sequence[Row], merge: dict[str, Merge] | None = None) -> None:
        if rows:
            c.exec_driver_sql(self._insert(table, tuple((merge or {}).items())), list(rows))

    @lru_cache(maxsize=64)  # noqa: B019  one object per store, a few tables
    def _insert(self, table: Table, merge: tuple[tuple[str, Merge], ...]) -> str:
        names = _names(table)
        marks = ", ".join("?" * len(names))
        return (
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {_conflict(table, merge, self._merging)}"
        )

    def update(
        self, c: Connection, table: Table, keys: Sequence[str], sets: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Rows are the keys, then the new values."""
        if rows:
            assignments = ", ".join(f"{name} = ?" for name in sets)
            match = " AND ".join(f"{name} = ?" for name in keys)
            turned = [(*row[len(keys) :], *row[: len(keys)]) for row in rows]
            c.exec_driver_sql(f"UPDATE {table.name} SET {assignments} WHERE {match}", turned)

    def delete(self, c: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> None:
        if rows:
            match = " AND ".join(f"{name} = ?" for name in keys)
            c.exec_driver_sql(f"DELETE FROM {table.name} WHERE {match}", list(rows))

    def select(
        self,
        c: Connection,
        table: Table,
        columns: Sequence[str],
        keys: Sequence[str],
        rows: Iterable[Row],
        where: str = "",
    ) -> list[Row]:
        found = ", ".join(f"t.{name}" for name in columns)
        match = " AND ".join(f"t.{name} = k.k{i}" for i, name in enumerate(keys))
        # CROSS JOIN: the planner must start from the keys, whatever it believes about the size of the table
        sql = f"SELECT {found} FROM keys k CROSS JOIN {table.name} t WHERE {match}{where and f' AND {where}'}"
        return self.join(c, sql, [""] * len(keys), list(rows))

    def join(self, c: Connection, sql: str, types: Sequence[str], rows: Sequence[Row]) -> list[Row]:
        """`sql` reads from `keys k` with columns k0, k1 …, which are filled with the rows.

        Filled up with NULLs, which equal nothing, so that there are few texts and SQLite has them all at hand.
        """
        width = len(types)
        found: list[Row] = []
        for chunk in _chunks(rows, _KEYS):
            size = 1 << (len(chunk) - 1).bit_length()
            values = (*chain.from_iterable(chunk), *repeat(None, (size - len(chunk)) * width))
            found += fetched(c, self._keyed(sql, width, size), values)
        return found

    @lru_cache(maxsize=512)  # noqa: B019  one object per store, some twenty texts in eleven sizes
    def _keyed(self, sql: str, width: int, size: int) -> str:
        names = ", ".join(f"k{i}" for i in range(width))
        row = f"({', '.join('?' * width)})"
        return f"WITH keys({names}) AS (VALUES {', '.join([row] * size)}) {sql}"


def roll_back(connection: Connection) -> None:
    """SQLite has done so itself when its disk is full: that must not hide what happened."""
    if getattr(connection.connection, "in_transaction", True):
        connection.exec_driver_sql("ROLLBACK")


class PostgreSQL:
    """One round trip for many rows: columns travel as arrays."""

    name = "postgresql"
    _merging = _POSTGRES_MERGE

    @contextmanager
    def writing(self, engine: Engine, lock: int | None = None) -> Iterator[Connection]:
        with retryable_errors(), engine.begin() as connection:
            if lock is not None:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (lock,))
            yield connection

    def insert(self, c: Connection, table: Table, rows: Sequence[Row], merge: dict[str, Merge] | None = None) -> None:
        for chunk in _chunks(rows):
            sql = self._insert(table, tuple((merge or {}).items()))
            c.exec_driver_sql(sql, arrays(_types(table, _names(table)), chunk))

    @lru_cache(maxsize=64)  # noqa: B019  one object per store, a few tables
    def _insert(self, table: Table, merge: tuple[tuple[str, Merge], ...]) -> str:
        names = ", ".join(_names(table))
        arrays = ", ".join(f"%s::{type_}[]" for type_ in _types(table, _names(table)))
        conflict = _conflict(table, merge, self._merging)
        return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) {conflict}"

    def update(
        self, c: Connection, table: Table, keys: Sequence[str], sets: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Rows are the keys, then the new values."""
        match = " AND ".join(f"t.{name} = k.k{i}" for i, name in enumerate(keys))
        assignments = ", ".join(f"{name} = k.k{len(keys) + i}" for i, name in enumerate(sets))
        types = _types(table, [*keys, *sets])
        for chunk in _chunks(rows):
            c.exec_driver_sql(
                f"UPDATE {table.name} t SET {assignments} FROM {_unnested(types)} WHERE {match}", arrays(types, chunk)
            )

    def delete(self, c: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> None:
        match = " AND ".join(f"t.{name} = k.k{i}" for i, name in enumerate(keys))
        types = _types(table, keys)
        for chunk in _chunks(rows):
            c.exec_driver_sql(
                f"DELETE FROM {table.name} t USING {_unnested(types)} WHERE {match}", arrays(types, chunk)
            )

    def select(
        self,
        c: Connection,
        table: Table,
        columns: Sequence[str],
        keys: Sequence[str],
        rows: Iterable[Row],
        where: str = "",
    ) -> list[Row]:
        found = ", ".join(f"t.{name}" for name in columns)
        match = " AND ".join(f"t.{name} = k.k{i}" for i, name in enumerate(keys))
        sql = f"SELECT {found} FROM keys k JOIN {table.name} t ON {match}{where and f' WHERE {where}'}"
        return self.join(c, sql, _types(table, keys), list(rows))

    def join(self, c: Connection, sql: str, types: Sequence[str], rows: Sequence[Row]) -> list[Row]:
        """`sql` reads from `keys k` with columns k0, k1 …, which are filled with the rows."""
        found: list[Row] = []
        for chunk in _chunks(rows):
            found += fetched(c, sql.replace("FROM keys k", f"FROM {_unnested(types)}"), arrays(types, chunk))
        return found


def _unnested(types: Sequence[str]) -> str:
    arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
    return f"unnest({arrays}) AS k({', '.join(f'k{i}' for i in range(len(types)))})"


def arrays(types: Sequence[str], rows: Sequence[Row]) -> tuple[str, ...]:
    """Columns as array literals: the driver would walk every item in Python, joining strings is much faster."""
    return tuple(_ARRAY[type_](values) for type_, values in zip(types, zip(*rows, strict=True), strict=True))


def _numbers(values: Sequence[float | None]) -> str:
    if None in values:
        return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
    return "{" + ",".join(map(str, values)) + "}"


def _booleans(values: Sequence[bool | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else "t" if value else "f" for value in values]) + "}"


def _bytes(values: Sequence[bytes | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else '"\\\\x' + value.hex() + '"' for value in values]) + "}"


def _texts(values: Sequence[str | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_ARRAY: dict[str, Callable[[Sequence[Any]], str]] = {
    "bigint": _numbers,
    "smallint": _numbers,
    "double precision": _numbers,
    "boolean": _booleans,
    "bytea": _bytes,
    "text": _texts,
}
_POSTGRES_TYPES: dict[type, str] = {
    sa.BigInteger: "bigint",
    sa.SmallInteger: "smallint",
    sa.Text: "text",
    sa.LargeBinary: "bytea",
    sa.Boolean: "boolean",
    sa.Double: "double precision",
}


def _types(table: Table, names: Sequence[str]) -> list[str]:
    return [_POSTGRES_TYPES[type(table.columns[name].type)] for name in names]


def now() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000
