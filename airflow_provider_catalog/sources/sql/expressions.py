"""Expressions: from a syntax tree to the columns that a value is made of.

Names are looked up where they stand, from the innermost scope outwards, as a database does; nothing is rewritten.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.dots import called, field, field_of, is_method, remade, struct
from airflow_provider_catalog.sources.sql.names import NO_NAME
from airflow_provider_catalog.sources.sql.relation import (
    AGGREGATION,
    DIRECT,
    IDENTITY,
    TRANSFORMATION,
    Column,
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
    {"identifier", "literal", "datatype", "star", "null", "boolean", "var", "hint", "placeholder"}
    | {"parameter", "sessionparameter", "national", "rawstring", "bytestring", "hexstring", "windowspec", "table"}
)
_NO_COLUMNS = frozenset({"star", "parameter"})
_OF_SEQUENCES = frozenset({"NEXTVAL", "CURRVAL"})
_OF_TRIGGERS = frozenset({"new", "old"})
_OF_XML = frozenset({"VALUE", "QUERY", "EXIST"})
_AGGREGATES = frozenset(
    {"MULTIMAP_AGG", "HISTOGRAM", "NUMERIC_HISTOGRAM", "NDV", "APPX_MEDIAN", "BOOL_AND", "BOOL_OR", "EVERY", "COLLECT"}
    | {"LISTAGG", "CHECKSUM", "GEOMETRIC_MEAN", "XMLAGG", "PERCENTILE", "PERCENTILE_APPROX", "HLL", "JSON_ARRAYAGG"}
    | {"ARBITRARY", "ARG_MAX_NULL", "ARG_MAX_NULLS_LAST", "ARG_MIN_NULL", "ARG_MIN_NULLS_LAST", "COMBINE_AGGR"}
    | {"DECIMAL_AVERAGE", "ENTROPY", "FAVG", "FSUM", "GEOMEAN", "HISTOGRAM_EXACT", "KAHAN_SUM", "KURTOSIS_POP", "LTTB"}
    | {"JSON_GROUP_ARRAY", "JSON_GROUP_OBJECT", "JSON_GROUP_STRUCTURE", "MAD", "MEAN", "PRODUCT", "RESERVOIR_QUANTILE"}
    | {"SEM", "SUM_NO_OVERFLOW", "SUMKAHAN", "VARIANT_GROUP_OBJECT", "WAVG", "WEIGHTED_AVG"}
)
"""Those that sqlglot does not know as such, besides all with _AGG in their names, as JSON_AGG_STRICT."""


class Expressions(ABC):
    """Reads the expressions of one statement. `said` gathers what has its say in all that comes out of it; `met` are
    the nodes that stand for many columns, each of which is `meant` in turn. `selecting`: what is read is one value;
    `below`: it is rows that another query reads, as those of a WITH.
    """

    def __init__(self, session: Session, columns_of: Callable[[str], Sequence[str] | None]) -> None:
        self.session = session
        self.columns_of = columns_of
        self.said: dict[Origin, None] = {}
        self.selecting = False
        self.below = False
        self.met: list[Node] = []
        self.meant: Mapping[int, Sources] = {}

    @abstractmethod
    def picked(self, node: Node, scope: Scope) -> Sequence[Column]: ...

    @abstractmethod
    def query(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation: ...

    @abstractmethod
    def table(self, node: Node) -> Relation: ...

    @abstractmethod
    def called(self, node: Node, place: int) -> str: ...

    def say(self, node: Any, scope: Scope, kind: EdgeKind) -> None:
        """What stands in a clause has its say in all rows."""
        for each in node if isinstance(node, list) else [node] if node is not None else ():
            bare = each.key == "identifier"
            self.say_of(scope.bare(self.session.column(each)) if bare else self.sources(each, scope), kind)

    def say_of(self, sources: Iterable[Origin], kind: EdgeKind) -> None:
        self.said.update((Origin(origin.table, origin.column, kind), None) for origin in sources)

    def sources(self, root: Node, scope: Scope) -> Sources:
        """What a value is made of."""
        found = self._whole(root, scope) if root.key in _WHOLE else None
        if found is None:
            found = self._gathered(root, scope)
        self.session.limits.spend(len(found))
        return found

    def _whole(self, root: Node, scope: Scope) -> Sources | None:
        """As it is: what is a struct stays one."""
        while root.key == "paren":
            root = root.this
        if root.key == "column":
            return self.column(root, scope)
        return getattr(self, _OTHERWISE[root.key])(root, scope) if root.key in _WHOLE else None

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
                if (key in aggregates and not _is_picked(node)) or (key == "anonymous" and is_aggregate(node)):
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
        columns, said = self._asked(node, scope)
        kind = max(kind, TRANSFORMATION) if len(columns) > 1 else kind
        for sources in (*(column.sources for column in columns), said):
            _add(found, sources, kind, influence, root)

    def _asked(self, query: Node, scope: Scope) -> tuple[Sequence[Column], Sources]:
        """What a subquery gives, and what has its say in the value it stands in. In a clause that is all rows."""
        around, self.below = self.below, False
        found = self.apart(query, scope) if self.selecting else (self.query(query, scope, scope.ctes).columns, {})
        self.below = around
        return found

    def apart(self, query: Node, scope: Scope) -> tuple[Sequence[Column], Sources]:
        """What a subquery gives, and what has its say in that and in nothing else."""
        around, self.said, selecting, self.selecting = self.said, {}, self.selecting, False
        columns = self.query(query, scope, scope.ctes).columns
        said = {origin: _SAID[origin.influence] for origin in self.said}
        self.said, self.selecting = around, selecting
        return columns, said

    def value(self, node: Node, scope: Scope) -> Sources:
        """Of one column: by what a subquery in it is filtered is nothing to the others."""
        around, self.selecting = self.selecting, True
        found = self.sources(node, scope)
        self.selecting = around
        return found

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
            return self._all_of(node, scope)
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
                return self._fielded(found, named[at + 2 :])
        if name.upper() in _OF_SEQUENCES or named[0].lower() in self.session.block.names | _OF_TRIGGERS:
            return {}
        if self.session.has_structs or scope.knows(named[0]):
            return self._fielded(scope.bare(self.session.column(parts[0])), named[1:])
        return scope.bare(name)

    def _bare(self, identifier: Node, name: str, scope: Scope) -> Sources:
        """What looks like a column may be a variable, a value of the database's own, or a whole row."""
        if self.session.is_value(identifier) and not scope.knows(name):
            return {}
        row = self._row(name, scope) if self.session.has_rows else None
        return scope.bare(name) if row is None else row

    def _all_of(self, node: Node, scope: Scope) -> Sources:
        """`to_jsonb(o.*)` is made of the whole row, and `count(*)` of nothing."""
        named = node.args.get("table")
        relation = scope.relation(named.name) if named is not None and self.session.has_rows else None
        columns = relation.columns if relation is not None else ()
        return merged(changed(column.sources, TRANSFORMATION, None) for column in columns)

    def _row(self, alias: str, scope: Scope) -> Sources | None:
        """`SELECT o FROM orders AS o`. A table under its own name may have a column that is called so."""
        relation = scope.relation(alias)
        if relation is None or relation.anything is not None or scope.knows(alias):
            return None
        if relation.rest and any(str(table).rpartition(".")[2].lower() == alias.lower() for table in relation.bases()):
            return None
        return merged(changed(column.sources, TRANSFORMATION, None) for column in relation.columns)

    @staticmethod
    def _fielded(sources: Sources, names: Sequence[str]) -> Sources:
        """Of a struct that nobody has made here all is in each field."""
        found = field(sources, names)
        return sources if found is None else found

    def _struct(self, node: Node, scope: Scope) -> Sources | None:
        """Fields without a name are told by their places. The keys of a map are values, too."""
        if any(each.key == "propertyeq" and each.this.key not in _FIELDS for each in node.expressions):
            return None
        named = [
            (each.this.name, each.expression) if each.key == "propertyeq" else ("", each) for each in node.expressions
        ]
        made = [(name or each.alias_or_name or str(at), each) for at, (name, each) in enumerate(named)]
        return struct(((name, self.sources(each, scope)) for name, each in made), node)

    def _of_struct(self, node: Node, scope: Scope) -> Sources | None:
        """`s['p']` and `struct_extract(s, 'p')`."""
        name = field_of(node)
        if name is None:
            return None
        sources = self.sources(node.this, scope)
        found = field(sources, [name])
        return changed(sources, TRANSFORMATION, node) if found is None else found

    def _dotted(self, node: Node, scope: Scope) -> Sources | None:
        """`(o).total`, `label.upper()`, and T-SQL's `doc.value('…', 'int')`."""
        left, right = node.this, node.expression
        if left.key == "identifier" and right.key == "anonymous" and str(right.this).upper() in _OF_XML:
            return changed(scope.bare(self.session.column(left)), TRANSFORMATION, node)
        if self.session.has_methods and is_method(node):
            return self._called_on(node, scope)
        return self._taken_out(node, scope) if right.key == "identifier" else None

    def _taken_out(self, node: Node, scope: Scope) -> Sources | None:
        """A column of a row, and what a struct has in it."""
        left, names = node, list[Node]()
        while left.key == "dot" and left.expression.key == "identifier":
            names.insert(0, left.expression)
            left = left.this
        if left.key == "paren" and left.this.key == "column" and not left.this.table and self.session.has_rows:
            found = scope.qualified(left.this.name, self.session.column(names[0]))
            if found is not None:
                return self._fielded(found, [each.name for each in names[1:]])
        if not self.session.has_structs:
            return None
        sources = self.sources(left, scope)
        found = field(sources, [each.name for each in names])
        return remade(sources, node) if found is None else found

    def _called_on(self, node: Node, scope: Scope) -> Sources | None:
        """What stands before a function may be its schema, too."""
        left, function = node.this, node.expression
        if left.key == "identifier" and function.expressions and not scope.knows(left.name):
            return None
        base, methods = called(node)
        kind = AGGREGATION if any(map(is_aggregate, methods)) else TRANSFORMATION
        parts = [base, *(each for method in methods for each in children(method))]
        return remade(merged(changed(self.sources(each, scope), kind, node) for each in parts), node)

    def _many(self, node: Node, scope: Scope) -> Sources:
        """`COLUMNS(…)`: all of them, or the one whose turn it is."""
        if id(node) in self.meant:
            return self.meant[id(node)]
        if not node.args.get("unpack"):
            self.met.append(node)
        return merged(changed(column.sources, TRANSFORMATION, node) for column in self.picked(node, scope))

    def _existing(self, node: Node, scope: Scope) -> Sources | None:
        """Whether there are rows tells nothing of what is in them."""
        if node.this.key not in QUERIES:
            return None
        return self._asked(node.this, scope)[1]

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


