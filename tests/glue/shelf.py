"""Things by their names, and in the order of their names from any of them on: what an answer in pages needs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, TypeVar

Key = TypeVar("Key")
Thing = TypeVar("Thing")


class Shelf(dict[Key, Thing]):
    """Sorted when it is read after it changed, not while it is filled."""

    _order: list[Any] | None = None

    def __setitem__(self, key: Key, thing: Thing) -> None:
        if key not in self:
            self._order = None
        super().__setitem__(key, thing)

    def __delitem__(self, key: Key) -> None:
        self._order = None
        super().__delitem__(key)

    def after(self, key: Any = None) -> Iterator[Key]:
        """The names that come after it, or all; whether it is still here does not count."""
        if self._order is None:
            self._order = sorted(self)
        order = self._order
        yield from order[0 if key is None else bisect_right(order, key) :]
