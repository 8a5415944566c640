"""Lineage of SQL: which tables a text of one or more statements reads and writes, and which comes from which.

`lineage` never raises on SQL. What the parser cannot read is searched for the names of tables, with less confidence and
the reason; a text says the same wherever and how often it is read, so its bounds are sizes, never a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from airflow_provider_catalog.collector import waiting
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import canonical_json
from airflow_provider_catalog.sources.openlineage.memo import Memo
from airflow_provider_catalog.sources.sql.edges import Edge, edges
from airflow_provider_catalog.sources.sql.files import dataset
from airflow_provider_catalog.sources.sql.moments import timeless
from airflow_provider_catalog.sources.sql.names import Names
from airflow_provider_catalog.sources.sql.parser import steps
from airflow_provider_catalog.sources.sql.quiet import quiet
from airflow_provider_catalog.sources.sql.schema import Given, Schema
from airflow_provider_catalog.sources.sql.script import SqlStatement, Step, fold
from airflow_provider_catalog.sources.sql.session import Session

__all__ = ["SqlLineage", "SqlStatement", "lineage", "remembered"]

_REMEMBERED_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SqlLineage:
    """Names of tables, dotted, in order of appearance. `edges` are (input, output) from end to end: what only lived
    while the script ran is left out, and its readers have its sources. `fields` are the columns of all that is written,
    (table, column) in their order, made of something or not; `*` stands for those that nobody knows.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    statements: tuple[SqlStatement, ...]
    columns: tuple[Edge, ...] = ()
    influences: tuple[Edge, ...] = ()
    datasets: tuple[DatasetId, ...] = ()
    wanted: tuple[str, ...] = ()
    fields: tuple[tuple[str | None, str], ...] = ()


def lineage(
    sql: str,
    dialect: str | None = None,
    default_database: str | None = None,
    default_schema: str | None = None,
    schema: Given = None,
    gives: Sequence[str] | None = None,
) -> SqlLineage:
    """An unknown dialect is read as generic SQL. `gives`: the columns that a query is known to give, for the case that
    a star hides them; with a star if there may be more.
    """
    session = Session(dialect or "", Names(default_database, default_schema))
    with waiting(), quiet():
        return _read(sql, session, Schema(schema, gives))


def _read(sql: str, session: Session, schema: Schema) -> SqlLineage:
    read = steps(sql, session, schema)
    ends = fold(read)
    columns, influences = edges(ends, session.language)
    return SqlLineage(
        ends.inputs,
        ends.outputs,
        ends.edges,
        tuple(step.statement for step in read),
        columns,
        influences,
        datasets=tuple(_datasets(read)),
        wanted=tuple(schema.wanted),
        fields=tuple(ends.columns),
    )


def _datasets(steps: Iterable[Step]) -> Iterator[DatasetId]:
    named = dict.fromkeys(text for step in steps for text in step.files)
    return (found for text in named if (found := dataset(text)) is not None)


def remembered(sql: str, dialect: str, default_database: str | None, default_schema: str | None) -> SqlLineage:
    """`lineage` of SQL that comes again with other dates in it: what was read last is not read anew."""
    text = timeless(sql)
    key = canonical_json([text, dialect, default_database, default_schema])
    return _remembered(key, partial(lineage, text, dialect, default_database, default_schema))


_remembered: Memo[SqlLineage] = Memo(_REMEMBERED_BYTES)
