"""Protocol Buffers: what keeps who reads by one definition from reading what was written by another.

Fields are known by their numbers, and types are one where they are one on the wire. A message that only one of the two
knows breaks: so AWS has it, also where no field is of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from airflow_provider_catalog.targets.glue.schemas.problem import Problem
from airflow_provider_catalog.targets.glue.schemas.proto_text import Field, File, read

_WIRES = (
    {"int32", "uint32", "int64", "uint64", "bool"},
    {"sint32", "sint64"},
    {"string", "bytes"},
    {"fixed32", "sfixed32"},
    {"fixed64", "sfixed64"},
)
_SCALARS = frozenset({"double", "float"}.union(*_WIRES))
_TEXTS = frozenset({"string", "bytes"})


def problems(reader: str, writer: str) -> Iterable[Problem]:
    ours, theirs = read(reader), read(writer)
    for name, fields in theirs.messages.items():
        if name not in ours.messages:
            yield Problem("message", name)
            continue
        for number, field in ours.messages[name].items():
            place = _Place(f"{name}.{field.name}", name, ours, theirs)
            yield from place.problems(field, fields.get(number))
        yield from _dropped(name, ours.messages[name], fields)
    yield from _enums(ours, theirs)
    yield from _rest(ours, theirs)


class _Kind(NamedTuple):
    """`what`: a scalar, a message, an enum, or unknown where another file says what it is."""

    what: str
    name: str


class _Place(NamedTuple):
    """A field of a message, in both files."""

    path: str
    message: str
    reader: File
    writer: File

    def problems(self, ours: Field, theirs: Field | None) -> Iterator[Problem]:
        if theirs is None:
            if ours.label == "required":
                yield Problem("required", self.path)
            return
        if ours.label == "required" and theirs.label != "required":
            yield self._doubt("optional", theirs.name)
        if ours.name != theirs.name:
            yield self._doubt("renamed", theirs.name)
        if ours.choice != theirs.choice:
            yield self._doubt("oneof", theirs.name)
        yield from self._types(ours, theirs)

    def _types(self, ours: Field, theirs: Field) -> Iterator[Problem]:
        new, old = self._kind(self.reader, ours.type), self._kind(self.writer, theirs.type)
        if bool(ours.key) != bool(theirs.key):
            alone = new if theirs.key else old
            yield self._typed("type", ours, theirs, sure=alone.what == "scalar" and alone.name != "bytes")
        elif (ours.label == "repeated") != (theirs.label == "repeated"):
            numbers = {new.what, old.what} == {"scalar"} and not {new.name, old.name} <= _TEXTS
            yield self._typed("repeated", ours, theirs, sure=numbers)
        else:
            yield from self._fits(new, old, ours, theirs)
            if ours.key:
                key = _Kind("scalar", ours.key), _Kind("scalar", theirs.key)
                yield from self._fits(*key, ours, theirs)

    def _fits(self, new: _Kind, old: _Kind, ours: Field, theirs: Field) -> Iterator[Problem]:
        if new == old:
            return
        scalars = new.what == old.what == "scalar"
        if not scalars or not any({new.name, old.name} <= each for each in _WIRES):
            yield self._typed("type", ours, theirs, sure=scalars or _unlike(new, old) or _unlike(old, new))
        elif ours.key or (new.name == "string" and old.name == "bytes"):
            yield self._typed("wire", ours, theirs, sure=False)

    def _kind(self, file: File, type_: str) -> _Kind:
        if type_ in _SCALARS:
            return _Kind("scalar", type_)
        found = file.resolve(type_, self.message)
        what = "message" if found in file.messages else "enum" if found else "unknown"
        return _Kind(what, found or type_.lstrip("."))

    def _typed(self, reason: str, ours: Field, theirs: Field, *, sure: bool) -> Problem:
        return Problem(reason, self.path, _shown(ours), _shown(theirs), sure)

    def _doubt(self, reason: str, was: str) -> Problem:
        return Problem(reason, self.path, self.path.rpartition(".")[2], was, sure=False)


def _unlike(one: _Kind, other: _Kind) -> bool:
    """Bytes may hold a message, and a whole number may be of an enum."""
    if one.what != "scalar" or other.what not in ("message", "enum"):
        return False
    return one.name != "bytes" if other.what == "message" else one.name not in _WIRES[0]


def _shown(field: Field) -> str:
    kind = f"map<{field.key}, {field.type}>" if field.key else field.type
    return f"repeated {kind}" if field.label == "repeated" else kind


def _dropped(name: str, ours: Mapping[int, Field], theirs: Mapping[int, Field]) -> Iterator[Problem]:
    for number, field in theirs.items():
        if number not in ours and field.label == "required":
            yield Problem("ignored", f"{name}.{field.name}", sure=False)


def _enums(ours: File, theirs: File) -> Iterator[Problem]:
    for name, values in theirs.enums.items():
        known = ours.enums.get(name, {})
        lost = [value for number, value in values.items() if known.get(number) != value]
        if lost:
            yield Problem("values", name, "", ", ".join(lost), sure=False)


def _rest(ours: File, theirs: File) -> Iterator[Problem]:
    if ours.syntax != theirs.syntax:
        yield Problem("syntax", "syntax", ours.syntax, theirs.syntax, sure=False)
    if ours.package != theirs.package:
        yield Problem("package", "package", ours.package or "none", theirs.package or "none", sure=False)
    for what in sorted(ours.unknown | theirs.unknown):
        yield Problem("keyword", "", what, what, sure=False)
