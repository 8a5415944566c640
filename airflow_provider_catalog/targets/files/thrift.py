"""Thrift's compact protocol, as far as documents in it are read: numbers of fields and their values, and no schema.

What is read is untrusted. Each value takes a byte at least, so nothing that is made of a text is much longer than it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""A bool, an int, bytes, a list, or for a struct a dict by the numbers of its fields. Of maps and floats only bytes."""

_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, STRUCT, _UUID = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13
_INTEGERS = frozenset({4, 5, 6})
_LONGEST_NUMBER = 10
_DEPTH = 16


class ThriftError(ValueError):
    """It is no such document, or it is cut off."""


class Compact:
    """Reads on from where it is."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and kind of each field of a struct. Whoever asks has to read the `value` before the next one."""
        number = 0
        while (header := self._byte()) != _STOP:
            step, kind = header >> 4, header & 15
            number = number + step if step else self._integer()
            yield number, kind

    def items(self) -> tuple[int, int]:
        """How many items a list has, and their kind."""
        header = self._byte()
        count = header >> 4
        return self._number() if count == 15 else count, header & 15

    def value(self, kind: int, depth: int = _DEPTH) -> Value:
        """As it stands in a field, where a bool is its own kind."""
        return kind == _TRUE if kind in (_TRUE, _FALSE) else self._item(kind, depth)

    def _item(self, kind: int, depth: int) -> Value:
        if kind in _INTEGERS:
            return self._integer()
        if kind == _BINARY:
            return self._take(self._number())
        if kind in _SIZES:
            return self._take(_SIZES[kind])
        if depth == 0:
            raise ThriftError("it is nested too deep")
        if kind == STRUCT:
            return {number: self.value(each, depth - 1) for number, each in self.fields()}
        if kind in (_LIST, _SET):
            count, each = self.items()
            return [self._item(each, depth - 1) for _ in range(count)]
        if kind == _MAP:
            return self._map(depth - 1)
        raise ThriftError(f"there is no kind {kind}")

    def _map(self, depth: int) -> Value:
        """Nobody needs one: it is only passed over."""
        count = self._number()
        kinds = self._byte() if count else 0
        for _ in range(count):
            self._item(kinds >> 4, depth)
            self._item(kinds & 15, depth)
        return b""

    def _integer(self) -> int:
        number = self._number()
        return (number >> 1) ^ -(number & 1)

    def _number(self) -> int:
        found = 0
        for place in range(_LONGEST_NUMBER):
            byte = self._byte()
            found |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                return found
        raise ThriftError("a number does not end")

    def _byte(self) -> int:
        if self._at >= len(self._data):
            raise ThriftError("it is cut off")
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise ThriftError("it is cut off")
        self._at += size
        return taken


_SIZES = {_TRUE: 1, _FALSE: 1, _BYTE: 1, _DOUBLE: 8, _UUID: 16}
"""Of what has always the same; a bool takes a byte where it stands in a list."""
