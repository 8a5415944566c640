"""Functions that stand where a table does: what they give, and what that is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from airflow_provider_catalog.sources.sql.expressions import QUERIES, Expressions, column_nodes
from airflow_provider_catalog.sources.sql.headings import figured
from airflow_provider_catalog.sources.sql.relation import (
    AS_IS,
    STAR,
    TRANSFORMATION,
    Column,
    Node,
    Origin,
    Relation,
    Sources,
    changed,
    merged,
)
from airflow_provider_catalog.sources.sql.scope import Scope

_ONE = frozenset(
    {"generate_series", "generate_subscripts", "range", "regexp_split_to_table", "regexp_matches", "string_to_table"}
    | {"json_object_keys", "jsonb_object_keys", "jsonb_path_query", "unnest"}
)
_WINDOW = ("window_start", "window_end", "window_time")


def rows_of(files: Sequence[str], columns_of: Callable[[str], Sequence[str] | None]) -> Relation:
    """What is in files, all of which have the same columns."""
    known = columns_of(files[0])
    names = [STAR] if known is None else known
    return Relation([Column(name, {Origin(file, name): AS_IS for file in files}) for name in names])


def called(reader: Expressions, node: Node, names: Sequence[str], scope: Scope) -> Relation:
    """What a function gives is made of all that it takes; a table that it takes comes out with more columns."""
    if node.key == "unnest":
        return _unnested(reader, node, names, scope)
    if node.key == "pivot":
        return _taken_apart(reader, node, scope)
    function = node if node.this is None else node.this
    tables = [each for each in node.walk() if each.key == "table" and each is not node]
    query = next((each for each in function.walk() if each.key in QUERIES - {"table"}), None)
    if query is not None:
        return _passed_through(reader, query, scope)
    if tables and node.key == "table" and node.this is not None:
        return _windowed(reader, node, tables, scope)
    everything = changed(reader.sources(function, scope), TRANSFORMATION, function)
    listed = _given(reader, node, function, names)
    return Relation([Column(name, everything) for name in listed], everything)


def _given(reader: Expressions, node: Node, function: Node, names: Sequence[str]) -> list[str]:
    """Some functions give columns of their own, most one that is called as they are."""
    called, alias = figured(function), node.alias_or_name
    own = [reader.session.column_of(each) for each in _declared(function)] or reader.session.gives(called)
    if not own and names:
        place = function.args.get("offset")
        return [*names, *([reader.session.column_of(place)] if hasattr(place, "key") else [])]
    if not own and (alias or (reader.session.has_headings and called in _ONE)):
        own = (reader.session.fold_column(alias) if alias else called,)
    return [*own, "ordinality"] if own and node.args.get("ordinality") else list(own)


def _declared(function: Node) -> Iterator[Node]:
    """The columns that JSON_TABLE and XMLTABLE are told to make."""
    schema = function.args.get("schema") if function.key == "jsontable" else None
    listed = list(schema.expressions) if schema is not None else []
    listed += function.args.get("columns") or () if function.key == "xmltable" else ()
    while listed:
        each = listed.pop(0)
        if each.key in ("jsoncolumndef", "columndef") and each.this is not None:
            yield each.this
        if each.args.get("nested_schema") is not None:
            listed[:0] = each.args["nested_schema"].expressions


def _unnested(reader: Expressions, node: Node, names: Sequence[str], scope: Scope) -> Relation:
    """A column for each array, and one for the place in it; a map is two."""
    parts = [changed(reader.sources(each, scope), TRANSFORMATION, each) for each in node.expressions]
    everything = merged(parts)
    offset = node.args.get("offset")
    listed = [*names, *([reader.session.column_of(offset)] if hasattr(offset, "key") else [])]
    alias = reader.session.fold_column(node.alias) or ("unnest" if reader.session.has_headings else "")
    listed = listed or ([alias] * len(parts) if alias else [])
    if offset is True and len(listed) == len(parts):
        listed.append("ordinality")
    of_each = len(listed) <= len(parts) + bool(offset)
    made = [part if of_each and len(parts) > 1 else everything for part in (*parts, *([everything] * len(listed)))]
    return Relation([Column(name, part) for name, part in zip(listed, made, strict=False)], everything)


def _taken_apart(reader: Expressions, node: Node, scope: Scope) -> Relation:
    """Redshift's `UNPIVOT object AS value AT key`."""
    named = [each for each in node.walk() if each.key in ("alias", "atindex")]
    names = [each.args["alias"] if each.key == "alias" else each.expression for each in named]
    sources = merged(changed(reader.sources(each, scope), TRANSFORMATION, each) for each in column_nodes(node))
    return Relation([Column(reader.session.column_of(name), sources) for name in names], sources)


def _passed_through(reader: Expressions, query: Node, scope: Scope) -> Relation:
    """ML.PREDICT and the like give the columns of a query, and what they make of them."""
    columns = reader.query(query, scope, scope.ctes).columns
    return Relation(columns, merged(changed(column.sources, TRANSFORMATION, query) for column in columns))


def _windowed(reader: Expressions, node: Node, tables: Sequence[Node], scope: Scope) -> Relation:
    """TUMBLE, HOP and the like put rows into windows by a column, which these are made of."""
    columns = [column for table in tables for column in _columns(reader, table, scope)]
    inner = Scope(scope.parent, scope.ctes, Relation(columns))
    by: Sources = merged(changed(reader.sources(each, inner), TRANSFORMATION, each) for each in _times(node))
    made = [Column(reader.session.fold_column(name), by) for name in _WINDOW] if by else []
    return Relation([*columns, *made])


def _columns(reader: Expressions, table: Node, scope: Scope) -> Sequence[Column]:
    known = scope.ctes.get(table.name.lower()) if not table.db else None
    return (reader.table(table) if known is None else known).columns


def _times(node: Node) -> Iterator[Node]:
    for part in node.this.walk():
        if part.key == "anonymous" and str(part.this).upper() == "DESCRIPTOR":
            yield from column_nodes(part)
