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

__all__ = ["SqlLineage", "SqlStatement", "lineage", "remembered"]

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
    """An unknown dialect is read as generic SQL."""
    read = steps(sql, dialect or "", Names(default_database, default_schema))
    ends = fold(read)
    return SqlLineage(ends.inputs, ends.outputs, ends.edges, tuple(step.statement for step in read))


def remembered(sql: str, dialect: str, default_database: str | None, default_schema: str | None) -> SqlLineage:
    """`lineage` of SQL that is scheduled and comes again: what was read last is not read anew."""
    key = canonical_json([sql, dialect, default_database, default_schema])
    return _remembered(key, partial(lineage, sql, dialect, default_database, default_schema))


_remembered: Memo[SqlLineage] = Memo(_REMEMBERED_BYTES)
