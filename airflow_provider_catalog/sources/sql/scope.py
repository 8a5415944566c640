"""Scopes: what a name may mean where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from airflow_provider_catalog.sources.sql.relation import AS_IS, STAR, Column, Node, Origin, Relation, Sources, merged

Relations: TypeAlias = Mapping[str, Relation]


class Scope:
    """The relations of one query by their aliases, and the scope around it. `aliases`: outputs that may be named;
    `using`: columns that are one in all that were joined by them, and `twice` where these have them; `favourite`: what
    is meant where it may be several.
    """

    __slots__ = (
        *("aliases", "ctes", "favourite", "parent", "relations", "twice", "using", "windows"),
        *("_anything", "_first", "_new", "_open"),
    )

    def __init__(self, parent: Scope | None, ctes: Relations, relation: Relation | None = None) -> None:
        self.parent = parent
        self.ctes = ctes
        self.relations: dict[str, Relation] = {}
        self.aliases: dict[str, Sources] = {}
        self.using: dict[str, Column] = {}
        self.twice: set[tuple[str, str]] = set()
        self.windows: dict[str, Sequence[Node]] = {}
        self.favourite: Relation | None = None
        self._first: dict[str, Relation] = {}
        self._new: list[Relation] = []
        self._open: list[Relation] = []
        self._anything: Sources | None = None
        if relation is not None:
            self.add("", relation)

    def add(self, alias: str, relation: Relation) -> str:
        """Two without an alias are two: the one that it has here."""
        key = alias.lower()
        while key in self.relations:
            key = f"{alias.lower()} {len(self.relations)}"
        self.relations[key] = relation
        self._new.append(relation)
        if relation.rest:
            self._open.append(relation)
        self._anything = relation.anything or self._anything
        return key

    def known(self) -> Mapping[str, Relation]:
        """Which relation is the first that is known to have a column. Those that came last are put in when asked."""
        for relation in self._new:
            for key in relation.lowered():
                self._first.setdefault(key, relation)
        self._new.clear()
        return self._first

    def joined(self, names: Iterable[str], right: Scope) -> Iterator[Column]:
        """The columns that both sides have."""
        for name in names:
            key = name.lower()
            yield Column(name, merged((self.here(key, name) or {}, right.here(key, name) or {})))

    def join(self, names: Iterable[str], right: Scope) -> Iterable[Column]:
        """Beside another one, whose columns of these names are one with those here from now on."""
        joined = {column.name.lower(): column for column in self.joined(names, right)}
        self.twice.update(self._having(joined))
        twice = {*right.twice, *right._having(joined)}
        added = {alias: self.add(alias, relation) for alias, relation in right.relations.items()}
        self.twice.update((added[alias], key) for alias, key in twice)
        self.using = {**joined, **right.using, **self.using, **joined}
        return joined.values()

    def _having(self, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The first that is known to have each."""
        for key in keys:
            yield from islice(((alias, key) for alias, each in self.relations.items() if key in each.lowered()), 1)

    def everything(self, *, in_place: bool) -> Iterator[Column]:
        """All columns, and those that are one once: where the left side has them if `in_place`, else first."""
        once = dict(self.using)
        if not in_place:
            yield from self.using.values()
            once.clear()
        for alias, relation in self.relations.items():
            for column in relation.columns:
                key = column.name.lower() if self.twice else ""
                if (alias, key) not in self.twice:
                    yield column
                elif key in once:
                    yield once.pop(key)
        yield from once.values()

    def shared(self, right: Scope) -> list[str]:
        """The names that both sides of a NATURAL JOIN are known to have, as the left one has them."""
        known = right.known()
        names = (column.name for column in self.everything(in_place=False))
        return [name for name in dict.fromkeys(names) if name != STAR and name.lower() in known]

    def name(self, columns: Iterable[Column]) -> None:
        for column in columns:
            if column.name != STAR:
                self.aliases.setdefault(column.name.lower(), column.sources)

    def relation(self, alias: str) -> Relation | None:
        key = alias.lower()
        scope: Scope | None = self
        while scope is not None:
            if key in scope.relations:
                return scope.relations[key]
            scope = scope.parent
        return None

    def qualified(self, alias: str, name: str) -> Sources | None:
        """None: nothing has that alias."""
        relation = self.relation(alias)
        if relation is None:
            return None
        found = relation.get(name)
        return {Origin(table, name): AS_IS for table in relation.bases()} if found is None else found

    def knows(self, name: str) -> bool:
        key = name.lower()
        scope: Scope | None = self
        while scope is not None and key not in scope.known():
            scope = scope.parent
        return scope is not None

    def bare(self, name: str) -> Sources:
        """From the inside outwards: what is known to be there, then what is named so, then what may be there."""
        key = name.lower()
        scope: Scope | None = self
        while scope is not None:
            found = scope.here(key, name)
            if found is not None:
                return found
            scope = scope.parent
        return {}

    def here(self, key: str, name: str) -> Sources | None:
        if key in self.using:
            return self.using[key].sources
        if (first := self.known().get(key)) is not None:
            return first.find(key)
        if key in self.aliases:
            return self.aliases[key]
        if len(self._open) == 1:
            return self._open[0].guess(name)
        if self.favourite is not None and self.favourite.rest:
            return self.favourite.guess(name)
        return {Origin(None, name): AS_IS} if self._open else self._anything

    def window(self, name: str) -> Sequence[Node]:
        """What is sorted and partitioned by in a window that the query has named."""
        return self.windows.get(name.lower(), ())
