"""PostgreSQL by its own catalog: a fingerprint of every table in one query, and all of many tables in three.

Each of these is a read-only transaction of its own, with a time limit. The catalog is read without locks; only what
views and defaults are made by is written out under one, and what somebody keeps locked waits for the next crawl.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from airflow_provider_catalog.sources.crawlers.tables import Column, ForeignKey, Kind, Seen, Table

OLDEST = (11,)
"""The first version that has all that is asked here."""

_LOCK_MS, _AGAIN_MS = 2_000, 50
"""How long a lock is waited for, the first time, and then."""

_LOCKED = "55P03"
_PAGE = 2_000
_KINDS: dict[str, Kind] = {"p": "partitioned table", "f": "foreign table", "v": "view", "m": "materialized view"}

_BEGIN = sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_LIMITS = sa.text(
    "SELECT set_config('statement_timeout', :statement, true), set_config('lock_timeout', :lock, true),"
    " set_config('search_path', 'pg_catalog', true), set_config('jit', 'off', true)"
)
_SEEN = sa.text("""
    SELECT n.nspname, c.relname, hashtextextended(ROW(c.relkind,
        (SELECT d.description FROM pg_description d
         WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0),
        (SELECT string_agg(ROW(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                               hashtextextended(f.adbin::text, 0), d.description)::text, '' ORDER BY a.attnum)
         FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
         LEFT JOIN pg_description d
             ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        (SELECT string_agg(ROW(k.contype, k.conkey, k.confrelid::regclass, k.confkey)::text, '' ORDER BY k.conname)
         FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'f') AND k.conparentid = 0),
        (SELECT hashtextextended(r.ev_action::text, 0) FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '1'),
        CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END)::text, 0)::text, c.oid::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
        AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'
    ORDER BY n.nspname, c.relname
""")
_TABLES = sa.text("""
    SELECT c.oid::bigint, c.relkind::text, d.description,
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
        CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END
    FROM pg_class c LEFT JOIN pg_description d
        ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
    WHERE c.oid = ANY(CAST(:numbers AS oid[]))
""")
_COLUMNS = sa.text("""
    SELECT a.attrelid::bigint, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
        pg_get_expr(f.adbin, f.adrelid), d.description
    FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
    WHERE a.attrelid = ANY(CAST(:numbers AS oid[])) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum
""")
_KEYS = sa.text("""
    SELECT k.conrelid::bigint, k.contype::text,
        ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
              JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
        n.nspname, c.relname,
        ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
              JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = k.confrelid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.conrelid = ANY(CAST(:numbers AS oid[])) AND k.contype IN ('p', 'u', 'f') AND k.conparentid = 0
    ORDER BY k.conrelid, k.conname
""")


class _Keys(NamedTuple):
    """Of one table."""

    primary: list[tuple[str, ...]]
    unique: list[tuple[str, ...]]
    foreign: list[ForeignKey]


class PostgresReader:
    """One database of a server. Partitions are left out: they are their parent's."""

    unread: frozenset[str] = frozenset()

    def __init__(self, connection: Connection, seconds: float) -> None:
        self._connection = connection
        self._limits = {"statement": f"{int(seconds * 1000)}ms", "lock": f"{_LOCK_MS}ms"}

    @property
    def database(self) -> str:
        with self._reading():
            return str(self._connection.scalar(sa.text("SELECT current_database()")))

    def seen(self) -> Iterator[Seen]:
        with self._reading():
            rows = self._connection.execute(_SEEN, execution_options={"yield_per": _PAGE})
            yield from (Seen(*row) for row in rows)

    def tables(self, seen: Sequence[Seen]) -> Iterator[Table]:
        try:
            found = self._read(seen)
        except DBAPIError as error:
            if not _is_locked(error):
                raise
            self._limits["lock"] = f"{_AGAIN_MS}ms"
            middle = len(seen) // 2
            for part in (seen[:middle], seen[middle:]) if middle else ():
                yield from self.tables(part)
            return
        yield from found

    def _read(self, seen: Sequence[Seen]) -> list[Table]:
        numbers = {"numbers": [each.number for each in seen]}
        with self._reading():
            tables, columns, keys = (
                self._connection.execute(query, numbers).all() for query in (_TABLES, _COLUMNS, _KEYS)
            )
        columns_of: defaultdict[int, list[Any]] = defaultdict(list)
        for row in columns:
            columns_of[row[0]].append(row)
        keys_of = _keys(keys)
        known = {row[0]: row for row in tables}
        return [
            _table(each, known[each.number], columns_of[each.number], keys_of[each.number])
            for each in seen
            if each.number in known
        ]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._connection.begin():
            self._connection.execute(_BEGIN)
            self._connection.execute(_LIMITS, self._limits)
            yield


def _is_locked(error: DBAPIError) -> bool:
    """As psycopg says it, or psycopg2."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state == _LOCKED


def _keys(rows: Sequence[Any]) -> defaultdict[int, _Keys]:
    found: defaultdict[int, _Keys] = defaultdict(lambda: _Keys([], [], []))
    for number, kind, columns, schema, table, references in rows:
        keys = found[number]
        if kind == "f":
            keys.foreign.append(ForeignKey(tuple(columns), schema, table, tuple(references)))
        else:
            (keys.primary if kind == "p" else keys.unique).append(tuple(columns))
    return found


def _table(seen: Seen, row: Any, columns: Sequence[Any], keys: _Keys) -> Table:
    _, kind, comment, definition, partitioned_by = row
    view = kind in {"v", "m"}
    return Table(
        seen.schema,
        seen.name,
        _KINDS.get(kind, "table"),
        tuple(
            Column(name, type_, None if view else nullable, default, told)
            for _, name, type_, nullable, default, told in columns
        ),
        comment,
        keys.primary[0] if keys.primary else (),
        tuple(keys.unique),
        tuple(keys.foreign),
        definition,
        partitioned_by,
    )
