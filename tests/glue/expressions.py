"""Which partitions an expression means: SQL's conditions on the partition keys, compared by the types of the keys.

A comparison with a value that is not there is neither true nor false, and so is the opposite of it: None.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import sqlglot
from sqlglot import exp

from tests.glue.model import Document
from tests.glue.refusals import Refused, invalid

Node: TypeAlias = Any
"""`sqlglot.exp.Expression`, of any version."""
Matches: TypeAlias = Callable[[list[str]], bool | None]
Compare: TypeAlias = Callable[[Any, Any], bool]

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_NUMBERS = re.compile(r"(tinyint|smallint|int|integer|bigint|long|float|double|decimal)\b", re.IGNORECASE)
_COMPARISONS: dict[type, Compare] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}
_TURNED: dict[type, type] = {exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE}


def read(expression: str | None, keys: list[Document]) -> Callable[[list[str]], bool]:
    """All of them without one. What cannot be read, or speaks of anything but the keys, is refused."""
    if not expression or not expression.strip():
        return lambda values: True
    places = {key["Name"]: (place, key.get("Type") or "string") for place, key in enumerate(keys)}
    try:
        condition = _Reader(places).condition(sqlglot.parse_one(expression, dialect="hive"))
    except sqlglot.errors.SqlglotError as error:
        raise _refused() from error
    return lambda values: condition(values) is True


class _Reader:
    """`places`: where in the values a key is, and its type."""

    def __init__(self, places: dict[str, tuple[int, str]]) -> None:
        self._places = places
        self._kinds: dict[type, Callable[[Node], Matches]] = {
            exp.Paren: lambda node: self.condition(node.this),
            exp.Not: self._not,
            exp.And: lambda node: _joined(False, [self.condition(node.left), self.condition(node.right)]),
            exp.Or: lambda node: _joined(True, [self.condition(node.left), self.condition(node.right)]),
            exp.Between: self._between,
            exp.In: self._in,
            exp.Is: self._is_null,
            exp.Like: self._like,
        }

    def condition(self, node: Node) -> Matches:
        if type(node) in _COMPARISONS:
            return self._compared(type(node), node.this, node.expression)
        if type(node) not in self._kinds:
            raise _refused()
        return self._kinds[type(node)](node)

    def _not(self, node: Node) -> Matches:
        inside = self.condition(node.this)
        return lambda values: None if (found := inside(values)) is None else not found

    def _between(self, node: Node) -> Matches:
        low = self._compared(exp.GTE, node.this, node.args["low"])
        return _joined(False, [low, self._compared(exp.LTE, node.this, node.args["high"])])

    def _in(self, node: Node) -> Matches:
        return _joined(True, [self._compared(exp.EQ, node.this, item) for item in node.expressions])

    def _is_null(self, node: Node) -> Matches:
        if not isinstance(node.expression, exp.Null):
            raise _refused()
        place, _ = self._key(node.this)
        return lambda values: values[place] == _NO_VALUE

    def _like(self, node: Node) -> Matches:
        place, _ = self._key(node.this)
        parts = (".*" if each == "%" else "." if each == "_" else re.escape(each) for each in _text(node.expression))
        pattern = re.compile("".join(parts), re.DOTALL)
        return lambda values: pattern.fullmatch(values[place]) is not None

    def _compared(self, kind: type, left: Node, right: Node) -> Matches:
        if isinstance(right, exp.Column):
            kind, left, right = _TURNED.get(kind, kind), right, left
        place, key_type = self._key(left)
        convert: Callable[[str], Any] = _number if _NUMBERS.match(key_type) else str
        wanted, compare = convert(_text(right)), _COMPARISONS[kind]
        return lambda values: None if values[place] == _NO_VALUE else compare(convert(values[place]), wanted)

    def _key(self, node: Node) -> tuple[int, str]:
        if not isinstance(node, exp.Column) or node.name.lower() not in self._places:
            raise _refused()
        return self._places[node.name.lower()]


def _joined(decisive: bool, sides: list[Matches]) -> Matches:
    """One side that is false decides an AND, one that is true an OR; else one that is unknown."""

    def joined(values: list[str]) -> bool | None:
        found = [side(values) for side in sides]
        return decisive if decisive in found else None if None in found else not decisive

    return joined


def _text(node: Node) -> str:
    if isinstance(node, exp.Neg):
        return f"-{_text(node.this)}"
    if isinstance(node, exp.Cast):
        return _text(node.this)
    if not isinstance(node, exp.Literal):
        raise _refused()
    return str(node.this)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise invalid(f"{text} is no number, as the partition key is.") from error


def _refused() -> Refused:
    return invalid("Invalid partition expression!")