_OTHERWISE = {
    "dot": "_dotted",
    "lambda": "_lambda",
    "decodecase": "_decoded",
    "exists": "_existing",
    "columns": "_many",
    "struct": "_struct",
    "bracket": "_of_struct",
    "structextract": "_of_struct",
}
"""What is read otherwise, if that may be."""
_FIELDS = frozenset({"identifier", "literal"})
_WHOLE = frozenset({"column", "paren", "struct", "bracket", "structextract", "dot"})


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


_OF_ANOTHER_ROW = frozenset({"lag", "lead", "nthvalue"})
_FIRST_OR_LAST = frozenset({"first", "firstvalue", "last", "lastvalue"})
_OF_NULLS = frozenset({"ignorenulls", "respectnulls"})


def _is_picked(function: Node) -> bool:
    """The value of one row of a window. Without one, as Spark may have it, FIRST_VALUE is an aggregate."""
    around = function.parent
    while around is not None and around.key in _OF_NULLS:
        around = around.parent
    return function.key in _FIRST_OR_LAST and around is not None and around.key == "window"


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
    return frozenset(found) - _OF_ANOTHER_ROW


def is_aggregate(function: Node) -> bool:
    """Behind a dot sqlglot takes those that it knows for any."""
    from sqlglot import exp

    if function.key != "anonymous":
        return function.key in _aggregates()
    name = str(getattr(function.this, "name", function.this)).upper()
    if name in _AGGREGATES or name.endswith("_AGG") or "_AGG_" in name:
        return True
    behind = function.parent is not None and function.parent.key == "dot"
    return behind and getattr(exp.FUNCTION_BY_NAME.get(name), "key", "") in _aggregates()
