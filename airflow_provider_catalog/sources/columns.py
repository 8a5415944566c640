"""SQL that is read once more, with the columns of its tables: one `Statement` of our own, beside those who ran it.

The worker makes these envelopes when it has something to add (`services.sql_columns`). They hold all that the reading
depends on, so that it comes to the same whenever it is done:

* "time", and "job" or "view", each {"namespace", "name"}: who ran the SQL, or what is made by it,
* "scripts": [{"query", "dialect", "database", "schema", "into"}], each read by itself; "into", a dataset, is
  what a query fills that does not say so itself, and has its columns,
* "tables": [{"namespace", "name", "columns"}], the datasets that may be meant; "columns" null where nobody knows them,
* "fingerprint", which becomes a fact: the worker sends what has another one.

Without scripts nothing is said any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.grammar import parts
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.masking import mask_sql
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.model.statement import (
    Changes,
    Claim,
    ColumnEdge,
    Content,
    Edge,
    Lineage,
    Origin,
    Rule,
    Statement,
)
from airflow_provider_catalog.sources.checks import NAME_BYTES, load, mapping, sequence, text
from airflow_provider_catalog.sources.sql import SqlLineage, lineage
from airflow_provider_catalog.sources.sql.moments import timeless
from airflow_provider_catalog.sources.sql.relation import STAR
from airflow_provider_catalog.sources.timestamps import clamped, instant

KIND = "sql_columns"
PRODUCER = "sql"
SQL = "sql"
"""The aspect of a job whose SQL is known before it runs: a script, or one that is "read" with all there is to know."""
READ = "sqlColumns"
"""The aspect that holds what was read last: {"fingerprint"}."""


class Script(NamedTuple):
    """SQL of one session, and where that was. `into`: what a query fills, by namespace and name, with columns that are
    `added` to its own.
    """

    query: str
    dialect: str = ""
    database: str | None = None
    schema: str | None = None
    into: tuple[str, str] | None = None
    added: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        into: dict[str, Any] = {}
        if self.into:
            into = {"into": dict(zip(("namespace", "name"), self.into, strict=True)), "added": list(self.added)}
        return {"query": self.query, "dialect": self.dialect, "database": self.database, "schema": self.schema, **into}


class Tables:
    """The datasets that SQL may mean, each with its columns, None where nobody knows them."""

    def __init__(self, known: dict[DatasetId, Sequence[str] | None]) -> None:
        self._known = known
        self._namespaces = dict.fromkeys(dataset.namespace for dataset in known)
        self._parts = {dataset: _parts(dataset) for dataset in known}

    def dataset(self, table: str) -> DatasetId | None:
        """By its full name; else the only one whose name ends so."""
        for namespace in self._namespaces:
            if len(table.encode()) < NAME_BYTES and (named := DatasetId(namespace, table)) in self._known:
                return named
        stated = [part.lower() for part in parts(table, ".")]
        found = [dataset for dataset, known in self._parts.items() if known[-len(stated) :] == stated]
        return found[0] if len(found) == 1 else None

    def columns(self, table: str) -> Sequence[str] | None:
        dataset = self.dataset(table)
        return None if dataset is None else self.of(dataset)

    def of(self, dataset: DatasetId) -> Sequence[str] | None:
        return self._known.get(dataset)


def _parts(dataset: DatasetId) -> list[str]:
    return [part.lower() for part in parts(dataset.name, by_namespace(dataset.namespace).separator)]


def read(envelope: Envelope) -> Changes:
    body = mapping(load(envelope.payload), "")
    about = _about(body)
    time = clamped(instant(body.get("time"), "/time").micros, envelope.recorded_at)
    scripts = [_script(each, f"/scripts/{i}") for i, each in enumerate(sequence(body.get("scripts"), "/scripts"))]
    tables = Tables(dict(_table(each, f"/tables/{i}") for i, each in enumerate(sequence(body["tables"], "/tables"))))
    view = about if isinstance(about, DatasetId) else None
    fingerprint = {"fingerprint": text(body.get("fingerprint"), "/fingerprint")} if scripts else None
    said = Statement(
        PRODUCER,
        time,
        job=about if isinstance(about, JobId) else None,
        complete=True,
        declared=True,
        content=Content.of([Claim.of(about, READ, fingerprint)]),
        lineage=derived(scripts, tables, view),
    )
    return Changes((said, *_filled(scripts, tables, time)))


def _about(body: dict[str, Any]) -> EntityId:
    kind = "job" if body.get("job") is not None else "view"
    stated = mapping(body.get(kind), f"/{kind}")
    named = [text(stated.get(key), f"/{kind}/{key}") for key in ("namespace", "name")]
    return JobId(*named) if kind == "job" else DatasetId(*named)


def _script(stated: Any, at: str) -> Script:
    body = mapping(stated, at)
    query = body.get("query")
    where = [text(body.get(key) or "", f"{at}/{key}", empty=True) for key in ("dialect", "database", "schema")]
    into = None
    if body.get("into") is not None:
        stated = mapping(body["into"], f"{at}/into")
        into = text(stated.get("namespace"), f"{at}/into/namespace"), text(stated.get("name"), f"{at}/into/name")
    added = tuple(str(each) for each in sequence(body.get("added"), f"{at}/added"))
    return Script(query if type(query) is str else "", where[0], where[1] or None, where[2] or None, into, added)


def _table(stated: Any, at: str) -> tuple[DatasetId, Sequence[str] | None]:
    body = mapping(stated, at)
    dataset = DatasetId(*(text(body.get(key), f"{at}/{key}") for key in ("namespace", "name")))
    columns = body.get("columns")
    return dataset, None if columns is None else [str(each) for each in sequence(columns, f"{at}/columns")]


def derived(scripts: Sequence[Script], tables: Tables, view: DatasetId | None = None) -> Lineage:
    """What scripts come to between these tables. What a query gives to whoever asked is the `view`'s."""
    edges: dict[tuple[DatasetId, DatasetId], Edge] = {}
    columns: dict[tuple[object, ...], ColumnEdge] = {}
    for script in scripts:
        said, filled = _said(script, tables), _into(script) or view
        for edge in _edges(said, tables, filled):
            edges.setdefault((edge.source, edge.target), edge)
        for column in _columns(said, tables, filled):
            columns.setdefault((column.source, column.target, column.kind), column)
    return Lineage(edges=tuple(edges.values()), columns=tuple(columns.values()))


