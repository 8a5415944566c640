"""Expressions: from a syntax tree to the columns that a value is made of.

Names are looked up where they stand, from the innermost scope outwards, as a database does; nothing is rewritten.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.names import NO_NAME
from airflow_provider_catalog.sources.sql.relation import (
    AGGREGATION,
    DIRECT,
    IDENTITY,
    TRANSFORMATION,
    How,
    Node,
    Origin,
    Relation,
    Sources,
    changed,
    merged,
)
from airflow_provider_catalog.sources.sql.scope import Relations, Scope
from airflow_provider_catalog.sources.sql.session import Session

SETS = frozenset({"union", "intersect", "except"})
QUERIES = SETS | {"select", "subquery", "values", "table", "pivot"}
_PASSED = frozenset({"alias", "paren", "kwarg", "distinct", "respectnulls", "ignorenulls", "dot", "pivotalias"})
"""What leaves a value as it is."""
_SILENT = frozenset(
    {"identifier", "literal", "datatype", "star", "null", "boolean", "var", "interval", "hint", "placeholder"}
    | {"parameter", "sessionparameter", "national", "rawstring", "bytestring", "hexstring", "windowspec", "table"}
)
_NO_COLUMNS = frozenset({"star", "parameter"})
_OF_SEQUENCES = frozenset({"NEXTVAL", "CURRVAL"})
_OF_TRIGGERS = frozenset({"new", "old"})
_OF_XML = frozenset({"VALUE", "QUERY", "EXIST"})
_AGGREGATES = frozenset(
    {"MULTIMAP_AGG", "HISTOGRAM", "NUMERIC_HISTOGRAM", "NDV", "APPX_MEDIAN", "BOOL_AND", "BOOL_OR", "EVERY", "COLLECT"}
    | {"LISTAGG", "CHECKSUM", "GEOMETRIC_MEAN", "XMLAGG", "RANGE_AGG", "PERCENTILE", "PERCENTILE_APPROX", "HLL"}
)
"""Those that sqlglot does not know as such, besides all that end with _AGG."""


class Expressions(ABC):
    """Reads the expressions of one statement. `said` gathers what has its say in all that comes out of it."""

    def __init__(self, session: Session, columns_of: Callable[[str], Sequence[str] | None]) -> None:
        self.session = session
        self.columns_of = columns_of
        self.said: dict[Origin, None] = {}

    @abstractmethod
    def query(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation: ...

    def say(self, node: Any, scope: Scope, kind: EdgeKind) -> None:
        """What stands in a clause has its say in all rows."""
        for each in node if isinstance(node, list) else [node] if node is not None else ():
            bare = each.key == "identifier"
            self.say_of(scope.bare(self.session.column(each)) if bare else self.sources(each, scope), kind)

    def say_of(self, sources: Iterable[Origin], kind: EdgeKind) -> None:
        self.said.update(
            (Origin(origin.table, origin.column, kind), None) for origin in sources if not origin.influence
        )

    def sources(self, root: Node, scope: Scope) -> Sources:
        """What a value is made of."""
        found = self.column(root, scope) if root.key == "column" else self._gathered(root, scope)
        self.session.limits.spend(len(found))
        return found

    def _gathered(self, root: Node, scope: Scope) -> Sources:
        """Gone through by hand: sums of thousands are deep trees."""
        found: Sources = {}
        stack: list[tuple[Node, EdgeKind, int]] = [(root, IDENTITY, DIRECT)]
        aggregates = _aggregates()
        while stack:
            node, kind, influence = stack.pop()
            key = node.key
            if key == "column":
                _add(found, self.column(node, scope), kind, influence, root)
            elif key in _SILENT:
                continue
            elif key in QUERIES or (key == "paren" and node.this.key in QUERIES):
                self._queried(found, node, scope, kind, influence, root)
            elif key in _OTHERWISE and (sources := getattr(self, _OTHERWISE[key])(node, scope)) is not None:
                _add(found, sources, kind, influence, root)
            else:
                if key in aggregates or (key == "anonymous" and _aggregates_by_name(node)):
                    kind = AGGREGATION
                elif key not in _PASSED and kind < TRANSFORMATION:
                    kind = TRANSFORMATION
                if key == "window" and node.args.get("alias") is not None:
                    stack += [(each, kind, int(EdgeKind.WINDOW)) for each in scope.window(node.args["alias"].name)]
                says = _SAYS.get(key, _NOTHING)
                stack += [(each, kind, says.get(each.arg_key, influence)) for each in reversed(children(node))]
        return found

    def _queried(self, found: Sources, node: Node, scope: Scope, kind: EdgeKind, influence: int, root: Node) -> None:
        """A row of several columns is another thing than each of them."""
        columns = self.query(node, scope, scope.ctes).columns
        kind = max(kind, TRANSFORMATION) if len(columns) > 1 else kind
        for column in columns:
            _add(found, column.sources, kind, influence, root)

    def saying(self, node: Node, scope: Scope, kind: EdgeKind) -> Sources:
        """What decides between values is in them, too."""
        found: Sources = {}
        _add(found, self.sources(node, scope), TRANSFORMATION, int(kind), node)
        return found

    # -- names

    def column(self, node: Node, scope: Scope) -> Sources:  # noqa: PLR0911  a line for each case
        args = node.args
        inner = args["this"]
        if inner.key in _NO_COLUMNS:
            return {}
        name = self.session.column(inner)
        if args.get("table") is None:
            return self._bare(inner, name, scope)
        parts = [args[slot] for slot in ("catalog", "db", "table") if args.get(slot) is not None]
        if name == NO_NAME:
            return {}
        named = [*(part.name for part in parts), name]
        for at in range(len(parts) - 1, -1, -1):
            found = scope.qualified(named[at], self.session.fold_column(named[at + 1]) if at < len(parts) - 1 else name)
            if found is not None:
                return found
        if name.upper() in _OF_SEQUENCES or named[0].lower() in self.session.block.names | _OF_TRIGGERS:
            return {}
        if self.session.has_structs or scope.knows(named[0]):
            return scope.bare(self.session.column(parts[0]))
        return scope.bare(name)

    def _bare(self, identifier: Node, name: str, scope: Scope) -> Sources:
        """What looks like a column may be a variable, a value of the database's own, or a whole row."""
        if self.session.is_value(identifier) and not scope.knows(name):
            return {}
        row = self._row(name, scope) if self.session.has_rows else None
        return scope.bare(name) if row is None else row

    def _row(self, alias: str, scope: Scope) -> Sources | None:
        """`SELECT o FROM orders AS o`. A table under its own name may have a column that is called so."""
        relation = scope.relation(alias)
        if relation is None or relation.anything is not None or scope.knows(alias):
            return None
        if any(str(table).rpartition(".")[2].lower() == alias.lower() for table in relation.bases()):
            return None
        return merged(changed(column.sources, TRANSFORMATION, None) for column in relation.columns)

    def _dotted(self, node: Node, scope: Scope) -> Sources | None:
        """`(o).total`, and T-SQL's `doc.value('…', 'int')`."""
        left, right = node.this, node.expression
        if left.key == "identifier" and right.key == "anonymous" and str(right.this).upper() in _OF_XML:
            return changed(scope.bare(self.session.column(left)), TRANSFORMATION, node)
        if left.key != "paren" or left.this.key != "column" or right.key != "identifier" or not self.session.has_rows:
            return None
        return scope.qualified(left.this.name, self.session.column(right)) if not left.this.table else None

    def _lambda(self, node: Node, scope: Scope) -> Sources | None:
        """Where there are none, the arrow is an operator of JSON, and what stands before it a column."""
        if self.session.has_lambdas:
            return None
        found = [self._bare(each, self.session.column(each), scope) for each in node.expressions]
        return merged(changed(each, TRANSFORMATION, node) for each in (*found, self.sources(node.this, scope)))

    def _decoded(self, node: Node, scope: Scope) -> Sources:
        """DECODE is a CASE: what is compared has its say."""
        compared, *rest = node.expressions
        parts = [self.saying(compared, scope, EdgeKind.CONDITIONAL)]
        return merged([*parts, *(changed(self.sources(each, scope), TRANSFORMATION, node) for each in rest)])


