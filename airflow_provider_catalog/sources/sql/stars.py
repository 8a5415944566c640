"""Stars: all columns of what is selected from, less some, under other names, or each as an argument of a function."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from airflow_provider_catalog.sources.sql.expressions import Expressions
from airflow_provider_catalog.sources.sql.relation import (
    AGGREGATION,
    STAR,
    TRANSFORMATION,
    Column,
    Node,
    Relation,
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
        return _star(reader, node, scope, list(scope.relations.values()), whole=True)
    if key == "dot":
        return _dotted(reader, node, scope)
    if key == "columns" and node.this.key == "star":
        return _star(reader, node.this, scope, list(scope.relations.values()), whole=True)
    if key == "apply" and node.this.is_star:
        return _applied(node.expression.name, starred(reader, node.this, scope) or ())
    if key == "alias" and node.this.key in ("star", "column") and node.this.is_star:
        return starred(reader, node.this, scope)
    return None


def _of(reader: Expressions, star: Node, scope: Scope, alias: str) -> list[Column]:
    relation = scope.relation(alias)
    return _star(reader, star, scope, [relation] if relation else [])


def _dotted(reader: Expressions, node: Node, scope: Scope) -> list[Column] | None:
    """`o.COLUMNS(*)` and `(o).*`."""
    left, right = node.this, node.expression
    if left.key == "identifier" and right.key == "anonymous" and str(right.this).upper() == "COLUMNS":
        return _of(reader, right.expressions[0], scope, left.name) if right.expressions else None
    if right.key == "star" and left.key == "paren" and left.this.key == "column" and scope.relation(left.this.name):
        return _of(reader, right, scope, left.this.name)
    return None


def _star(
    reader: Expressions, star: Node, scope: Scope, relations: Sequence[Relation], *, whole: bool = False
) -> list[Column]:
    """The whole has what was joined by USING once, and first."""
    left_out = {each.name.lower() for each in star.args.get("except_") or ()}
    renamed = {each.this.name.lower(): each.alias for each in star.args.get("rename") or ()}
    replaced = {each.alias.lower(): reader.sources(each.this, scope) for each in star.args.get("replace") or ()}
    once = scope.using if whole else {}
    like = _glob(star.args["ilike"].name) if star.args.get("ilike") is not None else None
    columns = [*once.values(), *(c for each in relations for c in each.columns if c.name.lower() not in once)]
    return [
        Column(renamed.get(key, column.name), replaced.get(key, column.sources))
        for column in columns
        if (key := column.name.lower()) not in left_out
        and (like is None or column.name == STAR or fnmatchcase(key, like))
    ]


def _glob(pattern: str) -> str:
    """LIKE in other words, which Python matches without going back and forth."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", pattern.lower()).replace("%", "*").replace("_", "?")


def _applied(function: str, columns: Sequence[Column]) -> list[Column]:
    kind = AGGREGATION if function.lower() in _AGGREGATING else TRANSFORMATION
    return [
        column if column.name == STAR else Column(f"{function}({column.name})", changed(column.sources, kind, None))
        for column in columns
    ]
