"""WITHs: whether a name means a table, or a query that the statement itself has named so."""

from __future__ import annotations

from typing import NamedTuple

from airflow_provider_catalog.sources.sql.relation import Node

_SETS = frozenset({"union", "intersect", "except"})


class _Queries(NamedTuple):
    """Those of one WITH by name, and the place of each."""

    named: dict[str, tuple[int, Node]]
    places: dict[int, int]


class Withs:
    """Of one statement. `implicit`: a WITH may read itself without RECURSIVE. Ways upwards are gone once."""

    def __init__(self, *, implicit: bool) -> None:
        self._implicit = implicit
        self._queries: dict[int, _Queries] = {}
        self._above: dict[int, Node | None] = {}

    def query_of(self, table: Node) -> Node | None:
        """The query that a table's name stands for. Within a WITH only those before it are known."""
        if table.db:
            return None
        name, node = table.name.lower(), self._up(table)
        while node is not None:
            cte, holder = (node, node.parent) if node.key == "cte" else (None, node)
            around = holder if holder.key == "with" else holder.args["with_"]
            found = self._found(around, name, cte)
            if found is not None:
                return found
            node = self._up(holder.parent if holder.key == "with" else holder)
        return None

    def _found(self, around: Node, name: str, cte: Node | None) -> Node | None:
        queries = self._of(around)
        place, found = queries.named.get(name, (0, None))
        if found is None or cte is None or around.args.get("recursive"):
            return found
        known = queries.places[id(cte)] + (self._implicit and cte.this.key in _SETS)
        return found if place < known else None

    def _of(self, around: Node) -> _Queries:
        known = self._queries.get(id(around))
        if known is None:
            listed = list(enumerate(around.expressions))
            named = {cte.alias.lower(): (at, cte) for at, cte in reversed(listed) if not cte.args.get("scalar")}
            places = {id(cte): at for at, cte in listed}
            known = self._queries[id(around)] = _Queries(named, places)
        return known

    def _up(self, node: Node) -> Node | None:
        """The nearest above it that stands in a WITH, or has one."""
        way: list[int] = []
        above, child = node.parent, node
        while above is not None and id(above) not in self._above:
            if above.key == "cte" or (above.args.get("with_") is not None and child.key != "with"):
                break
            way.append(id(above))
            above, child = above.parent, above
        found = above
        if above is not None and id(above) in self._above:
            found = self._above[id(above)]
        self._above.update(dict.fromkeys(way, found))
        return found
