"""Columns as Spark keeps them: in parameters of the table, where Hive could not read the table anyway.

Glue has one column for all of them then, `col array<string>`. Delta tables are nearly all like that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

SCHEMA = "spark.sql.sources.schema"
_STAND_IN = {"Name": "col", "Type": "array<string>"}
_NAMES = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
_DEEPEST = 32


def columns(stated: Sequence[Any], parameters: Any) -> Sequence[Any]:
    """Those that are stated, unless they only stand in for others."""
    alone = len(stated) == 1 and isinstance(stated[0], Mapping)
    if stated and not (alone and {key: stated[0].get(key) for key in _STAND_IN} == _STAND_IN):
        return stated
    return _spark(parameters if isinstance(parameters, Mapping) else {}) or stated


def _spark(parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        schema = orjson.loads(_text(parameters))
        return [_column(field) for field in schema["fields"]]
    except (AttributeError, LookupError, TypeError, ValueError):
        return []


def _text(parameters: Mapping[str, Any]) -> str:
    """In parts, since a parameter cannot be long in Hive."""
    if SCHEMA in parameters:
        return str(parameters[SCHEMA])
    count = min(int(parameters[f"{SCHEMA}.numParts"]), len(parameters))
    return "".join(parameters[f"{SCHEMA}.part.{part}"] for part in range(count))


def _column(field: Mapping[str, Any]) -> dict[str, Any]:
    comment = (field.get("metadata") or {}).get("comment")
    return {"Name": field["name"], "Type": _type(field["type"], _DEEPEST), **({"Comment": comment} if comment else {})}


def _type(stated: Any, depth: int) -> str:
    """As Hive spells it."""
    if isinstance(stated, str):
        return _NAMES.get(stated, stated)
    if not depth:
        raise ValueError("nobody means types as deep as that")
    kind = stated["type"]
    if kind == "array":
        return f"array<{_type(stated['elementType'], depth - 1)}>"
    if kind == "map":
        return f"map<{_type(stated['keyType'], depth - 1)},{_type(stated['valueType'], depth - 1)}>"
    if kind == "struct":
        inside = (f"{each['name']}:{_type(each['type'], depth - 1)}" for each in stated["fields"])
        return f"struct<{','.join(inside)}>"
    return str(kind)
