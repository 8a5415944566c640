"""Whatever SQLAlchemy has a dialect for, by its inspector: many tables at a time where it can, else one by one.

There is nothing cheaper to ask than everything, so a table's fingerprint is made of all that was read of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Inspector
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import CompileError, DBAPIError
from sqlalchemy.types import TypeEngine

from airflow_provider_catalog.model.masking import mask_text
from airflow_provider_catalog.sources.crawlers.tables import Column, ForeignKey, Kind, Seen, Table

log = logging.getLogger(__name__)
_MANY = 500
_OF_THE_SYSTEM = frozenset(
    {
        *("information_schema", "sys", "system", "mysql", "performance_schema", "crdb_internal"),
        *("guest", "outln", "dbsnmp", "xdb", "mdsys", "ctxsys", "ordsys", "ordplugins", "wmsys", "lbacsys", "dvsys"),
        *(
            "olapsys",
            "gsmadmin_internal",
            "appqossys",
            "audsys",
            "sysibm",
            "syscat",
            "sysstat",
            "systools",
            "syspublic",
        ),
        *("sysfun", "sysproc", "sysibmadm", "sysibminternal", "v_catalog", "v_monitor", "v_internal"),
    }
)
_SYSTEMS = ("pg_", "_sys", "sys$")
_READ_ONLY = {
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
}


class AnyReader:
    """The schemas of a connection, or the one that is `only` meant."""

    database = None

    def __init__(self, connection: Connection, only: str | None = None) -> None:
        self._connection = connection
        self._only = only
        self._unread: set[str] = set()
        if statement := _READ_ONLY.get(connection.dialect.name):
            with connection.begin():
                connection.exec_driver_sql(statement)

    @property
    def unread(self) -> frozenset[str]:
        return frozenset(self._unread)

    def seen(self) -> Iterator[Seen]:
        with self._connection.begin():
            schemas = [self._only] if self._only else _schemas(sa.inspect(self._connection))
        for schema in schemas:
            yield from self._of(schema)

    def _of(self, schema: str) -> Iterator[Seen]:
        """A schema that is not ours to look into costs only itself."""
        try:
            with self._connection.begin():
                kinds = _kinds(sa.inspect(self._connection), schema)
            names = sorted(kinds)
            for start in range(0, len(names), _MANY):
                part = {name: kinds[name] for name in names[start : start + _MANY]}
                yield from (table.seen for table in self._read(schema, part))
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            log.warning("The schema %r cannot be read: %s", schema, mask_text(str(error.orig)))
            self._unread.add(schema)

    def tables(self, seen: Sequence[Seen]) -> Iterator[Table]:
        for schema, group in groupby(sorted(seen), key=lambda each: each.schema):
            wanted = {each.name for each in group}
            with self._connection.begin():
                kinds = _kinds(sa.inspect(self._connection), schema)
            yield from self._read(schema, {name: kind for name, kind in sorted(kinds.items()) if name in wanted})

    def _read(self, schema: str, kinds: Mapping[str, Kind]) -> list[Table]:
        """By an inspector of its own: each remembers all that it was asked."""
        if not kinds:
            return []
        with self._connection.begin():
            inspector = sa.inspect(self._connection)
            ask = {"schema": schema, "filter_names": list(kinds), "kind": ObjectKind.ANY}
            columns = _many(inspector.get_multi_columns, ask)
            comments = _many(inspector.get_multi_table_comment, ask)
            keys = _many(inspector.get_multi_pk_constraint, ask)
            unique = _many(inspector.get_multi_unique_constraints, ask)
            foreign = _many(inspector.get_multi_foreign_keys, ask)
            return [
                Table(
                    schema,
                    name,
                    kind,
                    tuple(self._column(each, view="view" in kind) for each in columns.get(name, ())),
                    (comments.get(name) or {}).get("text"),
                    tuple((keys.get(name) or {}).get("constrained_columns") or ()),
                    tuple(tuple(each["column_names"]) for each in _sorted(unique.get(name))),
                    tuple(
                        _foreign_key(each, inspector.default_schema_name or schema)
                        for each in _sorted(foreign.get(name))
                    ),
                    _definition(inspector, schema, name) if "view" in kind else None,
                )
                for name, kind in kinds.items()
            ]

    def _column(self, told: Mapping[str, Any], *, view: bool) -> Column:
        type_, comment = _type(told["type"], self._connection), told.get("comment")
        default = told.get("default")
        return Column(
            str(told["name"]),
            type_,
            None if view else bool(told.get("nullable", True)),
            None if default is None else str(default),
            comment or None,
        )


def _schemas(inspector: Inspector) -> list[str]:
    return sorted(
        name
        for name in inspector.get_schema_names()
        if name.lower() not in _OF_THE_SYSTEM and not name.lower().startswith(_SYSTEMS)
    )


def _kinds(inspector: Inspector, schema: str) -> dict[str, Kind]:
    kinds: dict[str, Kind] = dict.fromkeys(inspector.get_table_names(schema=schema), "table")
    kinds |= dict.fromkeys(inspector.get_view_names(schema=schema), "view")
    with suppress(NotImplementedError):
        kinds |= dict.fromkeys(inspector.get_materialized_view_names(schema=schema), "materialized view")
    return kinds


def _many(ask: Callable[..., Any], how: Mapping[str, Any]) -> dict[str, Any]:
    """By name; nothing where the dialect has no such thing."""
    try:
        return {name: found for (_, name), found in ask(**how).items()}
    except NotImplementedError:
        return {}


def _sorted(found: Sequence[Any] | None) -> list[Any]:
    """Dialects tell them in any order."""
    return sorted(found or (), key=lambda each: (str(each.get("name") or ""), str(each)))


def _type(found: TypeEngine[Any], connection: Connection) -> str:
    try:
        return str(found.compile(dialect=connection.dialect))
    except CompileError:
        return ""


def _foreign_key(told: Mapping[str, Any], default: str) -> ForeignKey:
    """It names the other schema unless that is the connection's own."""
    there = told.get("referred_schema") or default
    return ForeignKey(
        tuple(told["constrained_columns"]), there, told["referred_table"], tuple(told.get("referred_columns") or ())
    )


def _definition(inspector: Inspector, schema: str, name: str) -> str | None:
    try:
        return inspector.get_view_definition(name, schema=schema)
    except (NotImplementedError, sa.exc.NoSuchTableError):
        return None
