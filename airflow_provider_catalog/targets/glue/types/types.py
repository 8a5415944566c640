"""From a type as any source writes it to one of Hive, as Glue keeps it and Athena reads it.

Whatever the text, the answer is a type that both take: where nobody knows better it is a string, and `known` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from airflow_provider_catalog.targets.glue.types.grammar import Argument, Type, read
from airflow_provider_catalog.targets.glue.types.names import DIGITS, Numbers, is_name, rule
from airflow_provider_catalog.targets.glue.wanted import Column

_SHORT = 200
_DEPTH = 32
_ARRAYS = frozenset({"array", "list", "large_list", "fixed_size_list", "list_view", "large_list_view"})
_ELEMENTS = frozenset({"", "_element", "element", "item", "array_element", "array", "list", "bag"})
"""What those who name it call the one thing that an array is made of."""
_STRUCTS = frozenset({"struct", "row", "tuple", "record", "object", "dict", ""})
_INSIDE = {"nullable": 0, "lowcardinality": 0, "sparse": 0, "dictionary": 0, "simpleaggregatefunction": -1}
"""What only tells how values are kept: the type is an argument of it."""
_FIELD = re.compile(r"[^\s:<>,()\[\]{}\"'`;\x00-\x1f\x7f]{1,255}")
"""What can stand before the colon in a struct."""
_WIDER = {"tinyint": "smallint", "smallint": "int", "int": "bigint", "bigint": "decimal(20,0)"}


class HiveType(NamedTuple):
    """`known`: nothing in it stands for what nobody knows."""

    type: str
    known: bool


STRING = HiveType("string", known=True)
UNKNOWN = HiveType("string", known=False)


def hive_type(text: str, dialect: str = "", fields: Sequence[Column] = ()) -> HiveType:
    """`fields`: what it is made of, as OpenLineage tells of nested columns. `dialect`: also the name of a platform."""
    dialect = dialect.lower()
    if not fields:
        return (_remembered if len(text) <= _SHORT else _of_text)(text, dialect)
    return _made(_with_fields(read(text), fields, _DEPTH), dialect, _DEPTH)


def _of_text(text: str, dialect: str) -> HiveType:
    return _made(read(text), dialect, _DEPTH)


_remembered = lru_cache(maxsize=4_096)(_of_text)


def _with_fields(type_: Type, fields: Sequence[Column], depth: int) -> Type:
    """What the text says of itself stands; fields fill in what it leaves out."""
    if type_.arguments or not fields or depth == 0:
        return type_
    inner = ((each, _with_fields(read(each.type), each.fields, depth - 1)) for each in fields)
    return type_._replace(arguments=tuple(Argument(type_, each.name) for each, type_ in inner))


def _made(type_: Type, dialect: str, depth: int) -> HiveType:
    if depth == 0:
        return UNKNOWN
    if (element := type_.of_array) is not None:
        return _around("array<", (_made(element, dialect, depth - 1),))
    if type_.arguments and (nested := _nested(type_, dialect, depth - 1)) is not None:
        return nested
    return _plain(type_, dialect)


def _nested(type_: Type, dialect: str, depth: int) -> HiveType | None:
    name, arguments = type_.name, type_.arguments
    if name in _INSIDE:
        return _made(arguments[_INSIDE[name]].type, dialect, depth)
    if name in _ARRAYS:
        of_one = arguments[0].label.lower() in _ELEMENTS
        element = _made(arguments[0].type, dialect, depth) if of_one else _struct(arguments, dialect, depth)
        return _around("array<", (element,))
    if name == "map" and len(arguments) == 2:
        return _map(_made(arguments[0].type, dialect, depth), _made(arguments[1].type, dialect, depth))
    if name == "nested":
        return _around("array<", (_struct(arguments, dialect, depth),))
    if name in _STRUCTS and (name or all(each.label for each in arguments)):
        return _struct(arguments, dialect, depth)
    return None


def _map(key: HiveType, value: HiveType) -> HiveType:
    """A key has no parts."""
    return UNKNOWN if "<" in key.type else _around("map<", (key, value))


def _struct(arguments: Sequence[Argument], dialect: str, depth: int) -> HiveType:
    """With a name that cannot stand in a struct nobody could read the rest."""
    named = [_named(each, dialect) for each in arguments]
    if not all(_FIELD.fullmatch(label) for label, _ in named if label):
        return UNKNOWN
    types = [_made(type_, dialect, depth) for _, type_ in named]
    labels = [label or f"col{at}" for at, (label, _) in enumerate(named, 1)]
    parts = [made._replace(type=f"{label}:{made.type}") for label, made in zip(labels, types, strict=True)]
    found = _around("struct<", parts)
    return found if all(label for label, _ in named) else found._replace(known=False)


def _named(argument: Argument, dialect: str) -> tuple[str, Type]:
    """`a bigint` is a name and a type, `double precision` is a type."""
    type_ = argument.type
    whole = type_.name.removesuffix(" array")
    if argument.label or len(type_.words) < 2 or (not type_.quoted and is_name(whole, dialect)):
        return argument.label, type_
    return type_.words[0], type_._replace(words=type_.words[1:], quoted=False)


def _around(kind: str, parts: Sequence[HiveType]) -> HiveType:
    return HiveType(f"{kind}{','.join(part.type for part in parts)}>", all(part.known for part in parts))


def _plain(type_: Type, dialect: str) -> HiveType:
    name = type_.name
    found = rule(name, dialect)
    unsigned = found is not None and "unsigned" in name.split()
    if found is None:
        return UNKNOWN
    made = found if isinstance(found, str) else found(_numbers(type_))
    if unsigned and not is_name(name, dialect):
        made = _WIDER.get(made, made)
    return HiveType(made, known=True) if made else UNKNOWN


def _numbers(type_: Type) -> Numbers:
    """Oracle's NUMBER(*, 2) has as many digits as there can be."""
    words = [each.type.words[0].lower() for each in type_.arguments if each.type.words]
    if words[:1] == ["*"] and len(words) > 1:
        words[0] = str(DIGITS)
    return tuple(_leading_numbers(words))


def _leading_numbers(words: Sequence[str]) -> Iterator[int]:
    for word in words:
        if word in ("true", "false"):
            yield word == "true"
        elif re.fullmatch(r"[-+]?[0-9]{1,9}", word):
            yield int(word)
        else:
            return
