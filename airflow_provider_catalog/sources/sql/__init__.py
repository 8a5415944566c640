"""Lineage of SQL: which tables a text of one or more statements reads and writes, and which comes from which.

`lineage` never raises on SQL. What the parser cannot read is searched for the names of tables, with less confidence and
the reason; a text says the same wherever and how often it is read, so its bounds are sizes, never a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from airflow_provider_catalog.model.statement import canonical_json
from airflow_provider_catalog.sources.openlineage.memo import Memo
from airflow_provider_catalog.sources.sql.names import Names
from airflow_provider_catalog.sources.sql.parser import steps
from airflow_provider_catalog.sources.sql.script import SqlStatement, fold

__all__ = ["SqlLineage", "SqlStatement", "lineage"]

_REMEMBERED_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SqlLineage:
    """Names of tables, dotted, in order of appearance. `edges` are (input, output) from end to end: what only lived
    while the script ran is left out, and its readers have its sources.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    statements: tuple[SqlStatement, ...]
    columns: tuple[()] = ()
    influences: tuple[()] = ()
    datasets: tuple[()] = ()


def lineage(
    sql: str,
    dialect: str | None = None,
    default_database: str | None = None,
    default_schema: str | None = None,
    schema: Mapping[str, Sequence[str]] | None = None,  # noqa: ARG001  the columns of tables: tables alone need none
) -> SqlLineage:
    """An unknown dialect is read as generic SQL. Scheduled SQL comes again: what was read last is remembered."""
    key = canonical_json([sql, dialect, default_database, default_schema])
    return _remembered(key, partial(_read, sql, dialect or "", Names(default_database, default_schema)))


def _read(sql: str, dialect: str, names: Names) -> SqlLineage:
    read = steps(sql, dialect, names)
    ends = fold(read)
    return SqlLineage(ends.inputs, ends.outputs, ends.edges, tuple(step.statement for step in read))


_remembered: Memo[SqlLineage] = Memo(_REMEMBERED_BYTES)
