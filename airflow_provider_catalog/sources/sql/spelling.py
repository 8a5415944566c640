"""Spelling: simple expressions as DuckDB writes them, which calls columns so that nobody has named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from airflow_provider_catalog.sources.sql.bounded import CALLED
from airflow_provider_catalog.sources.sql.relation import Node

_LONGEST = 500
_PLAIN = re.compile(r"[^\W\d]\w*")


def spelled(node: Node) -> str | None:
    """None for what is not simple, or too long to be a name."""
    try:
        found = _spelled(node)
    except (_NotSimpleError, RecursionError):
        return None
    return found if len(found) <= _LONGEST else None


class _NotSimpleError(Exception):
    """Nobody here knows how it is written."""


def _spelled(node: Node) -> str:
    key = node.key
    if key in _OPERATORS:
        return f"({_spelled(node.this)} {_OPERATORS[key]} {_spelled(node.expression)})"
    if key in _SPELLERS:
        return _SPELLERS[key](node)
    name = _name(node)
    arguments = [value for value in node.args.values() if value and (isinstance(value, list) or hasattr(value, "key"))]
    if key == "anonymous":
        return _call(name, node.expressions)
    if len(arguments) > 1 and key not in _IN_ORDER:
        raise _NotSimpleError
    return _call(name, [each for value in arguments for each in (value if isinstance(value, list) else [value])])


def _call(name: str, arguments: Iterable[Node]) -> str:
    shown = f'"{name}"' if name in _KEYWORDS else name
    return f"{shown}({', '.join(map(_spelled, arguments))})"


def _name(node: Node) -> str:
    named = node.this if node.key == "anonymous" else node.meta.get(CALLED)
    if node.key in _NAMED_SO:
        named = node.key
    if not named:
        raise _NotSimpleError
    return str(getattr(named, "name", named)).lower()


def _column(node: Node) -> str:
    parts = [node.args[slot] for slot in ("catalog", "db", "table", "this") if node.args.get(slot) is not None]
    if any(part.key != "identifier" for part in parts):
        raise _NotSimpleError
    return ".".join(part.name if _PLAIN.fullmatch(part.name) else f'"{part.name}"' for part in parts)


def _count(node: Node) -> str:
    if node.this is not None and node.this.key == "star":
        return "count_star()"
    return _call("count", [each for each in (node.this, *node.expressions) if each is not None])


def _cast(node: Node) -> str:
    kind = node.args["to"]
    name = str(getattr(kind.this, "value", kind.this)).lower()
    sizes = ", ".join(str(each.name) for each in kind.expressions)
    if name not in _TYPES or any(each.key != "datatypeparam" for each in kind.expressions):
        raise _NotSimpleError
    made = f"{_TYPES[name]}({sizes})" if sizes else _TYPES[name]
    return f"{'try_' if node.key == 'trycast' else ''}cast({_spelled(node.this)} as {made})"


def _window(node: Node) -> str:
    """Without a frame, and sorted as it is by default."""
    order = node.args.get("order")
    if node.args.get("spec") is not None or node.args.get("alias") is not None:
        raise _NotSimpleError
    by = [_spelled(each) for each in node.args.get("partition_by") or ()]
    sorted_by = [_ordered(each) for each in (order.expressions if order is not None else ())]
    parts = [f"{word} by {', '.join(each)}" for word, each in (("partition", by), ("order", sorted_by)) if each]
    return f"{_spelled(node.this)} over ({' '.join(parts)})"


def _ordered(node: Node) -> str:
    if node.args.get("nulls_first"):
        raise _NotSimpleError
    return f"{_spelled(node.this)}{' desc' if node.args.get('desc') else ''}"


def _key(listed: list[Node]) -> str:
    """Places are counted from one."""
    if len(listed) != 1 or listed[0].key != "literal":
        raise _NotSimpleError
    return _literal(listed[0]) if listed[0].is_string else str(int(listed[0].name) + 1)


def _literal(node: Node) -> str:
    return f"'{node.name}'" if node.is_string else str(node.name)


_OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "mod": "%",
    "intdiv": "//",
    "dpipe": "||",
    "eq": "=",
    "neq": "!=",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
    "and": "and",
    "or": "or",
}
_SPELLERS: dict[str, Callable[[Node], str]] = {
    "column": _column,
    "count": _count,
    "cast": _cast,
    "trycast": _cast,
    "window": _window,
    "literal": _literal,
    "distinct": lambda node: f"distinct {', '.join(map(_spelled, node.expressions))}",
    "null": lambda _: "null",
    "boolean": lambda node: str(node.this).lower(),
    "identifier": lambda node: str(node.name),
    "dot": lambda node: f"{_spelled(node.this)}.{_spelled(node.expression)}",
    "paren": lambda node: _spelled(node.this),
    "ignorenulls": lambda node: _call(_name(node), [node.this.this]),
    "bracket": lambda node: f"{_spelled(node.this)}[{_key(node.expressions)}]",
    "neg": lambda node: f"(-({_spelled(node.this)}))",
    "coalesce": lambda node: _call("coalesce", [node.this, *node.expressions]),
    "filter": lambda node: f"{_spelled(node.this)} filter (where {_spelled(node.expression.this)})",
}
_NAMED_SO = frozenset({"max", "min", "substring", "trim"})
_IN_ORDER = frozenset(
    {"greatest", "least", "round", "concat", "corr", "covarpop", "covarsamp", "left", "right", "substring"}
)
"""Functions whose arguments sqlglot keeps in the order they are written in."""
_TYPES = {
    "int": "integer",
    "text": "varchar",
    "varchar": "varchar",
    "decimal": "decimal",
    "timestampntz": "timestamp",
    **{each: each for each in ("date", "double", "float", "bigint", "smallint", "boolean", "timestamp", "time")},
}
_KEYWORDS = frozenset(
    {"add", "aggregate", "century", "day", "decade", "error", "filter", "first", "hour", "if", "json", "last", "left"}
    | {"map", "microsecond", "millennium", "millisecond", "minute", "mode", "month", "nullif", "overlay", "position"}
    | {"quarter", "range", "replace", "right", "row", "second", "substring", "trim", "user", "version", "week", "year"}
)
"""Names of functions that it quotes."""
