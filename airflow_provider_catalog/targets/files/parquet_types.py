"""What the columns of a Parquet file are, in the words that `targets.glue.types` and people read.

Where Hive has a word it is taken. The words are those of what is in the file: a reader of Parquet finds exactly that,
whatever the program that wrote it had in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PHYSICAL = ("boolean", "int", "bigint", "timestamp(9)", "float", "double", "binary", "binary")
"""By their numbers. The fourth, of 96 bits, is what Impala and old Spark keep times in."""
_CONVERTED = {
    0: "string", 4: "string", 6: "date", 19: "json", 20: "bson", 21: "interval",
    7: "time(3)", 8: "time(6)", 9: "timestamp(3) with time zone", 10: "timestamp(6) with time zone",
    11: "uint8", 12: "uint16", 13: "uint32", 14: "uint64", 15: "tinyint", 16: "smallint", 17: "int", 18: "bigint",
}  # fmt: skip
"""How types were told before there were logical ones; many writers tell both."""
_LOGICAL = {
    1: "string", 4: "string", 6: "date", 11: "null", 12: "json", 13: "bson", 14: "uuid", 15: "float16",
    17: "geometry", 18: "geography",
}  # fmt: skip
_SIGNED = {8: "tinyint", 16: "smallint", 32: "int", 64: "bigint"}
_DIGITS = {1: 3, 2: 6, 3: 9}
_MAPS, _LISTS, _DECIMAL = frozenset({1, 2}), 3, 5
_LOGICAL_MAP, _LOGICAL_LIST, _LOGICAL_DECIMAL, _TIME, _TIMESTAMP, _INTEGER = 2, 3, 5, 7, 8, 10


@dataclass(frozen=True, slots=True)
class Element:
    """A node of a schema as the footer has it: the numbers of its fields, and what they say."""

    said: Mapping[int, Any]

    def number(self, field: int) -> int | None:
        found = self.said.get(field)
        return found if type(found) is int else None

    @property
    def name(self) -> str:
        found = self.said.get(4)
        return found.decode("utf-8", "replace").replace("\0", "\ufffd") if isinstance(found, bytes) else ""

    @property
    def children(self) -> int:
        return self.number(5) or 0

    @property
    def repeated(self) -> bool:
        return self.number(3) == 2

    @property
    def is_list(self) -> bool:
        return _LOGICAL_LIST in self.logical or self.number(6) == _LISTS

    @property
    def is_map(self) -> bool:
        return _LOGICAL_MAP in self.logical or self.number(6) in _MAPS

    @property
    def logical(self) -> Mapping[int, Any]:
        """One entry: which type it is, and what is said of it."""
        found = self.said.get(10)
        return found if isinstance(found, dict) else {}

    @property
    def type(self) -> str:
        """Of one that has no children. A group that has none is an empty struct, or one that only its mark tells of."""
        if found := self._logical_type() or self._converted_type():
            return found
        physical = self.number(1)
        if physical is None:
            return "struct"
        return _PHYSICAL[physical] if 0 <= physical < len(_PHYSICAL) else "unknown"

    def _logical_type(self) -> str:
        which, said = next(iter(self.logical.items()), (0, None))
        about: Mapping[int, Any] = said if isinstance(said, dict) else {}
        if which in _LOGICAL:
            return _LOGICAL[which]
        if which == _LOGICAL_DECIMAL:
            return _decimal(about.get(2), about.get(1))
        if which == _TIME:
            return f"time({_digits(about)})"
        if which == _TIMESTAMP:
            return f"timestamp({_digits(about)}){' with time zone' if about.get(1) is True else ''}"
        return _integer(about) if which == _INTEGER else ""

    def _converted_type(self) -> str:
        converted = self.number(6)
        if converted == _DECIMAL:
            return _decimal(self.number(8), self.number(7))
        return "" if converted is None else _CONVERTED.get(converted, "")


def _decimal(precision: Any, scale: Any) -> str:
    return f"decimal({precision},{scale or 0})" if type(precision) is int and type(scale) in (int, type(None)) else ""


def _digits(about: Mapping[int, Any]) -> int:
    """Of a second."""
    unit = about.get(2)
    return _DIGITS.get(next(iter(unit), 0), 9) if isinstance(unit, dict) else 9


def _integer(about: Mapping[int, Any]) -> str:
    bits = about.get(1)
    width = bits[0] if isinstance(bits, bytes) else 0
    if about.get(2) is False:
        return f"uint{width}" if width in _SIGNED else ""
    return _SIGNED.get(width, "")
