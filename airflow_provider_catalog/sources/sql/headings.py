"""Headings: what PostgreSQL calls a column that nobody has named.

It takes the name of the outermost function, column or what is written like one; that of a type if there is none.
"""

from __future__ import annotations

from airflow_provider_catalog.sources.sql.bounded import CALLED
from airflow_provider_catalog.sources.sql.relation import Node

_NAMELESS = "?column?"


def figured(node: Node) -> str:
    """What is only cast, or a CASE, has a name of its own if what stands in it has none."""
    weak = ""
    while node is not None:
        if node.key in _SEEN_THROUGH:
            node = node.expression if node.key == "dot" else node.this
        elif node.key in _WEAK and not node.meta.get(CALLED):
            weak = weak or ("case" if node.key == "case" else _type(node))
            node = node.args.get(_WEAK[node.key])
        else:
            return _named(node) or weak or _NAMELESS
    return weak or _NAMELESS


def _named(node: Node) -> str | None:
    if node.key == "column":
        named = node.args.get("table") if node.this.key == "star" else node.this
        return None if named is None else _folded(named)
    if node.key == "identifier":
        return _folded(node)
    return figured_query(node.this) if node.key == "subquery" else _called(node)


def figured_query(node: Node) -> str:
    """Of the one column that a query gives."""
    while node.key in _LEFT_FIRST:
        node = node.this
    first = next(iter(node.expressions), None)
    if first is None:
        return _NAMELESS
    return _folded(first.args["alias"]) if first.key == "alias" else figured(first)


def _called(node: Node) -> str | None:
    """The name of a function: as it was called, or as the grammar has it."""
    if node.key == "anonymous":
        return _folded(node.this) if hasattr(node.this, "key") else str(node.this).lower()
    if node.key in ("exists", "array", "tuple"):
        return _GRAMMAR[node.key]
    named = node.meta.get(CALLED)
    if named is not None:
        return str(named).lower()
    if node.key == "trim":
        return _TRIMS.get(str(node.args.get("position")).upper(), "btrim")
    return _GRAMMAR.get(node.key)


def _folded(identifier: Node) -> str:
    name = str(identifier.name)
    return name if identifier.args.get("quoted") else name.lower()


def _type(node: Node) -> str:
    kind = node.args.get("to")
    if kind is None:
        return "interval"
    while kind.args.get("nested") and kind.expressions and kind.expressions[0].key == "datatype":
        kind = kind.expressions[0]
    if kind.key != "datatype":
        return str(kind.name).lower()
    name = str(getattr(kind.this, "value", kind.this)).lower()
    if name == "user-defined":
        own = kind.args.get("kind")
        own = own.expression if getattr(own, "key", "") == "dot" else own
        return _folded(own) if hasattr(own, "key") else str(own).lower()
    return _TYPES.get(name, name)


_SEEN_THROUGH = frozenset(
    {"paren", "collate", "window", "filter", "withingroup", "bracket", "ignorenulls", "respectnulls", "dot"}
)
_WEAK = {"cast": "this", "trycast": "this", "case": "default", "interval": ""}
"""What stands in them."""
_LEFT_FIRST = frozenset({"union", "intersect", "except", "subquery", "paren"})
_GRAMMAR = {
    "array": "array",
    "tuple": "row",
    "exists": "exists",
    "extract": "extract",
    "attimezone": "timezone",
    "coalesce": "coalesce",
    "overlay": "overlay",
    "substring": "substring",
    "strposition": "position",
    "ceil": "ceil",
    "floor": "floor",
    "chr": "chr",
    "initcap": "initcap",
    "normalize": "normalize",
    "groupconcat": "string_agg",
    "jsonarrayagg": "json_agg",
    "jsonobject": "json_object",
    "decode": "decode",
    "jsonobjectagg": "json_objectagg",
    "jsonvalue": "json_value",
    "xmlelement": "xmlelement",
    "decodecase": "decode",
    "currentdate": "current_date",
    "currenttime": "current_time",
    "currenttimestamp": "current_timestamp",
    "localtime": "localtime",
    "localtimestamp": "localtimestamp",
    "currentuser": "current_user",
    "sessionuser": "session_user",
    "currentcatalog": "current_catalog",
    "currentrole": "current_role",
    "currentschema": "current_schema",
}
"""What is no call of a function, or is written otherwise than one."""
_TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim"}
_TYPES = {
    "int": "int4",
    "bigint": "int8",
    "smallint": "int2",
    "float": "float4",
    "double": "float8",
    "decimal": "numeric",
    "boolean": "bool",
    "char": "bpchar",
    "nchar": "bpchar",
    "varbinary": "bytea",
    "serial": "int4",
    "bigserial": "int8",
    "smallserial": "int2",
    "timestampntz": "timestamp",
    "bigdecimal": "numeric",
}
