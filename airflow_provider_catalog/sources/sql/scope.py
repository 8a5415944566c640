"""Scopes: what a name may mean where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from airflow_provider_catalog.sources.sql.relation import AS_IS, STAR, Column, Node, Origin, Relation, Sources, merged

Relations: TypeAlias = Mapping[str, Relation]


class Scope:
    """The relations of one query by their aliases, and the scope around it. `aliases`: outputs that may be named;
    `using`: columns that are one in all that were joined by them; `favourite`: what is meant where it may be several.
    """

    __slots__ = ("aliases", "ctes", "favourite", "parent", "relations", "using", "windows")

    def __init__(self, parent: Scope | None, ctes: Relations, relation: Relation | None = None) -> None:
        self.parent = parent
        self.ctes = ctes
        self.relations: dict[str, Relation] = {} if relation is None else {"": relation}
        self.aliases: dict[str, Sources] = {}
        self.using: dict[str, Column] = {}
        self.windows: dict[str, Sequence[Node]] = {}
        self.favourite: Relation | None = None

    def add(self, alias: str, relation: Relation) -> None:
        """Two without an alias are two."""
        key = alias.lower()
        while key in self.relations:
            key = f"{alias.lower()} {len(self.relations)}"
        self.relations[key] = relation

    def join(self, names: Iterable[str], right: Scope) -> dict[str, Column]:
        """The columns of these names, which are one from now on."""
        return {
            name.lower(): Column(
                name, merged((self.here(name.lower(), name) or {}, right.here(name.lower(), name) or {}))
            )
            for name in names
        }

    def shared(self, right: Scope) -> list[str]:
        """The names that both sides of a NATURAL JOIN are known to have."""
        known = {column.name.lower() for each in self.relations.values() for column in each.columns} - {STAR}
        names = (column.name for each in right.relations.values() for column in each.columns)
        return [name for name in dict.fromkeys(names) if name.lower() in known]

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
        return any(each.find(key) is not None for scope in self._chain() for each in scope.relations.values())

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

    def here(self, key: str, name: str) -> Sources | None:  # noqa: PLR0911  a line for each case
        if key in self.using:
            return self.using[key].sources
        for each in self.relations.values():
            if (known := each.find(key)) is not None:
                return known
        if key in self.aliases:
            return self.aliases[key]
        open_ = [each for each in self.relations.values() if each.rest]
        if len(open_) == 1:
            return open_[0].guess(name)
        if self.favourite in open_ and self.favourite is not None:
            return self.favourite.guess(name)
        if open_:
            return {Origin(None, name): AS_IS}
        anything = [each.anything for each in self.relations.values() if each.anything]
        return anything[-1] if anything else None

    def window(self, name: str) -> Sequence[Node]:
        """What is sorted and partitioned by in a window that the query has named."""
        return self.windows.get(name.lower(), ())

    def _chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent
