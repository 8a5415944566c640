"""Protocol Buffers: whether a text is a definition, and what of the messages of one another cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(r"\s+|//[^\n]*|/\*.*?\*/|(\"[^\"]*\"|'[^']*'|[\w.]+|[{}\[\]()<>=;,:-])", re.DOTALL)
_LABELS = {"optional", "required", "repeated"}
_SKIPPED = {"syntax", "package", "import", "option", "reserved", "extensions", "edition"}
_SAME_ON_THE_WIRE = (
    {"int32", "uint32", "int64", "uint64", "bool"},
    {"sint32", "sint64"},
    {"string", "bytes"},
    {"fixed32", "sfixed32"},
    {"fixed64", "sfixed64"},
)


class Field(NamedTuple):
    label: str
    type: str
    name: str


class Schema(NamedTuple):
    """Messages by their full name, each with its fields by number."""

    messages: dict[str, dict[int, Field]]


def parse(text: str) -> Schema:
    """Raises ValueError with the reason."""
    messages: dict[str, dict[int, Field]] = {}
    tokens = _Tokens(text)
    while tokens.left:
        _statement(tokens, "", messages)
    if not messages:
        raise ValueError("There is no message")
    return Schema(messages)


def breaks(reader: Schema, writer: Schema) -> Iterator[str]:
    for name, theirs in writer.messages.items():
        ours = reader.messages.get(name)
        if ours is None:
            yield f"{name}: is gone"
            continue
        for number, field in ours.items():
            yield from _field_breaks(field, theirs.get(number), f"{name}.{field.name}")


def _field_breaks(ours: Field, theirs: Field | None, path: str) -> Iterator[str]:
    if theirs is None:
        if ours.label == "required":
            yield f"{path}: is required, and was not written"
    elif (ours.label == "repeated") != (theirs.label == "repeated"):
        yield f"{path}: is repeated in one and not in the other"
    elif ours.type != theirs.type and not any({ours.type, theirs.type} <= each for each in _SAME_ON_THE_WIRE):
        yield f"{path}: {theirs.type} is not read as {ours.type}"


class _Tokens:
    def __init__(self, text: str) -> None:
        self.left: list[str] = []
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise ValueError(f"Unexpected {text[place]!r}")
            if found[1]:
                self.left.append(found[1])
            place = found.end()
        self.left.reverse()

    def take(self, *wanted: str) -> str:
        if not self.left:
            raise ValueError("Unexpected end")
        token = self.left.pop()
        if wanted and token not in wanted:
            raise ValueError(f"Expected {' or '.join(wanted)}, found {token}")
        return token

    def skip(self) -> None:
        """To the end of a statement, or of the block it has."""
        depth = 0
        while True:
            token = self.take()
            depth += {"{": 1, "}": -1}.get(token, 0)
            if depth == 0 and token in {";", "}"}:
                return


def _statement(tokens: _Tokens, path: str, messages: dict[str, dict[int, Field]]) -> None:
    token = tokens.take()
    if token == "message":
        _block(tokens, f"{path}.{tokens.take()}".lstrip("."), messages)
    elif token in _SKIPPED or token in {"enum", "service", "extend"}:
        tokens.skip()
    elif token == "oneof" and path:
        tokens.take()
        _members(tokens, path, messages)
    elif token != ";" and path:
        _field(tokens, token, messages[path])
    elif token != ";":
        raise ValueError(f"Unexpected {token}")


def _block(tokens: _Tokens, path: str, messages: dict[str, dict[int, Field]]) -> None:
    messages[path] = {}
    _members(tokens, path, messages)


def _members(tokens: _Tokens, path: str, messages: dict[str, dict[int, Field]]) -> None:
    tokens.take("{")
    while tokens.left and tokens.left[-1] != "}":
        _statement(tokens, path, messages)
    tokens.take("}")


def _field(tokens: _Tokens, first: str, fields: dict[int, Field]) -> None:
    label, kind = (first, tokens.take()) if first in _LABELS else ("", first)
    if kind == "map":
        kind = "".join([kind, *(tokens.take() for _ in range(5))])
    name = tokens.take()
    tokens.take("=")
    number = int(tokens.take())
    if number in fields:
        raise ValueError(f"Field number {number} is used twice")
    fields[number] = Field(label, kind, name)
    tokens.skip()