_OTHERWISE = {"dot": "_dotted", "lambda": "_lambda", "decodecase": "_decoded"}
"""What is read otherwise, if that may be."""


def _add(found: Sources, sources: Sources, kind: EdgeKind, influence: int, root: Node) -> None:
    for origin, how in sources.items():
        if origin.influence:
            found.setdefault(origin, how)
            continue
        made = how if kind is IDENTITY else How(max(how.kind, kind), root)
        known = found.get(origin)
        if known is None or known.kind < made.kind:
            found[origin] = made
        if influence:
            found[Origin(origin.table, origin.column, influence)] = _SAID[influence]


_SAID = {int(kind): How(kind) for kind in EdgeKind}


def children(node: Node) -> list[Node]:
    """Those that a value may be made of."""
    found: list[Node] = []
    for slot, value in node.args.items():
        if type(value) is list:
            found += [each for each in value if hasattr(each, "key")]
        elif hasattr(value, "key") and slot != "alias":
            found.append(value)
    return found


_NOTHING: Mapping[str, int] = {}
_SAYS: Mapping[str, Mapping[str, int]] = {
    "window": {"partition_by": int(EdgeKind.WINDOW), "order": int(EdgeKind.WINDOW)},
    "if": {"this": int(EdgeKind.CONDITIONAL)},
    "case": {"this": int(EdgeKind.CONDITIONAL)},
    "nvl2": {"this": int(EdgeKind.CONDITIONAL)},
    "filter": {"expression": int(EdgeKind.CONDITIONAL)},
}
"""What has its say besides its value, by where it stands."""


def column_nodes(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        each = stack.pop()
        if each.key == "column":
            yield each
        else:
            stack += children(each)


@cache
def _aggregates() -> frozenset[str]:
    """What stands around an aggregate is one, too: FILTER and WITHIN GROUP."""
    from sqlglot import exp

    found = {"filter", "withingroup"}
    kinds = [exp.AggFunc]
    while kinds:
        kind = kinds.pop()
        found.add(kind.key)
        kinds += kind.__subclasses__()
    return frozenset(found)


def _aggregates_by_name(node: Node) -> bool:
    name = str(node.this).upper()
    return name in _AGGREGATES or name.endswith("_AGG")
