"""Queries: from a syntax tree to the relation it gives, in one pass.

Names are looked up where they stand, from the innermost scope outwards, as a database does; nothing is rewritten. What
is filtered, joined, grouped and sorted by has its say in all that comes out, and is kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.relation import (
    AGGREGATION,
    DIRECT,
    IDENTITY,
    STAR,
    TRANSFORMATION,
    Column,
    How,
    Node,
    Origin,
    Relation,
    Sources,
    changed,
    merged,
    stacked,
)
from airflow_provider_catalog.sources.sql.scope import Relations, Scope
from airflow_provider_catalog.sources.sql.session import Session

_SETS = frozenset({"union", "intersect", "except"})
QUERIES = _SETS | {"select", "subquery", "values", "table"}
_PASSED = frozenset({"alias", "paren", "kwarg", "distinct", "respectnulls", "ignorenulls", "dot", "pivotalias"})
"""What leaves a value as it is."""
_SILENT = frozenset(
    {"identifier", "literal", "datatype", "star", "null", "boolean", "var", "interval", "hint", "placeholder"}
    | {"parameter", "sessionparameter", "national", "rawstring", "bytestring", "hexstring", "windowspec"}
)


class QueryReader:
    """Reads the queries of one statement. `said` gathers what has its say in all that comes out of it."""

    def __init__(self, session: Session, columns_of: Callable[[str], Sequence[str] | None]) -> None:
        self.session = session
        self._columns_of = columns_of
        self.said: dict[Origin, None] = {}

    # -- queries

    def query(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        ctes = self.named(node, parent, ctes)
        if node.key == "select":
            return self._select(node, parent, ctes)
        if node.key in _SETS:
            return self._set(node, parent, ctes)
        if node.key in ("subquery", "paren"):
            return self._subquery(node, parent, ctes)
        scope = Scope(parent, ctes)
        self.add(node, scope)
        return self._everything(scope)

    def named(self, node: Node, parent: Scope | None, ctes: Relations) -> Relations:
        """With those of its WITH, each of which knows those before it."""
        around = node.args.get("with_")
        if around is None:
            return ctes
        known = dict(ctes)
        for cte in around.expressions:
            known[cte.alias.lower()] = self._cte(cte, parent, known, recursive=bool(around.args.get("recursive")))
        return known

    def _cte(self, cte: Node, parent: Scope | None, known: Relations, *, recursive: bool) -> Relation:
        names = [self.session.column(each) for each in cte.args["alias"].columns]
        query, name = cte.this, cte.alias.lower()
        if query.key in _SETS and (recursive or self.session.implicit):
            first = self.query(query.this, parent, self.named(query, parent, known)).renamed(names)
            known = {**known, name: first}
        if query.key not in QUERIES:
            return Relation([Column(each, {}) for each in names], anything={})
        return self.query(query, parent, known).renamed(names)

    def _set(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        """A thousand unions are one deep tree, so it is gone down by hand."""
        parts, left, by_name = [], node, bool(node.args.get("by_name"))
        while left.key in _SETS:
            parts.append(left.expression)
            left = left.this
            ctes = self.named(left, parent, ctes)
        parts.append(left)
        read = [self.query(part, parent, ctes) for part in reversed(parts)]
        result = stacked(read, by_name=by_name)
        self._ordered(node, Scope(parent, ctes, result))
        return result

    def _subquery(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        inner = node.this
        if inner.key == "table" or node.args.get("joins") or node.args.get("laterals"):
            scope = Scope(parent, ctes)
            self.add(inner, scope)
            self._joined(node, scope)
            return self._pivoted(node, self._everything(scope), scope)
        relation = self.query(inner, parent, ctes)
        return self._pivoted(node, relation, Scope(parent, ctes, relation))

    def _select(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        scope = Scope(parent, ctes)
        if (source := node.args.get("from_")) is not None:
            self.add(source.this, scope)
        self._joined(node, scope)
        if (match := node.args.get("match")) is not None:
            scope = self._matched(match, scope)
        relation = self._projected(node, scope)
        scope.name(relation.columns)
        for slot, kind in _SAYINGS:
            if (clause := node.args.get(slot)) is not None:
                self.say(clause, scope, kind)
        self._ordered(node, scope)
        return relation

    def select_from(self, node: Node, scope: Scope) -> Relation:
        """A SELECT whose FROM stands elsewhere."""
        relation = self._projected(node, scope)
        for slot, kind in _SAYINGS:
            if (clause := node.args.get(slot)) is not None:
                self.say(clause, scope, kind)
        return relation

    def _ordered(self, node: Node, scope: Scope) -> None:
        if (order := node.args.get("order")) is not None:
            self.say(order, scope, EdgeKind.SORT)

    def _joined(self, node: Node, scope: Scope) -> None:
        """Conditions last: they may name what a lateral view gives."""
        joins = node.args.get("joins") or ()
        for join in joins:
            self.add(join.this, scope)
            scope.using.update(each.name.lower() for each in join.args.get("using") or ())
            scope.natural |= join.args.get("method") == "NATURAL"
        for lateral in node.args.get("laterals") or ():
            self.add(lateral, scope)
        for join in joins:
            for slot in ("on", "using"):
                if (condition := join.args.get(slot)) is not None:
                    self.say(condition, scope, EdgeKind.JOIN)

    # -- what is selected

    def _projected(self, node: Node, scope: Scope) -> Relation:
        columns: list[Column] = []
        for expression in node.expressions:
            for column in self._columns(expression, scope, len(columns)):
                columns.append(column)
                if self.session.names_outputs and column.name != STAR and expression.key == "alias":
                    scope.aliases.setdefault(column.name.lower(), column.sources)
        return Relation(columns)

    def _columns(self, node: Node, scope: Scope, place: int) -> Iterable[Column]:
        key = node.key
        if key == "star":
            return self._star(node, scope, list(scope.relations.values()))
        if key == "column" and node.this.key == "star":
            relation = scope.relation(node.args["table"].name)
            return self._star(node.this, scope, [relation] if relation else [])
        if key == "aliases":
            sources = self.sources(node.this, scope)
            return [Column(self.session.column(each), sources) for each in node.expressions]
        if key == "alias":
            if node.this.key in ("star", "column") and node.this.is_star:
                return self._columns(node.this, scope, place)
            return (Column(self.session.column(node.args["alias"]), self.sources(node.this, scope)),)
        return (Column(self._called(node, place), self.sources(node, scope)),)

    def _called(self, node: Node, place: int) -> str:
        """What has no name gets one of the database's own making."""
        if node.key == "column":
            return self.session.column(node.this)
        if node.key == "dot" and node.expression.key == "identifier":
            return self.session.column(node.expression)
        if node.key in ("paren", "cast", "trycast"):
            return self._called(node.this, place)
        name = node.output_name if node.key not in ("subquery", "select") else ""
        return str(name) or f"_col{place}"

    def _star(self, star: Node, scope: Scope, relations: Sequence[Relation]) -> list[Column]:
        left_out = {each.name.lower() for each in star.args.get("except_") or ()}
        renamed = {each.this.name.lower(): each.alias for each in star.args.get("rename") or ()}
        replaced = {each.alias.lower(): self.sources(each.this, scope) for each in star.args.get("replace") or ()}
        columns, seen = [], set[str]()
        for relation in relations:
            for column in relation.columns:
                key = column.name.lower()
                if key in left_out or (key in seen and key in scope.using):
                    continue
                seen.add(key)
                columns.append(Column(renamed.get(key, column.name), replaced.get(key, column.sources)))
        return columns

    def _everything(self, scope: Scope) -> Relation:
        relations = list(scope.relations.values())
        if len(relations) == 1:
            return relations[0]
        return Relation([column for relation in relations for column in relation.columns])

    # -- where it is selected from

    def add(self, node: Node, scope: Scope) -> None:
        """What stands after FROM or JOIN, under its alias."""
        alias = node.args.get("alias")
        named = alias is not None and alias.key == "tablealias"
        names = [self.session.column(each) for each in alias.columns] if named else []
        key = node.key
        if key == "subquery" and not node.alias and (node.this.key == "table" or node.args.get("joins")):
            self.add(node.this, scope)
            self._joined(node, scope)
            return
        if key == "table":
            relation, names = self._table(node, names, scope)
        elif key in ("subquery", "select", "values") or key in _SETS:
            relation = self._values(node, scope) if key == "values" else self.query(node, scope, scope.ctes)
        elif key == "lateral" and node.this.key in QUERIES:
            relation = self.query(node.this, scope, scope.ctes)
        else:
            relation = self._function(node, names, scope)
        relation = relation.renamed(names)
        scope.add(node.alias_or_name or (names[0] if names else ""), relation)
        self._joined(node, scope)

    def _table(self, node: Node, names: list[str], scope: Scope) -> tuple[Relation, list[str]]:
        if node.this is None or node.this.key != "identifier":
            return self._function(node, names, scope), names
        known = scope.ctes.get(node.name.lower()) if not node.db else None
        relation = known if known is not None else self.table(node)
        return self._pivoted(node, relation, Scope(scope, scope.ctes, relation)), names

    def table(self, node: Node) -> Relation:
        name = self.session.table(node)
        return Relation([], anything={}) if name is None else Relation.of(name, self._columns_of(name))

    def _values(self, node: Node, scope: Scope) -> Relation:
        rows = [row.expressions if row.key == "tuple" else [row] for row in node.expressions]
        width = max(map(len, rows), default=0)
        made = [
            merged(self.sources(row[place], scope) for row in rows[:100] if place < len(row)) for place in range(width)
        ]
        return Relation([Column(f"column{place + 1}", sources) for place, sources in enumerate(made)])

    def _function(self, node: Node, names: Sequence[str], scope: Scope) -> Relation:
        """What a function gives is made of all that it takes; a table that it takes comes out with more columns."""
        tables = [each for each in node.walk() if each.key == "table" and each is not node]
        if tables and node.key == "table" and not any(each.key == "select" for each in node.walk()):
            return self._window(node, tables, scope)
        asked = node.expressions if node.key == "unnest" else [node.this]
        parts = [changed(self.sources(each, scope), TRANSFORMATION, each) for each in asked if each is not None]
        everything = merged(parts)
        if node.key == "unnest" and len(parts) > 1:
            return Relation([Column(name, part) for name, part in zip(names, parts, strict=False)], everything)
        alias = node.alias_or_name
        listed = list(names) or ([self.session.fold_column(alias)] if alias else [])
        return Relation([Column(name, everything) for name in listed], everything)

    def _window(self, node: Node, tables: Sequence[Node], scope: Scope) -> Relation:
        """TUMBLE, HOP and the like put rows into windows by a column, which these are made of."""
        columns = [column for table in tables for column in self._table(table, [], scope)[0].columns]
        times = [each for part in node.this.walk() if _is_descriptor(part) for each in _column_nodes(part)]
        inner = Scope(scope.parent, scope.ctes, Relation(columns))
        by = merged(changed(self.sources(each, inner), TRANSFORMATION, each) for each in times)
        made = [Column(self.session.fold_column(name), by) for name in _WINDOW] if by else []
        return Relation([*columns, *made])

    # -- tables turned round

    def _pivoted(self, node: Node, relation: Relation, scope: Scope) -> Relation:
        for pivot in node.args.get("pivots") or ():
            turn = self._unpivot if pivot.args.get("unpivot") else self._pivot
            relation = turn(pivot, relation, scope)
            scope = Scope(scope.parent, scope.ctes, relation)
            if pivot.args.get("alias") is not None:
                relation = relation.renamed([self.session.column(each) for each in pivot.args["alias"].columns])
        return relation

    def _pivot(self, pivot: Node, relation: Relation, scope: Scope) -> Relation:
        """The columns that are neither turned nor counted stay."""
        fields = [field.this for field in pivot.args.get("fields") or () if field.key == "in"]
        by = merged(self._saying(field, scope, EdgeKind.CONDITIONAL) for field in fields)
        made = [merged((self.sources(each, scope), by)) for each in pivot.expressions]
        used = {each.name.lower() for part in (*pivot.expressions, *fields) for each in _column_nodes(part)}
        names = [each.name.strip("'") for each in pivot.args.get("columns") or ()] or self._values_of(pivot)
        kept = [column for column in relation.columns if column.name.lower() not in used]
        new = [Column(name, made[place % len(made)]) for place, name in enumerate(names)] if made else []
        return Relation([*kept, *new])

    def _saying(self, node: Node, scope: Scope, kind: EdgeKind) -> Sources:
        """What decides between values is in them, too."""
        found: Sources = {}
        self._found(found, self.sources(node, scope), TRANSFORMATION, int(kind), node)
        return found

    def _values_of(self, pivot: Node) -> list[str]:
        listed = [each for field in pivot.args.get("fields") or () for each in field.expressions]
        return [each.alias or each.name for each in listed]

    def _unpivot(self, pivot: Node, relation: Relation, scope: Scope) -> Relation:
        values = [self.session.fold_column(each.name) for each in pivot.expressions]
        new, used = [], set[str]()
        for field in pivot.args.get("fields") or ():
            turned = [each for part in field.expressions for each in _column_nodes(part)]
            used |= {each.name.lower() for each in turned}
            sources = merged(changed(self.sources(each, scope), TRANSFORMATION, each) for each in turned)
            new += [Column(self.session.fold_column(field.this.name), {}), *(Column(name, sources) for name in values)]
        return Relation([*(column for column in relation.columns if column.name.lower() not in used), *new])

    def _matched(self, match: Node, scope: Scope) -> Scope:
        """MATCH_RECOGNIZE: what it partitions by, and its measures."""
        partition = [
            Column(self._called(each, 0), self.sources(each, scope)) for each in match.args["partition_by"] or ()
        ]
        measured = [each.this for each in match.args["measures"] or ()]
        measures = [
            Column(self.session.fold_column(each.alias_or_name), self.sources(each, scope)) for each in measured
        ]
        for slot, kind in (("define", EdgeKind.FILTER), ("order", EdgeKind.SORT)):
            self._say_all(match.args.get(slot), scope, kind)
        rest = self._everything(scope).columns if "ALL ROWS" in str(match.args.get("rows") or "").upper() else ()
        result = Scope(scope.parent, scope.ctes)
        result.add(match.alias_or_name, Relation([*partition, *measures, *rest]))
        return result

    # -- expressions

    def _say_all(self, nodes: Any, scope: Scope, kind: EdgeKind) -> None:
        for each in nodes if isinstance(nodes, list) else [nodes] if nodes is not None else ():
            self.say(each, scope, kind)

    def say(self, node: Any, scope: Scope, kind: EdgeKind) -> None:
        """What stands in a clause has its say in all rows."""
        if isinstance(node, list):
            self._say_all(node, scope, kind)
            return
        found = scope.bare(self.session.column(node)) if node.key == "identifier" else self.sources(node, scope)
        self.said.update((Origin(origin.table, origin.column, kind), None) for origin in found if not origin.influence)

    def sources(self, root: Node, scope: Scope) -> Sources:
        """What a value is made of. Gone through by hand: sums of thousands are deep trees."""
        found: Sources = {}
        stack: list[tuple[Node, EdgeKind, int]] = [(root, IDENTITY, DIRECT)]
        aggregates = _aggregates()
        while stack:
            node, kind, influence = stack.pop()
            key = node.key
            if key == "column":
                self._found(found, self.column(node, scope), kind, influence, root)
            elif key in _SILENT or key == "table":
                continue
            elif key in QUERIES or (key == "paren" and node.this.key in QUERIES):
                relation = self.query(node, scope, scope.ctes)
                for column in relation.columns:
                    self._found(found, column.sources, kind, influence, root)
            else:
                if key in aggregates:
                    kind = AGGREGATION
                elif key not in _PASSED and kind < TRANSFORMATION:
                    kind = TRANSFORMATION
                stack.extend(reversed([(each, kind, says or influence) for each, says in _children(node)]))
        return found

    @staticmethod
    def _found(found: Sources, sources: Sources, kind: EdgeKind, influence: int, root: Node) -> None:
        for origin, how in sources.items():
            if origin.influence:
                found.setdefault(origin, how)
                continue
            made = how if kind is IDENTITY else How(max(kind, how.kind), root)
            known = found.get(origin)
            if known is None or known.kind < made.kind:
                found[origin] = made
            if influence:
                found[Origin(origin.table, origin.column, influence)] = How(EdgeKind(influence))

    def column(self, node: Node, scope: Scope) -> Sources:
        if node.this.key == "star":
            return {}
        parts = [node.args[slot] for slot in ("catalog", "db", "table") if node.args.get(slot) is not None]
        name = self.session.column(node.this)
        if not parts:
            return scope.bare(name)
        named = [*(part.name for part in parts), name]
        for at in range(len(parts) - 1, -1, -1):
            found = scope.qualified(named[at], self.session.fold_column(named[at + 1]) if at < len(parts) - 1 else name)
            if found is not None:
                return found
        if self.session.has_structs or scope.knows(named[0]):
            return scope.bare(self.session.column(parts[0]))
        return scope.bare(name)


