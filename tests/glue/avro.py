"""Avro schemas: whether a text is one, and what keeps a reader of one from reading what was written with another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

_PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
_NAMED = {"record", "error", "enum", "fixed"}
_PROMOTED = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}
"""What may be read as what."""


class Schema(NamedTuple):
    """`names` has what is defined anywhere in it, by its full name."""

    root: Any
    names: dict[str, Any]


def parse(text: str) -> Schema:
    """Raises ValueError with the reason."""
    names: dict[str, Any] = {}
    return Schema(_resolved(json.loads(text), "", names), names)


def breaks(reader: Schema, writer: Schema) -> Iterator[str]:
    yield from _Reading(reader, writer).problems(reader.root, writer.root, "")


def _resolved(node: Any, space: str, names: dict[str, Any]) -> Any:
    """The same with full names and every definition entered."""
    if isinstance(node, str):
        return node if node in _PRIMITIVES else _known(node, space, names)
    if isinstance(node, list):
        return [_resolved(each, space, names) for each in node]
    return _described(node, space, names)


def _described(node: Any, space: str, names: dict[str, Any]) -> Any:
    match node:
        case {"type": "array", "items": inside}:
            return {"type": "array", "items": _resolved(inside, space, names)}
        case {"type": "map", "values": inside}:
            return {"type": "map", "values": _resolved(inside, space, names)}
        case {"type": str(kind), "name": str()} if kind in _NAMED:
            return _defined(node, space, names)
        case {"type": str(inside) | dict(inside) | list(inside)} if inside not in ("array", "map", *_NAMED):
            return _resolved(inside, space, names)
    raise ValueError(f"{json.dumps(node)} is no type")


def _known(name: str, space: str, names: dict[str, Any]) -> str:
    full = name if "." in name or not space else f"{space}.{name}"
    for each in (full, name):
        if each in names:
            return each
    raise ValueError(f"Undefined name: {name}")


def _defined(node: dict[str, Any], space: str, names: dict[str, Any]) -> str:
    space = node.get("namespace", space)
    full = node["name"] if "." in node["name"] or not space else f"{space}.{node['name']}"
    if full in names:
        raise ValueError(f"Can't redefine: {full}")
    made = names[full] = {**node, "name": full}
    if node["type"] in {"record", "error"}:
        made["fields"] = [_field(each, full.rpartition(".")[0], names) for each in _listed(node, "fields")]
    if node["type"] == "enum":
        _listed(node, "symbols")
    if node["type"] == "fixed" and not isinstance(node.get("size"), int):
        raise ValueError(f"{full} has no size")
    return full


def _field(field: Any, space: str, names: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(field, dict) or "type" not in field or not isinstance(field.get("name"), str):
        raise ValueError(f"{json.dumps(field)} is no field")
    return {**field, "type": _resolved(field["type"], space, names)}


def _listed(node: dict[str, Any], member: str) -> list[Any]:
    found = node.get(member)
    if isinstance(found, list):
        return found
    raise ValueError(f"{node['name']} has no {member}")


class _Reading:
    """Names that are compared already are taken to fit: types may hold themselves."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader, self._writer = reader, writer
        self._compared: set[tuple[str, str]] = set()

    def problems(self, reader: Any, writer: Any, path: str) -> Iterator[str]:
        if isinstance(writer, list):
            for branch in writer:
                yield from self.problems(reader, branch, path)
        elif isinstance(reader, list):
            if all(any(True for _ in self.problems(branch, writer, path)) for branch in reader):
                yield f"{path or '/'}: no branch of the union reads {_kind(writer)}"
        elif isinstance(reader, str) and isinstance(writer, str) and writer in self._writer.names:
            yield from self._named(reader, writer, path)
        elif isinstance(reader, dict) and isinstance(writer, dict) and reader["type"] == writer["type"]:
            inside = "items" if reader["type"] == "array" else "values"
            yield from self.problems(reader[inside], writer[inside], f"{path}/{inside}")
        elif reader != writer and not (
            isinstance(writer, str) and isinstance(reader, str) and reader in _PROMOTED.get(writer, ())
        ):
            yield f"{path or '/'}: {_kind(writer)} is not read as {_kind(reader)}"

    def _named(self, reader: str, writer: str, path: str) -> Iterator[str]:
        if (reader, writer) in self._compared:
            return
        self._compared.add((reader, writer))
        ours, theirs = self._reader.names.get(reader), self._writer.names[writer]
        if ours is None or ours["type"] != theirs["type"] or not _goes_by(ours, theirs["name"]):
            yield f"{path or '/'}: {writer} is not read as {reader}"
        elif ours["type"] == "enum" and "default" not in ours:
            yield from (f"{path}: no symbol {each}" for each in theirs["symbols"] if each not in ours["symbols"])
        elif ours["type"] == "fixed" and ours["size"] != theirs["size"]:
            yield f"{path}: of {theirs['size']} bytes, not {ours['size']}"
        elif ours["type"] in {"record", "error"}:
            yield from self._fields(ours, theirs, path)

    def _fields(self, ours: dict[str, Any], theirs: dict[str, Any], path: str) -> Iterator[str]:
        written = {field["name"]: field for field in theirs["fields"]}
        for field in ours["fields"]:
            names = [field["name"], *field.get("aliases", ())]
            found = next((written[name] for name in names if name in written), None)
            if found is not None:
                yield from self.problems(field["type"], found["type"], f"{path}/{field['name']}")
            elif "default" not in field:
                yield f"{path}/{field['name']}: not written, and without a default"


def _goes_by(reader: dict[str, Any], writer: str) -> bool:
    names = {each.rpartition(".")[2] for each in (reader["name"], *reader.get("aliases", ()))}
    return writer.rpartition(".")[2] in names


def _kind(node: Any) -> str:
    return node if isinstance(node, str) else "a union" if isinstance(node, list) else str(node["type"])
