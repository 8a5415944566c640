"""The fields that a schema describes: one written in Avro, JSON Schema or Protocol Buffers.

A text that cannot be read describes nothing. What a type is called is told as the schema has it; fields of a record
within are told with the field that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

Field: TypeAlias = dict[str, Any]

_DEEPEST = 16
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_MESSAGE = re.compile(r"\bmessage\s+\w+\s*\{")
_PROTO_FIELD = re.compile(
    r"(?:^|[;{}])\s*(repeated\s+|optional\s+|required\s+)?([\w.]+|map\s*<[^>]*>)\s+(\w+)\s*=\s*\d+"
)


def described(text: str, format_: str) -> list[Field]:
    try:
        return list(_READERS[format_](text)) if format_ in _READERS else []
    except (AttributeError, LookupError, TypeError, ValueError):
        return []


def _field(name: str, type_: str, comment: Any = None, fields: list[Field] | None = None) -> Field:
    field: Field = {"name": name, "type": type_}
    if isinstance(comment, str) and comment:
        field["comment"] = comment
    return field | ({"fields": fields} if fields else {})


# -- Avro


def _avro(text: str) -> Iterator[Field]:
    yield from _record(orjson.loads(text), _DEEPEST)


def _record(stated: Any, depth: int) -> Iterator[Field]:
    if not depth or not isinstance(stated, Mapping) or stated.get("type") != "record":
        return
    for field in stated["fields"]:
        inner = _within(field["type"])
        yield _field(field["name"], _avro_type(field["type"], depth), field.get("doc"), list(_record(inner, depth - 1)))


def _within(type_: Any) -> Any:
    """The record that a type has in it: itself, the one that may be null, or what a list holds."""
    if isinstance(type_, list):
        return next((_within(each) for each in type_ if each != "null"), None)
    if isinstance(type_, Mapping) and type_.get("type") in ("array", "map"):
        return _within(type_.get("items") or type_.get("values"))
    return type_


def _avro_type(stated: Any, depth: int) -> str:
    if isinstance(stated, str) or not depth:
        return str(stated)
    if isinstance(stated, list):
        return "|".join(_avro_type(each, depth - 1) for each in stated)
    kind = stated.get("logicalType") or stated.get("name") or stated["type"]
    inside = stated.get("items") or stated.get("values")
    if inside:
        return f"{kind}<{_avro_type(inside, depth - 1)}>"
    return _avro_type(kind, depth - 1)


# -- JSON Schema


def _json(text: str) -> Iterator[Field]:
    yield from _properties(orjson.loads(text), _DEEPEST)


def _properties(stated: Any, depth: int) -> Iterator[Field]:
    properties = stated.get("properties") if depth and isinstance(stated, Mapping) else None
    for name, each in (properties or {}).items():
        body = each if isinstance(each, Mapping) else {}
        inner = body.get("items") if body.get("type") == "array" else body
        yield _field(name, _json_type(body), body.get("description"), list(_properties(inner, depth - 1)))


def _json_type(stated: Mapping[str, Any]) -> str:
    kind = stated.get("type") or stated.get("$ref") or ""
    return "|".join(map(str, kind)) if isinstance(kind, list) else str(kind)


# -- Protocol Buffers


def _protobuf(text: str) -> Iterator[Field]:
    """Those of the first message, without those of messages within."""
    for label, type_, name in _PROTO_FIELD.findall(_first_message(_COMMENT.sub("", text))):
        yield _field(name, f"{label}{type_}".strip())


def _first_message(text: str) -> str:
    found = _MESSAGE.search(text)
    depth, shown = 0, []
    for letter in text[found.end() - 1 :] if found else "":
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if not depth:
            break
        if depth == 1 or letter in "{}":
            shown.append(letter)
    return "".join(shown)


_READERS: Mapping[str, Callable[[str], Iterator[Field]]] = {"AVRO": _avro, "JSON": _json, "PROTOBUF": _protobuf}
