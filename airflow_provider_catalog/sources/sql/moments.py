"""What a template puts into a query anew each run, dates and numbers, put out of it again.

What a query says of columns is the same on each day then, and so is what is made of it: it is read once, and an edge
whose expression holds a date is not another edge tomorrow. Ordinals, limits and paths are left alone: they tell
something.
"""

from __future__ import annotations

import re

_LITERAL = re.compile(
    r"""
    (?P<text>'(?:[^'\\]|''|\\.)*+')
    | "(?:[^"]|"")*+" | `[^`]*+` | \$\$.*?\$\$ | --[^\n]*+ | /\*.*?\*/
    | (?<![\w.$@:/\\-]) (?P<number>\d{5,}+(?:\.\d++)?) (?![\w.])
    """,
    re.VERBOSE | re.DOTALL,
)
_MOMENT = re.compile(r"'(?=.{6})[0-9][0-9:/.TZ +-]*+'")
_COUNTED = re.compile(r"[0-9a-fA-F]{6,}|[0-9]+")
_NAMING = re.compile(r"(?i)\b(?:un)?pivot\b")
"""Literals that become names of columns."""


def timeless(sql: str) -> str:
    """Reads as `sql` does, whenever it was rendered."""
    return sql if _NAMING.search(sql) else _LITERAL.sub(_without, sql)


def shape(sql: str) -> str:
    """The same for SQL that differs in nothing but what is counted or dated, be it in names. It cannot be read."""
    return _COUNTED.sub("0", timeless(sql))


def _without(found: re.Match[str]) -> str:
    if found["number"]:
        return "0"
    return "'?'" if found["text"] and _MOMENT.fullmatch(found["text"]) else found[0]
