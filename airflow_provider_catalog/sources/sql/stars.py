"""Stars: all columns of what is selected from, less some, under other names, or each as an argument of a function.

DuckDB's `COLUMNS(…)` stands for some of them, and what it stands in for as many columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from airflow_provider_catalog.sources.sql.expressions import Expressions
from airflow_provider_catalog.sources.sql.patterns import Picks, compiled, glob, picking, regex
from airflow_provider_catalog.sources.sql.relation import (
    AGGREGATION,
    STAR,
    TRANSFORMATION,
    Column,
    Node,
    Relation,
    Sources,
    changed,
)
from airflow_provider_catalog.sources.sql.scope import Scope

_AGGREGATING = frozenset({"sum", "min", "max", "avg", "count", "any"})


def starred(reader: Expressions, node: Node, scope: Scope) -> Sequence[Column] | None:  # noqa: PLR0911  a line for each case
    """None where there is no star."""
    key = node.key
    if key == "column" and node.this.key == "star":
        return _of(reader, node.this, scope, node.args["table"].name)
    if key == "star":
        return _star(reader, node, scope, scope.everything(in_place=reader.session.joins_in_place))
    if key == "dot":
        return _dotted(reader, node, scope)
    if key == "columns" and not node.args.get("unpack"):
        return picked(reader, node, scope)
    if key in _PICKING or (key == "not" and node.this.key in _PICKING):
        star = (node.this if key == "not" else node).this
        return _picked(starred(reader, star, scope) or (), picking(node)) if star.is_star else None
    if key == "apply" and node.this.is_star:
        return _applied(node.expression.name, starred(reader, node.this, scope) or ())
    if key == "alias" and node.this.key in ("star", "column") and node.this.is_star:
        return starred(reader, node.this, scope)
    return None


def _of(reader: Expressions, star: Node, scope: Scope, alias: str) -> list[Column]:
    relation = scope.relation(alias)
    return _star(reader, star, scope, relation.columns if relation else ())


def _dotted(reader: Expressions, node: Node, scope: Scope) -> list[Column] | None:
    """`o.COLUMNS(*)` and `(o).*`."""
    left, right = node.this, node.expression
    if left.key == "identifier" and right.key == "anonymous" and str(right.this).upper() == "COLUMNS":
        return _of(reader, right.expressions[0], scope, left.name) if right.expressions else None
    if right.key != "star":
        return None
    if left.key == "paren" and left.this.key == "column" and scope.relation(left.this.name):
        return _of(reader, right, scope, left.this.name)
    return [Column(STAR, {})] if left.key == "paren" else None


def _star(reader: Expressions, star: Node, scope: Scope, columns: Iterable[Column]) -> list[Column]:
    left_out = {each.name.lower() for each in star.args.get("except_") or ()}
    renamed = {each.this.name.lower(): _new(reader, each) for each in star.args.get("rename") or ()}
    replaced = {each.alias.lower(): reader.sources(each.this, scope) for each in star.args.get("replace") or ()}
    like = glob(star.args["ilike"].name.lower()) if star.args.get("ilike") is not None else None
    known = list(columns)
    made = [
        Column(renamed.get(key, column.name), replaced.get(key, column.sources))
        for column in known
        if (key := column.name.lower()) not in left_out
        and (like is None or column.name == STAR or fnmatchcase(key, like))
    ]
    return [*made, *_hidden(Relation(known), renamed, replaced)] if renamed or replaced else made


def _hidden(known: Relation, renamed: Mapping[str, str], replaced: Mapping[str, Sources]) -> Iterator[Column]:
    """What has another name or value, and is among the columns that nobody told us."""
    for old, new in renamed.items():
        if known.rest and known.find(old) is None:
            yield Column(new, known.guess(old) or {})
    for name, sources in replaced.items():
        if known.rest and known.find(name) is None:
            yield Column(name, sources)


def picked(reader: Expressions, node: Node, scope: Scope) -> Sequence[Column] | None:
    """What `COLUMNS(…)` stands for: a star, a list of names, a pattern, or a lambda. None: it cannot be told."""
    inner = node.this
    if inner.is_star:
        return starred(reader, inner, scope)
    columns = list(scope.everything(in_place=reader.session.joins_in_place))
    if inner.key == "array":
        names = {str(each.name).lower() for each in inner.expressions}
        return [column for column in columns if column.name.lower() in names]
    picks = regex(inner.name) if inner.key == "literal" else picking(inner.this) if inner.key == "lambda" else None
    return None if picks is None else _picked(columns, picks)


def _picked(columns: Sequence[Column], picks: Picks | None) -> list[Column]:
    """Stars stay: whether there is any in them nobody knows."""
    return [column for column in columns if column.name == STAR or picks is None or picks(column.name)]


def spread(reader: Expressions, node: Node, met: Sequence[Node], scope: Scope) -> Sequence[Column] | None:
    """An expression over `COLUMNS(…)`, once for each of them; several go side by side."""
    each = {id(one): picked(reader, one, scope) for one in met}
    sides = [columns for columns in each.values() if columns is not None]
    if len(sides) < len(each):
        return None
    reader.session.limits.spend(sum(map(len, sides)))
    made = []
    for columns in zip(*sides, strict=False):
        reader.meant = dict(zip(each, (column.sources for column in columns), strict=True))
        made.append(Column(_called(node, met[0], columns[0].name), _within(reader, node, scope, columns[0])))
    reader.meant = {}
    return made


def _within(reader: Expressions, node: Node, scope: Scope, column: Column) -> Sources:
    if column.name == STAR:
        return column.sources
    return reader.sources(node.this if node.key == "alias" else node, scope)


def _called(node: Node, columns: Node, name: str) -> str:
    r"""As the column is; an alias may have parts of that in it, which `\1` and so on name."""
    if node.key != "alias" or name == STAR:
        return name
    pattern = compiled(columns.this.name) if columns.this.key == "literal" else re.compile(".*")
    found = pattern.search(name) if pattern is not None else None
    if found is None:
        return str(node.alias)
    groups = (found[0], *(group or "" for group in found.groups()))
    return _GROUP.sub(lambda at: groups[int(at[1])] if int(at[1]) < len(groups) else "", node.alias) or name


_GROUP = re.compile(r"\\(\d)")
_PICKING = frozenset({"like", "ilike", "glob", "similarto"})


def _new(reader: Expressions, renamed: Node) -> str:
    return reader.session.column(renamed.args["alias"])


def _applied(function: str, columns: Sequence[Column]) -> list[Column]:
    kind = AGGREGATION if function.lower() in _AGGREGATING else TRANSFORMATION
    return [
        column if column.name == STAR else Column(f"{function}({column.name})", changed(column.sources, kind, None))
        for column in columns
    ]
