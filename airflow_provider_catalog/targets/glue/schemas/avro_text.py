"""A schema of Avro, read: every type with what it is made of, those that have a name in a table of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, NoReturn

from airflow_provider_catalog.targets.glue.schemas.problem import UnreadableDefinition

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_NAMED = {"record": "record", "error": "record", "enum": "enum", "fixed": "fixed"}
_INSIDE = {"array": "items", "map": "values"}


class Type(NamedTuple):
    """`inside`: what an array or a map holds, or the branches of a union. What has a `name` is in the table."""

    kind: str
    name: str = ""
    inside: tuple[Type, ...] = ()
    logical: str = ""

    def __str__(self) -> str:
        if self.kind == "union":
            return " or ".join(map(str, self.inside))
        if self.inside:
            return f"{self.kind} of {self.inside[0]}"
        return self.name or (f"{self.kind} ({self.logical})" if self.logical else self.kind)


class Field(NamedTuple):
    """`default`: whether there is one; null is one, too."""

    name: str
    type: Type
    default: bool
    aliases: tuple[str, ...]


class Named(NamedTuple):
    """A record, an enum or a fixed, by its full name; so are its aliases."""

    type: Type
    aliases: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    symbols: tuple[str, ...] = ()
    default: str | None = None
    size: int = 0


class Schema(NamedTuple):
    """What a text says: its type, and by their names those that are defined anywhere in it."""

    root: Type
    names: Mapping[str, Named]


def read(text: str) -> Schema:
    try:
        stated = json.loads(text)
    except ValueError as error:
        raise UnreadableDefinition("AVRO", f"it cannot be parsed: {error}", certain=True) from error
    reader = _Reader()
    return Schema(reader.type(stated, ""), reader.names)


class _Reader:
    """`space` is the namespace that a name is in where it says none."""

    def __init__(self) -> None:
        self.names: dict[str, Named] = {}
        self._types: dict[str, Type] = {}

    def type(self, stated: Any, space: str) -> Type:
        if isinstance(stated, str):
            return Type(stated) if stated in PRIMITIVES else self._known(stated, space)
        if isinstance(stated, list):
            return Type("union", inside=tuple(self.type(each, space) for each in stated))
        if not isinstance(stated, dict):
            _refuse(f"{_short(stated)} is no type")
        return self._object(stated, space)

    def _object(self, stated: dict[str, Any], space: str) -> Type:
        kind = stated.get("type")
        if isinstance(kind, str) and kind in _NAMED:
            return self._named(_NAMED[kind], stated, space)
        if isinstance(kind, str) and kind in _INSIDE:
            return Type(kind, inside=(self.type(stated.get(_INSIDE[kind]), space),))
        if kind is None:
            _refuse(f"{_short(stated)} has no type")
        found = self.type(kind, space)
        return found._replace(logical=_logical(stated)) if found.kind in PRIMITIVES else found

    def _known(self, name: str, space: str) -> Type:
        found = self._types.get(_full(name, space)) or self._types.get(name)
        return found or _refuse(f"nothing is called {name!r}")

    def _named(self, kind: str, stated: dict[str, Any], space: str) -> Type:
        name = stated.get("name")
        if not isinstance(name, str) or not name:
            _refuse(f"there is no name for the {kind} {_short(stated)}")
        full = _full(name, str(stated.get("namespace", space) or ""))
        if full in self._types:
            _refuse(f"there are two called {full!r}")
        made = self._types[full] = Type(kind, full, logical=_logical(stated))
        within = full.rpartition(".")[0]
        named = Named(made, tuple(_full(each, within) for each in _texts(stated, "aliases")))
        self.names[full] = named._replace(**self._parts(kind, stated, within))
        return made

    def _parts(self, kind: str, stated: dict[str, Any], space: str) -> dict[str, Any]:
        if kind == "record":
            return {"fields": tuple(self._fields(stated, space))}
        if kind == "enum":
            default = stated.get("default")
            return {"symbols": tuple(_texts(stated, "symbols")), "default": default if type(default) is str else None}
        size = stated.get("size")
        return {"size": size} if type(size) is int else _refuse(f"there is no size for the fixed {_short(stated)}")

    def _fields(self, stated: dict[str, Any], space: str) -> Iterator[Field]:
        fields = stated.get("fields")
        if not isinstance(fields, list):
            _refuse(f"there are no fields for the record {_short(stated)}")
        for each in fields:
            if not isinstance(each, dict) or not isinstance(each.get("name"), str) or "type" not in each:
                _refuse(f"{_short(each)} is no field")
            of = self.type(each["type"], space)
            yield Field(each["name"], of, "default" in each, tuple(_texts(each, "aliases")))


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _texts(stated: dict[str, Any], member: str) -> list[str]:
    found = stated.get(member)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _logical(stated: dict[str, Any]) -> str:
    """`decimal(10,2)` is another one than `decimal(12,2)`."""
    name = stated.get("logicalType")
    if name == "decimal":
        return f"decimal({stated.get('precision')},{stated.get('scale', 0)})"
    return name if isinstance(name, str) else ""


def _short(stated: Any) -> str:
    return json.dumps(stated)[:100]


def _refuse(problem: str) -> NoReturn:
    raise UnreadableDefinition("AVRO", problem)