def _said(script: Script, tables: Tables) -> SqlLineage:
    """Whether the columns of what it fills are all that it has nobody knows here."""
    known = tables.of(filled) if (filled := _into(script)) else None
    gives = [*(name for name in known or () if name not in script.added), STAR]
    return lineage(timeless(script.query), script.dialect, script.database, script.schema, tables, gives)


def _into(script: Script) -> DatasetId | None:
    return DatasetId(*script.into) if script.into else None


def _filled(scripts: Sequence[Script], tables: Tables, time: int) -> Iterator[Statement]:
    """The columns of what queries fill: whoever has seen it knows better."""
    for script in scripts:
        filled = _into(script)
        names = [name for table, name in _said(script, tables).fields if table is None] if filled else []
        if filled and names and "*" not in names:
            columns = dict.fromkeys((*names, *script.added))
            fields = [{"name": name, "ordinal_position": i} for i, name in enumerate(columns, 1)]
            content = Content.of([Claim.of(filled, "schema", {"fields": fields})])
            yield Statement(PRODUCER, time, origin=Origin.PROPAGATED, content=content)


def _edges(said: SqlLineage, tables: Tables, view: DatasetId | None) -> Iterator[Edge]:
    pairs = [*said.edges, *((table, None) for table in said.inputs if view and not said.edges)]
    for source, target in pairs:
        ends = tables.dataset(source), view or (tables.dataset(target) if target else None)
        if ends[0] and ends[1] and ends[0] != ends[1]:
            yield Edge(ends[0], ends[1], Rule.SQL, _confidence(said))


def _columns(said: SqlLineage, tables: Tables, view: DatasetId | None) -> Iterator[ColumnEdge]:
    for edge in (*said.columns, *said.influences):
        source = tables.dataset(edge.input_table) if edge.input_table else None
        target = view or (tables.dataset(edge.output_table) if edge.output_table else None)
        if source and target and source != target:
            yield ColumnEdge(
                ColumnId(source, edge.input_column[:NAME_BYTES]),
                ColumnId(target, edge.output_column[:NAME_BYTES]),
                edge.kind,
                Rule.SQL,
                _confidence(said),
                mask_sql(edge.transformation),
            )


def _confidence(said: SqlLineage) -> float:
    return min((each.confidence for each in said.statements), default=1.0)
