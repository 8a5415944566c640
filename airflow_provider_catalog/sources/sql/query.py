"""Queries: from a syntax tree to the relation it gives, in one pass.

What is filtered, joined, grouped and sorted by has its say in all that comes out, and is kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.dots import Struct
from airflow_provider_catalog.sources.sql.expressions import QUERIES, SETS, Expressions
from airflow_provider_catalog.sources.sql.files import file_of, files_of
from airflow_provider_catalog.sources.sql.functions import called, rows_of
from airflow_provider_catalog.sources.sql.relation import (
    AGGREGATION,
    DIRECT,
    STAR,
    Column,
    Node,
    Relation,
    Table,
    merged,
    stacked,
)
from airflow_provider_catalog.sources.sql.scope import Relations, Scope
from airflow_provider_catalog.sources.sql.session import Session
from airflow_provider_catalog.sources.sql.stars import picked, spread, starred
from airflow_provider_catalog.sources.sql.turning import matched, pivoted, turned

_WRAPPERS = frozenset({"final", "stream"})
"""What stands around a table that is still the same one."""
_NAMED_AS_BEFORE = frozenset({"paren", "cast", "trycast"})
_ROWS_READ = 100
_MODIFYING = frozenset({"insert", "update", "delete", "merge"})


class QueryReader(Expressions):
    """Reads the queries of one statement. `modifying`: what its WITHs do besides, each with those it knows."""

    def __init__(self, session: Session, columns_of: Callable[[str], Sequence[str] | None]) -> None:
        super().__init__(session, columns_of)
        self.modifying: list[tuple[Node, Relations]] = []
        self._tables: dict[str, Table] = {}

    # -- queries

    def query(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        ctes = self.named(node, parent, ctes)
        if node.key == "select":
            return self._select(node, parent, ctes)
        if node.key in SETS:
            return self._set(node, parent, ctes)
        if node.key in ("subquery", "paren"):
            return self._subquery(node, parent, ctes)
        scope = Scope(parent, ctes)
        if node.key == "pivot":
            self.add(node.this, scope)
            return turned(self, node, self._everything(scope), scope)
        self.add(node, scope)
        return self._everything(scope)

    def named(self, node: Node, parent: Scope | None, ctes: Relations) -> Relations:
        """With those of its WITH, each of which knows those before it."""
        around = node.args.get("with_")
        if around is None:
            return ctes
        known = dict(ctes)
        for cte in around.expressions:
            if not cte.args.get("scalar"):
                known[cte.alias.lower()] = self._cte(cte, parent, known, recursive=bool(around.args.get("recursive")))
        return known

    def _cte(self, cte: Node, parent: Scope | None, known: Relations, *, recursive: bool) -> Relation:
        around, self.below = self.below, True
        relation = self._read_cte(cte, parent, known, recursive=recursive)
        self.below = around
        return relation

    def _read_cte(self, cte: Node, parent: Scope | None, known: Relations, *, recursive: bool) -> Relation:
        names = [self.session.column(each) for each in cte.args["alias"].columns]
        query, name = cte.this, cte.alias.lower()
        if query.key in SETS and (recursive or self.session.implicit):
            first = self.query(query.this, parent, self.named(query, parent, known)).renamed(names)
            known = {**known, name: first}
        if query.key in _MODIFYING:
            self.modifying.append((query, known))
            return self._returned(query, known).renamed(names)
        if query.key not in QUERIES:
            return Relation([Column(each, {}) for each in names], anything={})
        return self.related(self.query(query, parent, known).renamed(names))

    def related(self, relation: Relation) -> Relation:
        """What a query gives, as a relation that others read."""
        return relation.numbered() if self.session.numbers_columns else relation

    def _returned(self, node: Node, ctes: Relations) -> Relation:
        """What RETURNING says of the table that was changed."""
        scope = Scope(None, ctes)
        self.add(node.this.this if node.this.key == "schema" else node.this, scope)
        returning = node.args.get("returning")
        return Relation([]) if returning is None else self._projected(returning, scope)

    def _set(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        """A thousand unions are one deep tree, so it is gone down by hand."""
        parts, left, by_name = list[Node](), node, bool(node.args.get("by_name"))
        after: int | None = None  # so many parts come after the last that is without ALL
        while left.key in SETS:
            if left.args.get("distinct") and after is None:
                after = len(parts)
            parts.append(left.expression)
            left = left.this
            ctes = self.named(left, parent, ctes)
        parts.append(left)
        read = [self.query(part, parent, ctes) for part in reversed(parts)]
        self.session.limits.spend(sum(len(each.columns) for each in read) * (len(read) if by_name else 1))
        for each in read[: len(read) - after] if after is not None else ():
            self._told_apart(each)
        result = stacked(read, by_name=by_name)
        self._ordered(node, Scope(parent, ctes, result), result)
        return result

    def _subquery(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        inner = node.this
        if inner.key == "table" or node.args.get("joins") or node.args.get("laterals"):
            scope = Scope(parent, ctes)
            self.add(inner, scope)
            self._joined(node, scope)
            return pivoted(self, node, self._everything(scope), scope)
        relation = self.query(inner, parent, ctes)
        return pivoted(self, node, relation, Scope(parent, ctes, relation))

    def _select(self, node: Node, parent: Scope | None, ctes: Relations) -> Relation:
        scope = Scope(parent, ctes)
        if (source := node.args.get("from_")) is not None:
            self.add(source.this, scope)
        self._joined(node, scope)
        if (match := node.args.get("match")) is not None:
            scope = matched(self, match, scope, self._everything(scope))
        relation = self.select_from(node, scope)
        self._ordered(node, scope, relation)
        return relation

    def select_from(self, node: Node, scope: Scope) -> Relation:
        """A SELECT whose FROM has been read."""
        self._named_before(node, scope)
        relation = self._projected(node, scope)
        scope.name(relation.columns)
        for slot, kind in _SAYINGS:
            if (clause := node.args.get(slot)) is not None:
                self.say(clause, scope, kind)
        if (group := node.args.get("group")) is not None:
            self.say(group, scope, EdgeKind.GROUP_BY)
            self._placed(group, relation, EdgeKind.GROUP_BY)
        if (distinct := node.args.get("distinct")) is not None and distinct.args.get("on") is None:
            self._told_apart(relation)
        return relation

    def _told_apart(self, relation: Relation) -> None:
        """DISTINCT is a GROUP BY all that is selected, which only matters where not all of that comes out."""
        for column in relation.columns if self.below else ():
            if column.name != STAR:
                self.session.limits.spend(len(column.sources))
                self.say_of(column.sources, EdgeKind.GROUP_BY)

    def _named_before(self, node: Node, scope: Scope) -> None:
        """Windows, and ClickHouse's `WITH expression AS name`."""
        for window in node.args.get("windows") or ():
            base = scope.window(window.args["alias"].name) if window.args.get("alias") is not None else ()
            order = window.args.get("order")
            parts = (*base, *(window.args.get("partition_by") or ()), *([order] if order is not None else ()))
            scope.windows[window.this.name.lower()] = parts
        for cte in node.args["with_"].expressions if node.args.get("with_") is not None else ():
            if cte.args.get("scalar"):
                scope.aliases[cte.alias.lower()] = self.sources(cte.this, scope)

    def _ordered(self, node: Node, scope: Scope, relation: Relation) -> None:
        for slot in ("order", "sort", "cluster"):
            if (order := node.args.get(slot)) is not None:
                self.say(order, scope, EdgeKind.SORT)
                self._placed(order, relation, EdgeKind.SORT)

    def _placed(self, clause: Node, relation: Relation, kind: EdgeKind) -> None:
        """`GROUP BY 1` and `GROUP BY ALL` mean what is selected."""
        columns = relation.columns
        if clause.args.get("all"):
            for column in columns:
                if _is_key(column):
                    self.say_of(column.sources, kind)
        for each in clause.expressions:
            inner = each.this if each.key == "ordered" else each
            place = inner.name if inner.key == "literal" and not inner.is_string else ""
            if place.isdecimal() and 0 < int(place) <= len(columns):
                self.say_of(columns[int(place) - 1].sources, kind)

    def _joined(self, node: Node, scope: Scope) -> None:
        """Conditions last: they may name what a lateral view gives."""
        read = [(join, self._join(join, scope)) for join in node.args.get("joins") or ()]
        for lateral in node.args.get("laterals") or ():
            self.add(lateral, scope)
        for join, where in read:
            if (condition := join.args.get("on")) is not None:
                self.say(condition, where, EdgeKind.JOIN)

    def _join(self, join: Node, scope: Scope) -> Scope:
        """Where its condition is to be read. Of what only says which rows stay no column can be selected."""
        names = [self.session.column_of(each) for each in join.args.get("using") or ()]
        natural, half = join.args.get("method") == "NATURAL", self.session.is_half(join)
        if not names and not natural and not half:
            self.add(join.this, scope)
            return scope
        right = Scope(scope, scope.ctes)
        self.add(join.this, right)
        names = scope.shared(right) if natural else names
        for column in scope.joined(names, right) if half else scope.join(names, right):
            self.say_of(column.sources, EdgeKind.JOIN)
        return right if half else scope

    # -- what is selected

    def _projected(self, node: Node, scope: Scope) -> Relation:
        columns: list[Column] = []
        for expression in node.expressions:
            for column in self._selected(expression, scope, len(columns)):
                columns.append(column)
                if self.session.names_outputs and column.name != STAR and expression.key == "alias":
                    scope.aliases.setdefault(column.name.lower(), column.sources)
        self.session.limits.spend(len(columns))
        return Relation(columns)

    def _selected(self, node: Node, scope: Scope, place: int) -> Sequence[Column]:
        """By what a subquery in it is filtered is nothing to the other columns."""
        around, self.selecting = self.selecting, True
        found = self._columns(node, scope, place)
        self.selecting = around
        return found

    def _columns(self, node: Node, scope: Scope, place: int) -> Sequence[Column]:
        before = len(self.met)
        found = self._made(node, scope, place)
        if len(self.met) == before:
            return found
        met = self.met[before:]
        del self.met[before:]
        many = spread(self, node, met, scope)
        return found if many is None else many

    def _made(self, node: Node, scope: Scope, place: int) -> Sequence[Column]:
        key = node.key
        if (stars := starred(self, node, scope)) is not None:
            return stars
        if (
            key == "explode"
            and self.session.has_methods
            and isinstance(found := self.sources(node.this, scope), Struct)
        ):
            return [Column(self.session.fold_column(name), sources) for name, sources in found.fields.items()]
        if key == "aliases":
            sources = self.sources(node.this, scope)
            return [Column(self.session.column(each), sources) for each in node.expressions]
        if key == "alias":
            return (Column(self.session.column(node.args["alias"]), self.sources(node.this, scope)),)
        if key == "eq" and node.this.key == "parameter":
            return ()
        return (Column(self.called(node, place), self.sources(node, scope)),)

    def picked(self, node: Node, scope: Scope) -> Sequence[Column]:
        return picked(self, node, scope) or ()

    def called(self, node: Node, place: int) -> str:
        """What has no name gets one of the database's own making."""
        heading = self.session.heading(node)
        if heading is not None:
            return heading
        while node.key in _NAMED_AS_BEFORE:
            node = node.this
        if node.key == "column":
            return self.session.column(node.this)
        if node.key == "dot" and node.expression.key == "identifier":
            return self.session.column(node.expression)
        name = node.output_name if node.key not in ("subquery", "select") else ""
        return str(name) or f"_col{place}"

    def _everything(self, scope: Scope) -> Relation:
        relations = list(scope.relations.values())
        if len(relations) == 1:
            return relations[0]
        columns = list(scope.everything(in_place=self.session.joins_in_place))
        self.session.limits.spend(len(columns))
        return Relation(columns)

    # -- where it is selected from

    def add(self, node: Node, scope: Scope) -> None:
        """What stands after FROM or JOIN, under its alias."""
        around, self.below = self.below, True
        self._add(node, scope)
        self.below = around

    def _add(self, node: Node, scope: Scope) -> None:
        while node.key in _WRAPPERS:
            node = node.this
        alias = node.args.get("alias")
        named = alias is not None and alias.key == "tablealias"
        names = [self.session.column_of(each) for each in alias.columns] if named else []
        key = node.key
        if key == "subquery" and not node.alias and (node.this.key == "table" or node.args.get("joins")):
            self.add(node.this, scope)
            self._joined(node, scope)
            return
        if key == "table":
            relation, names = self._table(node, names, scope)
        elif key in ("subquery", "select", "values"):
            relation = self._values(node, scope) if key == "values" else self.query(node, scope, scope.ctes)
        elif key in SETS or (key == "lateral" and node.this.key in QUERIES):
            relation = self.query(node if key in SETS else node.this, scope, scope.ctes)
        else:
            relation = called(self, node, names, scope)
        relation = relation.renamed(names)
        relation = relation if key == "table" else self.related(relation)
        scope.add(node.alias_or_name or (names[0] if names else ""), relation)
        self._joined(node, scope)

    def _table(self, node: Node, names: list[str], scope: Scope) -> tuple[Relation, list[str]]:
        if (file := file_of(node)) is not None:
            return rows_of([file], self.columns_of), names
        if node.this is None or node.this.key not in ("identifier", "parameter"):
            files = files_of(node.this) if node.this is not None else []
            return (rows_of(files, self.columns_of) if files else called(self, node, names, scope)), names
        known = scope.ctes.get(node.name.lower()) if not node.db else None
        relation = known if known is not None else self.table(node)
        return pivoted(self, node, relation, Scope(scope, scope.ctes, relation)), names

    def table(self, node: Node) -> Relation:
        name = self.session.table(node)
        if name is None:
            return Relation([], anything={})
        if name not in self._tables:
            self._tables[name] = Table(name, self.columns_of(name))
        return self._tables[name]

    def _values(self, node: Node, scope: Scope) -> Relation:
        rows = [row.expressions if row.key == "tuple" else [row] for row in islice(node.expressions, _ROWS_READ)]
        made = [
            merged(self.sources(row[place], scope) for row in rows if place < len(row))
            for place in range(max(map(len, rows), default=0))
        ]
        return Relation([Column(self.session.heading_of_value(at), sources) for at, sources in enumerate(made)])


def _is_key(column: Column) -> bool:
    """Of `GROUP BY ALL`: no aggregate, and of no window. What is made of nothing may be a count."""
    kinds = (how.kind for origin, how in column.sources.items() if origin.influence in (DIRECT, EdgeKind.WINDOW))
    return max(kinds, default=AGGREGATION) < AGGREGATION


_SAYINGS = (
    ("distinct", EdgeKind.GROUP_BY),
    ("where", EdgeKind.FILTER),
    ("prewhere", EdgeKind.FILTER),
    ("having", EdgeKind.FILTER),
    ("qualify", EdgeKind.FILTER),
    ("connect", EdgeKind.FILTER),
)
