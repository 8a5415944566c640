"""A definition of Protocol Buffers, read: messages with their fields by number, and enums.

Options and services are passed over: no message is another one for them. What else is not looked at, such as extensions
and groups, is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from airflow_provider_catalog.targets.glue.schemas.problem import UnreadableDefinition

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[\w.+-]+|[{}\[\]()<>=;,:/])""", re.DOTALL
)
_LABELS = frozenset({"optional", "required", "repeated"})
_NOT_LOOKED_AT = frozenset({"extend", "extensions", "group", "edition", "export", "local"})
_NO_FIELD = frozenset({"option", "reserved"})


class Field(NamedTuple):
    """`key`: of a map, whose values are of `type`. `choice`: the oneof it is in."""

    name: str
    type: str
    label: str = ""
    key: str = ""
    choice: str = ""


@dataclass(slots=True)
class File:
    """Messages and enums by the name that they have in the package."""

    syntax: str = "proto2"
    package: str = ""
    messages: dict[str, dict[int, Field]] = field(default_factory=dict)
    enums: dict[str, dict[int, str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def resolve(self, name: str, scope: str) -> str:
        """The message or enum that a type in `scope` means; empty for what is of another file."""
        bare = name.lstrip(".").removeprefix(f"{self.package}.") if self.package else name.lstrip(".")
        while scope and not name.startswith("."):
            if self._has(f"{scope}.{bare}"):
                return f"{scope}.{bare}"
            scope = scope.rpartition(".")[0]
        return bare if self._has(bare) else ""

    def _has(self, name: str) -> bool:
        return name in self.messages or name in self.enums


def read(text: str) -> File:
    reader = _Reader(_tokens(text))
    reader.file()
    if not reader.found.messages:
        _refuse("there is no message in it")
    return reader.found


def _tokens(text: str) -> list[str]:
    """The last one first."""
    found, place = [], 0
    while place < len(text):
        word = _TOKEN.match(text, place)
        if word is None:
            _refuse(f"{text[place : place + 20]!r} is not understood")
        if word[1]:
            found.append(word[1])
        place = word.end()
    return found[::-1]


class _Reader:
    def __init__(self, left: list[str]) -> None:
        self.found = File()
        self._left = left

    def file(self) -> None:
        while self._left:
            word = self._take()
            if word == "syntax":
                self._take("=")
                self.found.syntax = self._take().strip("\"'")
                self._take(";")
            elif word == "package":
                self.found.package = self._take()
                self._take(";")
            elif word in ("import", "option", "service"):
                self._pass()
            elif not self._defined(word, ""):
                _refuse(f"{word!r} begins nothing that is known")

    def _defined(self, word: str, scope: str) -> bool:
        """What may stand in a file and in a message."""
        if word in ("message", "enum"):
            name = f"{scope}.{self._take()}".lstrip(".")
            (self._message if word == "message" else self._enum)(name)
        elif word in _NOT_LOOKED_AT:
            self.found.unknown.add(word)
            self._pass()
        else:
            return word == ";"
        return True

    def _message(self, name: str) -> None:
        fields = self.found.messages.setdefault(name, {})
        self._members(name, fields, "")

    def _members(self, name: str, fields: dict[int, Field], choice: str) -> None:
        self._take("{")
        while (word := self._take()) != "}":
            if word in _NO_FIELD:
                self._pass()
            elif word == "oneof" and self._next(1) == "{":
                self._members(name, fields, self._take())
            elif not self._defined(word, name):
                self._field(word, fields, choice)

    def _field(self, first: str, fields: dict[int, Field], choice: str) -> None:
        label, kind = (first, self._take()) if first in _LABELS else ("", first)
        if kind == "group":
            self.found.unknown.add(kind)
        key = ""
        if kind == "map" and self._next(0) == "<":
            key, kind = self._map()
        name = self._take()
        self._take("=")
        number = _number(self._take())
        if number in fields:
            _refuse(f"number {number} is given twice, to {fields[number].name} and {name}")
        fields[number] = Field(name, kind, label, key, choice)
        self._pass()

    def _map(self) -> tuple[str, str]:
        self._take("<")
        key = self._take()
        self._take(",")
        value = self._take()
        self._take(">")
        return key, value

    def _enum(self, name: str) -> None:
        values = self.found.enums.setdefault(name, {})
        self._take("{")
        while (word := self._take()) != "}":
            if word in _NO_FIELD and self._next(0) != "=":
                self._pass()
            elif word != ";":
                self._take("=")
                values.setdefault(_number(self._take()), word)
                self._pass()

    def _next(self, ahead: int) -> str:
        return self._left[-1 - ahead] if len(self._left) > ahead else ""

    def _take(self, wanted: str = "") -> str:
        if not self._left:
            _refuse("it ends too soon")
        word = self._left.pop()
        if wanted and word != wanted:
            _refuse(f"{wanted!r} was expected, and there is {word!r}")
        return word

    def _pass(self) -> None:
        """To the end of a statement, or of the block that it has. Options may hold blocks, too."""
        depth = 0
        while (word := self._take()) != ";" or depth:
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(word, 0)
            if word == "}" and not depth:
                return


def _number(text: str) -> int:
    try:
        return int(text, 8 if re.fullmatch(r"0[0-7]+", text) else 0)
    except ValueError:
        _refuse(f"{text!r} is no number")


def _refuse(problem: str) -> NoReturn:
    raise UnreadableDefinition("PROTOBUF", problem)
