"""SQLite by its own pragmas. It is in this process, so a question for each table costs next to nothing.

No lock outlives one question: a reader keeps writers of the file from committing.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from airflow_provider_catalog.sources.crawlers.tables import Column, ForeignKey, Seen, Table

SCHEMA = "main"
_SHADOWS_SINCE = (3, 37)
"""Before that it does not tell which tables are inside of virtual ones."""

_TABLES = "SELECT name, type, sql FROM main.sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
_SHADOWS = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
_AMONG = (
    "SELECT name, type, sql FROM main.sqlite_master"
    " WHERE type IN ('table', 'view') AND name IN (SELECT value FROM json_each(?)) ORDER BY name"
)
_COLUMNS = (
    """SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1 ORDER BY cid"""
)
_FOREIGN = 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?, \'main\') ORDER BY id, seq'
_UNIQUE = (
    "SELECT i.name, c.name FROM pragma_index_list(?, 'main') i JOIN pragma_index_info(i.name, 'main') c"
    " WHERE i.origin = 'u' ORDER BY i.seq DESC, c.seqno"
)


class SqliteReader:
    """The main database of a connection."""

    database = None
    unread: frozenset[str] = frozenset()

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def seen(self) -> Iterator[Seen]:
        inside = set(self._all(_SHADOWS)) if sqlite3.sqlite_version_info >= _SHADOWS_SINCE else set()
        for name, kind, sql in self._all(_TABLES):
            if not name.startswith("sqlite_") and (name,) not in inside:
                yield self._table(name, kind, sql).seen

    def tables(self, seen: Sequence[Seen]) -> Iterator[Table]:
        names = json.dumps([each.name for each in seen])
        yield from (self._table(*row) for row in self._all(_AMONG, names))

    def _all(self, query: str, *values: str) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def _table(self, name: str, kind: str, sql: str | None) -> Table:
        columns = self._columns(name)
        if kind == "view":
            told = tuple(Column(column, type_) for column, type_, *_ in columns)
            return Table(SCHEMA, name, "view", told, definition=sql)
        key = sorted((place, column) for column, _, _, _, place in columns if place)
        return Table(
            SCHEMA,
            name,
            "table",
            tuple(Column(column, type_, not required, default) for column, type_, required, default, _ in columns),
            primary_key=tuple(column for _, column in key),
            unique=_grouped(self._all(_UNIQUE, name)),
            foreign_keys=_foreign_keys(self._all(_FOREIGN, name)),
        )

    def _columns(self, name: str) -> list[Any]:
        """None of a view of what is no more, and of a virtual table whose module is not loaded here."""
        try:
            return self._all(_COLUMNS, name)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            return []


def _grouped(rows: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for index, column in rows:
        columns[index].append(column)
    return tuple(map(tuple, columns.values()))


def _foreign_keys(rows: Sequence[tuple[int, str, str, str | None]]) -> tuple[ForeignKey, ...]:
    """The last one that was stated has the first number."""
    columns: defaultdict[tuple[int, str], list[tuple[str, str | None]]] = defaultdict(list)
    for number, table, column, to in rows:
        columns[-number, table].append((column, to))
    return tuple(
        ForeignKey(tuple(own for own, _ in pairs), SCHEMA, table, tuple(to for _, to in pairs if to is not None))
        for (_, table), pairs in sorted(columns.items())
    )
