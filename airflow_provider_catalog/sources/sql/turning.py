"""Tables turned round: PIVOT and UNPIVOT of all dialects, and what MATCH_RECOGNIZE measures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.expressions import Expressions, column_nodes
from airflow_provider_catalog.sources.sql.relation import (
    STAR,
    TRANSFORMATION,
    Column,
    Node,
    Relation,
    Sources,
    changed,
    merged,
)
from airflow_provider_catalog.sources.sql.scope import Scope
from airflow_provider_catalog.sources.sql.stars import starred

_PATTERN = re.compile(r"[^\W\d]\w*")
_COLUMNS_MADE = 1_000


def pivoted(reader: Expressions, node: Node, relation: Relation, scope: Scope) -> Relation:
    for pivot in node.args.get("pivots") or ():
        turn = _unpivot if pivot.args.get("unpivot") else _pivot
        relation = turn(reader, pivot, relation, scope)
        scope = Scope(scope.parent, scope.ctes, relation)
        if pivot.args.get("alias") is not None:
            relation = relation.renamed([reader.session.column(each) for each in pivot.args["alias"].columns])
    return relation


def _pivot(reader: Expressions, pivot: Node, relation: Relation, scope: Scope) -> Relation:
    """The columns that are neither turned nor counted stay."""
    fields = [field.this for field in pivot.args.get("fields") or () if field.key == "in"]
    by = merged(reader.saying(field, scope, EdgeKind.CONDITIONAL) for field in fields)
    made = [merged((reader.sources(each, scope), by)) for each in pivot.expressions]
    used = {each.name.lower() for part in (*pivot.expressions, *fields) for each in column_nodes(part)}
    names = [each.name.strip("'") for each in pivot.args.get("columns") or ()] or _values_of(pivot)
    kept = _grouped(reader, pivot, scope)
    if kept is None:
        kept = [column for column in relation.columns if column.name.lower() not in used]
    new = [Column(name, made[place % len(made)]) for place, name in enumerate(names)] if made else []
    return Relation([*kept, *new])


def _values_of(pivot: Node) -> list[str]:
    listed = [each for field in pivot.args.get("fields") or () for each in field.expressions]
    return [each.alias or each.name for each in listed]


def _unpivot(reader: Expressions, pivot: Node, relation: Relation, scope: Scope) -> Relation:
    """`(a, b) FOR name IN ((x, y), …)` makes a of every x, and b of every y."""
    values = [name for each in pivot.expressions for name in (each.expressions if each.key == "tuple" else [each])]
    new, used = [], set[str]()
    for field in pivot.args.get("fields") or ():
        groups = [group for each in field.expressions for group in _groups(reader, each, scope)]
        used |= {column.name.lower() for group in groups for column in group}
        new.append(Column(reader.session.fold_column(field.this.name), {}))
        for place, value in enumerate(values):
            sources = merged(group[place].sources for group in groups if place < len(group))
            new.append(Column(reader.session.fold_column(value.name), sources))
    return Relation([*(column for column in relation.columns if column.name.lower() not in used), *new])


def _groups(reader: Expressions, node: Node, scope: Scope) -> Sequence[Sequence[Column]]:
    """`a`, `(a, b)`, each under a name or not, and many by a star or COLUMNS."""
    inner = node.this if node.key in ("pivotalias", "alias") else node
    if (many := starred(reader, inner, scope)) is not None:
        return [[Column(column.name, changed(column.sources, TRANSFORMATION, node))] for column in many]
    listed = inner.expressions if inner.key == "tuple" else [inner]
    return [[_turned(reader, column, scope) for each in listed for column in column_nodes(each)]]


def _turned(reader: Expressions, column: Node, scope: Scope) -> Column:
    return Column(column.name, changed(reader.sources(column, scope), TRANSFORMATION, column))


def turned(reader: Expressions, node: Node, relation: Relation, scope: Scope) -> Relation:
    """DuckDB's statements: `PIVOT t ON … USING … GROUP BY …` and `UNPIVOT t ON … INTO NAME … VALUE …`."""
    if node.args.get("unpivot"):
        return _lengthened(reader, node, relation, scope)
    on = [each.this if each.key == "in" else each for each in node.expressions]
    by = merged(reader.saying(each, scope, EdgeKind.CONDITIONAL) for each in on)
    using = node.args.get("using") or ()
    made = [(each.alias_or_name, merged((reader.sources(each, scope), by))) for each in using]
    kept = _grouped(reader, node, scope)
    if kept is None:
        used = {each.name.lower() for part in (*on, *using) for each in column_nodes(part)}
        kept = [column for column in relation.columns if column.name.lower() not in used]
    if not _is_listed(node) and all(column.name != STAR for column in kept):
        return Relation([*kept, Column(STAR, {})], anything=merged(sources for _, sources in made))
    return Relation([*kept, *(column for value in _turned_values(node) for column in _named(value, made))])


