"""The columns of tables, as far as somebody knows them: what the caller tells, and what the script itself makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias


class Lookup(Protocol):
    """Asked for one table at a time, when its columns are needed."""

    def columns(self, table: str) -> Sequence[str] | None: ...


Given: TypeAlias = Mapping[str, Sequence[str] | Mapping[str, object]] | Lookup | None


class Schema:
    """A table is found by its full name, or by as many of its last parts as are stated on either side. `wanted` are
    the tables that nobody knew the columns of; `gives` are the columns of what a query gives to whoever asked, which is
    the table None.
    """

    def __init__(self, given: Given, gives: Sequence[str] | None = None) -> None:
        self._gives = gives
        self._lookup = given if given is not None and not isinstance(given, Mapping) else None
        self._by_last: defaultdict[str, list[tuple[tuple[str, ...], Sequence[str]]]] = defaultdict(list)
        for name, columns in given.items() if isinstance(given, Mapping) else ():
            parts = tuple(name.lower().split("."))
            self._by_last[parts[-1]].append((parts, tuple(columns)))
        self._made: dict[str, Sequence[str] | None] = {}
        self._asked: dict[str, Sequence[str] | None] = {}
        self.wanted: dict[str, None] = {}

    def columns(self, table: str | None) -> Sequence[str] | None:
        if table is None:
            return self._gives
        if table in self._made:
            return self._made[table]
        if table not in self._asked:
            self._asked[table] = self._find(table)
        found = self._asked[table]
        if found is None:
            self.wanted[table] = None
        return found

    def _find(self, table: str) -> Sequence[str] | None:
        if self._lookup is not None:
            return self._lookup.columns(table) or None
        parts = tuple(table.lower().split("."))
        for known, columns in self._by_last.get(parts[-1], ()):
            shorter = min(len(known), len(parts))
            if known[-shorter:] == parts[-shorter:]:
                return columns or None
        return None

    def moved(self, source: str, target: str) -> None:
        """Under another name from now on."""
        self._made[target] = self.columns(source)

    def made(self, table: str, columns: Iterable[str] | None) -> None:
        """The script makes it, or makes it anew; None where it cannot be told with which columns."""
        self._made[table] = None if columns is None else tuple(columns)
