"""Forms of output. Plain text where nobody looks at it: colour only on a terminal."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TextIO

_INDENT = 40


@dataclass(frozen=True, slots=True)
class Style:
    """How to say things with emphasis, or not."""

    colour: bool = False
    unicode: bool = True

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        encoding = (stream.encoding or "ascii").lower().replace("-", "")
        colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(colour, encoding.startswith("utf"))

    def bold(self, text: str) -> str:
        return self._in("1", text)

    def dim(self, text: str) -> str:
        return self._in("2", text)

    def good(self, text: str) -> str:
        return self._in("32", text)

    def bad(self, text: str) -> str:
        return self._in("31", text)

    def warn(self, text: str) -> str:
        return self._in("33", text)

    def _in(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour and text else text


def as_json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_yaml(document: Any) -> str:
    """PyYAML comes with Airflow."""
    text: str = import_module("yaml").safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return text


def clean(text: object) -> str:
    """One line without control characters: names come from outside, and a terminal obeys what it is sent."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(str(text).split()))


def when(moment: int | None) -> str:
    """A moment as people read it, to the minute, UTC."""
    from airflow_provider_catalog.services.times import iso

    return "" if moment is None else iso(moment)[:16].replace("T", " ")


def width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, to: int) -> str:
    return text + " " * (to - width(text))


def table(header: Sequence[str], rows: Sequence[Sequence[object]], style: Style) -> str:
    """Columns as wide as they need to be, nothing cut off; numbers to the right."""
    if not rows:
        return style.dim("nothing")
    cells = [["" if cell is None else clean(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(header, *cells, strict=True)]
    right = [all(isinstance(row[i], int) for row in rows) for i in range(len(header))]
    lines = [style.bold(_line(header, widths, right)), *(_line(row, widths, right) for row in cells)]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    placed = [
        " " * (to - width(cell)) + cell if numbers else pad(cell, to)
        for cell, to, numbers in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(placed).rstrip()


def pairs(found: Sequence[tuple[str, object]], style: Style) -> str:
    """Names and values below each other; what has no value is left out. A value of several lines goes on below its
    first one, never where names stand.
    """
    shown = [(name, _lines(str(value))) for name, value in found if value not in {None, ""}]
    to = max((width(name) for name, _ in shown), default=0)
    below = "\n" + " " * (to + 2)
    return "\n".join(f"{style.dim(pad(name, to))}  {below.join(lines)}" for name, lines in shown)


def _lines(text: str) -> list[str]:
    """With what each is indented by, and without those that are empty."""
    lines = [line for line in text.expandtabs(4).splitlines() if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    least = min(indents[1:] or [0])
    return [
        " " * min(max(indent - least, 0), _INDENT) * bool(at) + clean(line)
        for at, (indent, line) in enumerate(zip(indents, lines, strict=True))
    ]