def _is_listed(node: Node) -> bool:
    """Else there is a column for each value that the rows have, and nobody knows which these are."""
    return all(each.key == "in" and each.expressions for each in node.expressions)


def _grouped(reader: Expressions, node: Node, scope: Scope) -> list[Column] | None:
    group = node.args.get("group")
    if group is None:
        return None
    reader.say(group, scope, EdgeKind.GROUP_BY)
    return [Column(reader.called(each, 0), reader.sources(each, scope)) for each in group.expressions]


def _turned_values(node: Node) -> Iterator[str]:
    """Only those that are listed are known."""
    listed = [[value.alias_or_name for value in each.expressions] for each in node.expressions]
    if listed and _is_listed(node):
        yield from ("_".join(values) for values, _ in zip(product(*listed), range(_COLUMNS_MADE), strict=False))


def _named(value: str, made: Sequence[tuple[str, Sources]]) -> Iterator[Column]:
    """Several are told apart by their own names."""
    for name, sources in made:
        yield Column(f"{value}_{name}" if len(made) > 1 else value, sources)


def _lengthened(reader: Expressions, node: Node, relation: Relation, scope: Scope) -> Relation:
    groups = [group for each in node.expressions for group in _groups(reader, each, scope)]
    used = {column.name.lower() for group in groups for column in group}
    into = node.args.get("into")
    names = [into.this.name, *(each.name for each in into.expressions)] if into is not None else ["name", "value"]
    name, *values = [reader.session.fold_column(each) for each in names]
    kept = [column for column in relation.columns if column.name.lower() not in used]
    made = (merged(group[place].sources for group in groups if place < len(group)) for place in range(len(values)))
    return Relation([*kept, Column(name, {}), *map(Column, values, made)])


def matched(reader: Expressions, match: Node, scope: Scope, rows: Relation) -> Scope:
    """MATCH_RECOGNIZE: what it partitions by, and its measures. The variables of its pattern are rows of the table."""
    variables = Scope(scope.parent, scope.ctes)
    pattern = match.args.get("pattern")
    for name in dict.fromkeys(_PATTERN.findall(pattern.name.lower() if pattern is not None else "")):
        variables.add(name, rows)
    inside = Scope(variables, scope.ctes)
    inside.join((), scope)
    partition = [
        Column(reader.called(each, 0), reader.sources(each, inside)) for each in match.args["partition_by"] or ()
    ]
    measures = [
        Column(reader.session.fold_column(each.this.alias_or_name), reader.sources(each.this, inside))
        for each in match.args["measures"] or ()
    ]
    for slot, kind in (("define", EdgeKind.FILTER), ("order", EdgeKind.SORT)):
        reader.say(match.args.get(slot), inside, kind)
    every = "ALL ROWS" in str(match.args.get("rows") or "").upper()
    result = Scope(scope.parent, scope.ctes)
    result.add(match.alias_or_name, Relation([*partition, *measures, *(rows.columns if every else ())]))
    return result