_SAYINGS = (
    ("where", EdgeKind.FILTER),
    ("prewhere", EdgeKind.FILTER),
    ("having", EdgeKind.FILTER),
    ("qualify", EdgeKind.FILTER),
    ("connect", EdgeKind.FILTER),
    ("group", EdgeKind.GROUP_BY),
)


def _children(node: Node) -> Iterator[tuple[Node, int]]:
    """Each with the kind of say it has besides its value."""
    says = _SAYS.get(node.key, {})
    for slot, value in node.args.items():
        if type(value) is list:
            for each in value:
                if hasattr(each, "key"):
                    yield each, says.get(slot, DIRECT)
        elif hasattr(value, "key") and slot != "alias":
            yield value, says.get(slot, DIRECT)


_SAYS: Mapping[str, Mapping[str, int]] = {
    "window": {"partition_by": int(EdgeKind.WINDOW), "order": int(EdgeKind.WINDOW)},
    "if": {"this": int(EdgeKind.CONDITIONAL)},
    "case": {"this": int(EdgeKind.CONDITIONAL)},
    "filter": {"expression": int(EdgeKind.CONDITIONAL)},
}


_WINDOW = ("window_start", "window_end", "window_time")


def _is_descriptor(node: Node) -> bool:
    return bool(node.key == "anonymous" and str(node.this).upper() == "DESCRIPTOR")


def _column_nodes(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        each = stack.pop()
        if each.key == "column":
            yield each
        else:
            stack.extend(child for child, _ in _children(each))


@cache
def _aggregates() -> frozenset[str]:
    from sqlglot import exp

    found: set[str] = set()
    kinds = [exp.AggFunc]
    while kinds:
        kind = kinds.pop()
        found.add(kind.key)
        kinds += kind.__subclasses__()
    return frozenset(found)
