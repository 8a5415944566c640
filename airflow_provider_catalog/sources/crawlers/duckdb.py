"""DuckDB by its own table functions: three questions for many tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from airflow_provider_catalog.sources.crawlers.tables import Column, ForeignKey, Seen, Table

_MANY = 2_000
"""Each question goes through all of the catalog, however few tables it is about."""

_TABLES = """
    SELECT schema_name, table_name, table_oid FROM duckdb_tables()
    WHERE database_name = current_database() AND NOT internal AND NOT temporary
    UNION ALL SELECT schema_name, view_name, view_oid FROM duckdb_views()
    WHERE database_name = current_database() AND NOT internal AND NOT temporary
    ORDER BY 1, 2
"""
_AMONG = """
    SELECT table_oid, schema_name, table_name, comment, NULL FROM duckdb_tables()
    WHERE database_name = current_database() AND table_oid IN (SELECT unnest(?::BIGINT[]))
    UNION ALL SELECT view_oid, schema_name, view_name, comment, sql FROM duckdb_views()
    WHERE database_name = current_database() AND view_oid IN (SELECT unnest(?::BIGINT[]))
    ORDER BY 2, 3
"""
_COLUMNS = """
    SELECT table_oid, column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns()
    WHERE database_name = current_database() AND table_oid IN (SELECT unnest(?::BIGINT[]))
    ORDER BY table_oid, column_index
"""
_KEYS = """
    SELECT table_oid, constraint_type, constraint_column_names, referenced_table, referenced_column_names
    FROM duckdb_constraints()
    WHERE database_name = current_database() AND table_oid IN (SELECT unnest(?::BIGINT[]))
    ORDER BY table_oid, constraint_index
"""


class DuckdbReader:
    """The database that a connection of duckdb's own is to. What is attached to it is another."""

    database = None
    unread: frozenset[str] = frozenset()

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def seen(self) -> Iterator[Seen]:
        numbers = [number for _, _, number in self._all(_TABLES)]
        for start in range(0, len(numbers), _MANY):
            part = numbers[start : start + _MANY]
            yield from (table.seen._replace(number=number) for number, table in self._read(part))

    def tables(self, seen: Sequence[Seen]) -> Iterator[Table]:
        yield from (table for _, table in self._read([each.number for each in seen]))

    def _all(self, query: str, *numbers: list[int]) -> list[Any]:
        rows: list[Any] = self._connection.execute(query, numbers).fetchall()
        return rows

    def _read(self, numbers: list[int]) -> Iterator[tuple[int, Table]]:
        columns, keys = _by_table(self._all(_COLUMNS, numbers)), _by_table(self._all(_KEYS, numbers))
        for number, schema, name, comment, definition in self._all(_AMONG, numbers, numbers):
            yield number, _table(schema, name, comment, definition, columns[number], keys[number])


def _by_table(rows: Sequence[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for number, *row in rows:
        found[number].append(row)
    return found


def _table(
    schema: str, name: str, comment: str | None, definition: str | None, columns: Sequence[Any], keys: Sequence[Any]
) -> Table:
    """A view is what has a definition; tables refer to tables of their own schema only."""
    named = [(kind, tuple(own), other, tuple(there or ())) for kind, own, other, there in keys]
    primary = [own for kind, own, *_ in named if kind == "PRIMARY KEY"]
    return Table(
        schema,
        name,
        "table" if definition is None else "view",
        tuple(
            Column(column, type_, nullable if definition is None else None, default, told)
            for column, type_, nullable, default, told in columns
        ),
        comment,
        primary[0] if primary else (),
        tuple(own for kind, own, *_ in named if kind == "UNIQUE"),
        tuple(ForeignKey(own, schema, other, there) for kind, own, other, there in named if kind == "FOREIGN KEY"),
        definition,
    )
