"""Statements that write: which columns of which table they fill, and with what.

DML is read as the queries in it: what UPDATE sets and what each branch of MERGE inserts is a column made of an
expression over the relations at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.query import QUERIES, QueryReader
from airflow_provider_catalog.sources.sql.relation import STAR, Column, Node, Relation, Write
from airflow_provider_catalog.sources.sql.scope import Relations, Scope


class Writer:
    """Reads one statement."""

    def __init__(self, reader: QueryReader, columns_of: Callable[[str], Sequence[str] | None]) -> None:
        self.reader = reader
        self._columns_of = columns_of

    def writes(self, root: Node) -> list[Write]:
        ctes = self.reader.named(root, None, {})
        read = _READERS.get(root.key)
        if read is not None:
            return [write for write in read(self, root, ctes) if write.columns]
        if root.key in QUERIES:
            return list(self._query(root))
        return []

    def _query(self, root: Node) -> Iterator[Write]:
        relation = self.reader.query(root, None, {})
        into = root.args.get("into")
        table = self._name(into.this) if into is not None and into.this is not None else None
        yield Write(table, relation.columns, defines=table is not None)

    def _name(self, target: Node) -> str | None:
        table = target.this if target.key == "schema" else target
        return self.reader.session.table(table) if table.key == "table" else None

    # -- INSERT

    def insert(self, root: Node, ctes: Relations, scope: Scope | None = None) -> Iterator[Write]:
        query, target = root.args.get("expression"), root.this
        if query is None or target is None:
            return
        relation = self._inserted(query, ctes, scope)
        table = self._name(target)
        if root.args.get("by_name"):
            yield Write(table, relation.columns)
            return
        listed = self._listed(target)
        partition = _partition(root, target)
        yield Write(table, self._placed(table, relation, listed, partition))

    def _inserted(self, query: Node, ctes: Relations, scope: Scope | None) -> Relation:
        """A source that stands before many INSERTs is what each SELECT without FROM selects from."""
        if scope is not None and query.key == "select" and query.args.get("from_") is None:
            return self.reader.select_from(query, scope)
        return self.reader.query(query, scope, ctes)

    def _listed(self, target: Node) -> list[str]:
        listed = target.expressions if target.key in ("schema", "tuple") else ()
        return [self.reader.session.column_of(each) for each in listed]

    def _placed(
        self, table: str | None, relation: Relation, listed: list[str], partition: Sequence[tuple[str, bool]]
    ) -> list[Column]:
        """By position: as listed, else as the table has them, else as the query calls them. Partitions with a value
        take none of it, those without come last.
        """
        fixed = {name.lower() for name, static in partition if static}
        dynamic = [name for name, static in partition if not static]
        names = listed
        if not names:
            known = self._columns_of(table) if table else None
            taken = fixed | {name.lower() for name in dynamic}
            names = [each for each in known or () if each.lower() not in taken]
            if not names and dynamic and len(relation.columns) > len(dynamic):
                names = [column.name for column in relation.columns[: len(relation.columns) - len(dynamic)]]
        if dynamic and all(name.lower() not in {each.lower() for each in names} for name in dynamic):
            names = [*names, *dynamic]
        return _renamed(relation, names)

    def multi(self, root: Node, ctes: Relations) -> Iterator[Write]:
        scope = Scope(None, ctes)
        source = root.args.get("source")
        if source is not None:
            self.reader.add(source, scope)
        for each in root.expressions:
            insert = each.this if each.key == "conditionalinsert" else each
            if each.key == "conditionalinsert" and each.args.get("expression") is not None:
                self.reader.say(each.args["expression"], scope, EdgeKind.FILTER)
            if insert.args.get("expression") is None:
                everything = Relation([c for relation in scope.relations.values() for c in relation.columns])
                yield Write(
                    self._name(insert.this),
                    self._placed(self._name(insert.this), everything, self._listed(insert.this), ()),
                )
            else:
                yield from self.insert(insert, ctes, scope)

    # -- CREATE

    def create(self, root: Node, ctes: Relations) -> Iterator[Write]:
        if str(root.args.get("kind") or "").upper() not in ("TABLE", "VIEW"):
            return
        table, query = self._name(root.this), root.args.get("expression")
        listed = self._listed(root.this) if root.this.key == "schema" else []
        if query is not None and query.key in QUERIES:
            yield Write(table, _renamed(self.reader.query(query, None, ctes), listed), defines=True)
            return
        source = _copied(root)
        if source is not None:
            full = root.args.get("clone") is not None
            columns = self.reader.table(source).columns
            yield Write(table, columns if full else [Column(column.name, {}) for column in columns], defines=True)
        elif listed:
            yield Write(table, [Column(name, {}) for name in listed], defines=True)

    def cache(self, root: Node, ctes: Relations) -> Iterator[Write]:
        query = root.args.get("expression")
        if query is not None and query.key in QUERIES:
            yield Write(self._name(root.this), self.reader.query(query, None, ctes).columns, defines=True)

    # -- UPDATE and MERGE

    def update(self, root: Node, ctes: Relations) -> Iterator[Write]:
        scope = Scope(None, ctes)
        target = root.this
        source = root.args.get("from_")
        if source is not None:
            self.reader.add(source.this, scope)
        meant = _meant(target, source)
        if meant is None:
            self.reader.add(target, scope)
            scope.favourite = next((each for each in reversed(scope.relations.values())), None)
        if root.args.get("where") is not None:
            self.reader.say(root.args["where"], scope, EdgeKind.FILTER)
        tables = _by_alias(meant or target, target)
        written: dict[str | None, list[Column]] = {}
        for node, column in self._set(root.expressions, scope):
            named = node.args.get("table")
            table = tables.get(named.name.lower()) if named is not None else None
            name = self._name(table or meant or target)
            written.setdefault(name, []).append(column)
        for name, columns in written.items():
            yield Write(name, columns)

    def _set(self, assignments: Iterable[Node], scope: Scope) -> Iterator[tuple[Node, Column]]:
        for each in assignments:
            if each.key not in ("eq", "propertyeq"):
                continue
            left, right = each.this, each.expression
            if left.key == "tuple":
                yield from self._set_many(left.expressions, right, scope)
            elif left.key in ("column", "dot"):
                column = (
                    left
                    if left.key == "column"
                    else next(iter(each for each in left.walk() if each.key == "column"), left)
                )
                yield column, Column(self.reader.session.column_of(column), self.reader.sources(right, scope))

    def _set_many(self, targets: Sequence[Node], value: Node, scope: Scope) -> Iterator[tuple[Node, Column]]:
        """`SET (a, b) = (SELECT …)` and `= (x, y)`."""
        inner = value
        while inner.key in ("paren", "subquery") and inner.this is not None:
            inner = inner.this
        if inner.key in QUERIES:
            made = [column.sources for column in self.reader.query(inner, scope, scope.ctes).columns]
        else:
            made = [self.reader.sources(each, scope) for each in (inner.expressions or [inner])]
        for target, sources in zip(targets, made, strict=False):
            yield target, Column(self.reader.session.column_of(target), sources)

    def merge(self, root: Node, ctes: Relations) -> Iterator[Write]:
        scope = Scope(None, ctes)
        source = Scope(None, ctes)
        self.reader.add(root.args["using"], source)
        for alias, relation in source.relations.items():
            scope.add(alias, relation)
        self.reader.add(root.this, scope)
        table = self._name(root.this)
        if root.args.get("on") is not None:
            self.reader.say(root.args["on"], scope, EdgeKind.JOIN)
        for when in root.args["whens"].expressions:
            if when.args.get("condition") is not None:
                self.reader.say(when.args["condition"], scope, EdgeKind.FILTER)
            yield Write(table, list(self._branch(when.args["then"], table, scope, source)))

    def _branch(self, then: Node, table: str | None, scope: Scope, source: Scope) -> Iterable[Column]:
        """A row that is not matched has the source alone; `*` is all of it, by name."""
        if then.key == "update" and then.expressions:
            return [column for _, column in self._set(then.expressions, scope)]
        if then.key not in ("update", "insert"):
            return []
        values = then.args.get("expression")
        if values is None or values.key != "tuple":
            return [column for relation in source.relations.values() for column in relation.columns]
        made = [Column(f"_col{at}", self.reader.sources(each, source)) for at, each in enumerate(values.expressions)]
        listed = self._listed(then.this) if then.this is not None else []
        return self._placed(table, Relation(made), listed, ())


_READERS: dict[str, Callable[[Writer, Node, Relations], Iterator[Write]]] = {
    "insert": Writer.insert,
    "multitableinserts": Writer.multi,
    "create": Writer.create,
    "cache": Writer.cache,
    "update": Writer.update,
    "merge": Writer.merge,
}


def _renamed(relation: Relation, names: Sequence[str]) -> list[Column]:
    """No more columns than there are names, if there are any."""
    if not names:
        return list(relation.columns)
    if any(column.name == STAR for column in relation.columns):
        return _by_name(relation, names)
    return [Column(name, column.sources) for name, column in zip(names, relation.columns, strict=False)]


def _by_name(relation: Relation, names: Sequence[str]) -> list[Column]:
    """Before a star by position. What it stands for nobody knows, so what is called the same is taken to be it."""
    before = next(place for place, column in enumerate(relation.columns) if column.name == STAR)
    found = [Column(name, column.sources) for name, column in zip(names, relation.columns[:before], strict=False)]
    return [*found, *(Column(name, sources) for name in names[before:] if (sources := relation.get(name)) is not None)]


def _partition(root: Node, target: Node) -> list[tuple[str, bool]]:
    """Its columns, and whether each has a value."""
    table = target.this if target.key == "schema" else target
    stated = root.args.get("partition") or table.args.get("partition")
    if not stated:
        return []
    return [(each.this.name if each.key == "eq" else each.name, each.key == "eq") for each in stated.expressions]


def _copied(root: Node) -> Node | None:
    """What CLONE and LIKE take after."""
    if root.args.get("clone") is not None:
        return root.args["clone"].this
    properties = root.args.get("properties")
    for each in properties.expressions if properties is not None else ():
        if each.key == "likeproperty" and each.this.key == "table":
            return each.this
    return None


def _meant(target: Node, source: Node | None) -> Node | None:
    """`UPDATE o SET … FROM orders AS o` updates what the alias means."""
    if source is None or target.key != "table" or target.db:
        return None
    tables = [source.this, *(join.this for join in source.this.args.get("joins") or ())]
    named = (each for each in tables if each.key == "table" and each.alias_or_name.lower() == target.name.lower())
    return next(named, None)


def _by_alias(meant: Node, target: Node) -> dict[str, Node]:
    tables = [meant, *(join.this for join in target.args.get("joins") or ())]
    return {each.alias_or_name.lower(): each for each in tables if each.key == "table"}
