"""The grammar that names of types share, whoever writes them: words, what they are given in brackets, words after it.

    timestamp(6) with time zone     Nullable(Array(String))     struct<a:int,b:map<string,bigint>>     numeric(10,2)[]
    row("the id" bigint)            timestamp[us, tz=UTC]       STRUCT<a INT64 OPTIONS (description = 'x')>

What a word means is not known here. Nothing is refused: what is no type comes out as one that nobody knows.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST = 262_144
_DEPTH = 32
_TOKEN = re.compile(r"""("(?:[^"]|"")*"|`[^`]*`|'(?:[^']|'')*')|[<>()\[\],:=]|[^\s<>()\[\],:="'`]+|["'`]""")
_OPENING, _CLOSING = frozenset("(<["), frozenset(")>]")
_MARKS = _OPENING | _CLOSING | frozenset(",:=")
_BRACES = {ord("{"): " ", ord("}"): " "}
"""Polars writes them, and they tell nothing."""
_SIZED = frozenset({"fixed_size_list", "fixed_size_binary", "fixed"})
"""What stands behind them in brackets is a length."""
_AFTER = frozenset({
    *("not", "null", "default", "collate", "charset", "comment", "options", "encode", "primary", "unique"),
    *("references", "generated", "auto_increment", "zerofill", "constraint", "codec", "required", "optional"),
})  # fmt: skip
"""With these words begins what is said of a column and not of its type."""


class Type(NamedTuple):
    """`words` as written, without their quotes, up to the arguments; `after` them come others. `arrays`: it stands in
    so many arrays. `quoted`: the first word is a name, whatever it says.
    """

    words: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    after: tuple[str, ...] = ()
    arrays: int = 0
    quoted: bool = False

    @property
    def name(self) -> str:
        return " ".join((*self.words, *self.after)).lower()

    @property
    def of_array(self) -> Type | None:
        """What it is an array of, if that is what it says at its end."""
        if self.arrays:
            return self._replace(arrays=self.arrays - 1)
        if self.after and self.after[-1].lower() == "array":
            return self._replace(after=self.after[:-1])
        if len(self.words) > 1 and self.words[-1].lower() == "array" and not self.arguments:
            return self._replace(words=self.words[:-1])
        return None


class Argument(NamedTuple):
    """A type, a number or a word, and what it is called where a colon or an equals sign says so."""

    type: Type
    label: str = ""


def read(text: str) -> Type:
    if len(text) > _LONGEST:
        return Type()
    return _Reader([found[0] for found in _TOKEN.finditer(text.translate(_BRACES))]).type(_DEPTH)


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def type(self, depth: int) -> Type:
        quoted = self._next()[:1] in ("'", '"', "`")
        words = _meant(self._words() or self._bracketed_name())
        arguments = self._arguments(depth) if self._next() in ("(", "<") else ()
        found = Type(words, arguments, _meant(["", *self._words()])[1:], 0, quoted)
        for _ in range(depth):
            if self._next() != "[":
                break
            found = self._with_brackets(found, depth)
        return found

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _words(self) -> list[str]:
        first = self.at
        while self._next() and self._next() not in _MARKS:
            self.at += 1
        return [_bare(token) for token in self.tokens[first : self.at]]

    def _bracketed_name(self) -> list[str]:
        """SQL Server's `[nvarchar](50)`."""
        if self._next() != "[":
            return []
        self.at += 1
        words = self._words()
        self._close()
        return words

    def _with_brackets(self, found: Type, depth: int) -> Type:
        """`int[3]` is an array, `timestamp[us]` is not. `array[3]` says it twice."""
        inside = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else "]"
        if (inside == "]" or inside.isdigit()) and found.name not in _SIZED:
            self.at += 1
            self._close()
            return found if found.of_array and not found.arrays else found._replace(arrays=found.arrays + 1)
        arguments = self._arguments(depth)
        return found if found.arguments else found._replace(arguments=arguments)

    def _arguments(self, depth: int) -> tuple[Argument, ...]:
        self.at += 1
        found: list[Argument] = []
        while depth and self._next() and self._next() not in _CLOSING:
            found.append(self._argument(depth - 1))
            self._skip(",")
        self._close()
        return tuple(found)

    def _argument(self, depth: int) -> Argument:
        first = self.at
        label = " ".join(self._words())
        if self._next() in (":", "="):
            self.at += 1
            return Argument(self.type(depth), label)
        self.at = first
        return Argument(self.type(depth))

    def _close(self) -> None:
        self._skip("")
        self.at += 1

    def _skip(self, until: str) -> None:
        """What stands before the next comma or the closing bracket, and the comma."""
        depth = 0
        while (token := self._next()) and not (depth == 0 and (token in _CLOSING or token == until)):
            depth += (token in _OPENING) - (token in _CLOSING)
            self.at += 1
        if until and self._next() == until:
            self.at += 1


def _bare(token: str) -> str:
    quote = token[0]
    return token[1:-1].replace(quote * 2, quote) if quote in "\"'`" and len(token) > 1 else token


def _meant(words: list[str]) -> tuple[str, ...]:
    ends = (at for at, word in enumerate(words) if at and (word.lower() in _AFTER or _sets_characters(words, at)))
    return tuple(words[: next(ends, len(words))])


def _sets_characters(words: list[str], at: int) -> bool:
    return words[at].lower() == "character" and [each.lower() for each in words[at + 1 : at + 2]] == ["set"]
