"""Statements that write: which columns of which table they fill, and with what.

DML is read as the queries in it: what UPDATE sets and what each branch of MERGE inserts is a column made of an
expression over the relations at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.expressions import QUERIES, SETS, column_nodes
from airflow_provider_catalog.sources.sql.files import file_of, files_of, is_file
from airflow_provider_catalog.sources.sql.query import QueryReader
from airflow_provider_catalog.sources.sql.relation import STAR, Column, Node, Relation, Write, merged
from airflow_provider_catalog.sources.sql.scope import Relations, Scope


class Writer:
    """Reads one statement."""

    def __init__(self, reader: QueryReader, columns_of: Callable[[str | None], Sequence[str] | None]) -> None:
        self.reader = reader
        self._columns_of = columns_of

    def writes(self, root: Node) -> list[Write]:
        """What is not filled with anything is told if something has its say in it."""
        ctes = self.reader.named(root, None, {})
        found = list(self._of(root, ctes))
        for node, known in self.reader.modifying:
            found += self._of(node, known)
        return [write for write in found if write.columns or (self.reader.said and not write.defines)]

    def _of(self, root: Node, ctes: Relations) -> Iterator[Write]:
        read = _READERS.get(root.key)
        if read is not None:
            yield from read(self, root, ctes)
        elif root.key in QUERIES:
            yield from self._query(root)

    def _query(self, root: Node) -> Iterator[Write]:
        relation = self._result(root, {})
        into = next((each.args["into"] for each in _selects(root) if each.args.get("into") is not None), None)
        table = self._name(into.this) if into is not None and into.this is not None else None
        if table is not None or into is None:
            yield Write(table, self._shown(table, relation), defines=table is not None)

    def _shown(self, table: str | None, relation: Relation) -> Sequence[Column]:
        """Where a star hides columns, what the table is known to have is looked for in it. If there may be more of
        these, nobody knows places in what is stacked.
        """
        names = (self._columns_of(table) if relation.rest else None) or ()
        if not names or (relation.parts and STAR in names):
            return relation.columns
        named = [name for name in names if name != STAR]
        return [*(_side_by_side(relation.parts, named) or _called(relation, named)), *_stars(relation)]

    def _result(self, query: Node, ctes: Relations, scope: Scope | None = None) -> Relation:
        return self.reader.related(self.reader.query(query, scope, ctes))

    def _name(self, target: Node) -> str | None:
        """Of a table, or of the file that stands where one does."""
        table = target.this if target.key == "schema" else target
        if table.key == "directory":
            return str(table.name)
        if table.key == "anonymous":
            return next(iter(files_of(table)), None)
        return (file_of(table) or self.reader.session.table(table)) if table.key == "table" else None

    def _changed(self, target: Node, ctes: Relations) -> str | None:
        """To change what a WITH gives is to change the one table that it reads."""
        relation = ctes.get(target.name.lower()) if target.key == "table" and not target.db else None
        if relation is None:
            return self._name(target)
        tables = {origin.table for column in relation.columns for origin in column.sources if not origin.influence}
        return tables.pop() if len(tables) == 1 else None

    # -- INSERT

    def insert(self, root: Node, ctes: Relations, scope: Scope | None = None) -> Iterator[Write]:
        query, target = root.args.get("expression"), root.this
        table = self._name(target) if target is not None else None
        if query is None or table is None:
            return
        relation = self._inserted(query, ctes, scope)
        listed = self._listed(target)
        placed = list(relation.columns)
        if not root.args.get("by_name"):
            placed = self._placed(table, relation, listed, _partition(root, target))
        yield Write(table, placed)
        if (conflict := root.args.get("conflict")) is not None:
            yield Write(table, list(self._on_conflict(conflict, root, Relation(placed), ctes)))

    def _on_conflict(self, conflict: Node, root: Node, excluded: Relation, ctes: Relations) -> Iterator[Column]:
        """What would have been inserted goes by a name of its own, or by MySQL's VALUES(column)."""
        query, assignments = root.args["expression"], conflict.args.get("expressions") or ()
        scope, beside = Scope(None, ctes), Scope(None, ctes)
        self.reader.add(root.this.this if root.this.key == "schema" else root.this, scope)
        scope.favourite = next(iter(scope.relations.values()))
        if query.args.get("from_") is not None:
            self.reader.add(query.args["from_"].this, beside)
        for alias, relation in {**beside.relations, "excluded": excluded, query.alias.lower(): excluded}.items():
            scope.add(alias, relation)
        for each in [node for part in assignments for node in part.walk() if _is_values(node)]:
            each.replace(_qualified(each.expressions[0], "excluded"))
        yield from (column for _, column in self._set(assignments, scope))
        if conflict.args.get("where") is not None:
            self.reader.say(conflict.args["where"], scope, EdgeKind.FILTER)

    def _inserted(self, query: Node, ctes: Relations, scope: Scope | None) -> Relation:
        """A source that stands before many INSERTs is what each SELECT without FROM selects from."""
        if scope is not None and query.key == "select" and query.args.get("from_") is None:
            return self.reader.related(self.reader.select_from(query, scope))
        return self._result(query, ctes, scope)

    def _listed(self, target: Node) -> list[str]:
        """`(* EXCEPT (c))` are those that the table is known to have."""
        listed = target.expressions if target.key in ("schema", "tuple") else ()
        if listed and listed[0].key == "star":
            left_out = {each.name.lower() for each in listed[0].args.get("except_") or ()}
            known = self._columns_of(self._name(target) or "") or ()
            return [name for name in known if name.lower() not in left_out]
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
                table = self._name(insert.this)
                yield Write(table, self._placed(table, everything, self._listed(insert.this), ()))
            else:
                yield from self.insert(insert, ctes, scope)

    # -- COPY

    def copy(self, root: Node, ctes: Relations) -> Iterator[Write]:
        """Into a table or a stage from queries, or from a table or a query into files."""
        target, files = root.this, root.args.get("files") or ()
        if root.args.get("kind"):
            for each in (each for each in files if each.key in QUERIES):
                relation = self._inserted(each, ctes, None) if each.key != "table" else self.reader.table(each)
                table = self._name(target)
                yield Write(table, self._placed(table, relation, self._listed(target), ()))
            return
        relation = self._result(target.this if target.key == "schema" else target, ctes)
        names = self._listed(target)
        columns = [Column(name, relation.get(name) or {}) for name in names] or relation.columns
        yield from (Write(each.name, columns) for each in files if is_file(each.name))

    def export(self, root: Node, ctes: Relations) -> Iterator[Write]:
        paths = [text.name for text in root.args["options"].walk() if text.key == "literal" and is_file(text.name)]
        yield from (Write(path, self._result(root.this, ctes).columns) for path in paths)

    # -- CREATE

    def create(self, root: Node, ctes: Relations) -> Iterator[Write]:
        if str(root.args.get("kind") or "").upper() not in ("TABLE", "VIEW"):
            return
        table, query = self._name(root.this), root.args.get("expression")
        listed = _listed_only(root.this)
        if query is not None and query.key in QUERIES:
            relation = self._result(query, ctes)
            names = self._listed(root.this) if listed else []
            columns = _renamed(relation, names) if names else self._shown(table, relation)
            yield Write(table, columns, defines=True)
            yield from (Write(self._name(each), columns) for each in _properties(root, "totableproperty"))
            return
        source = root.args["clone"].this if root.args.get("clone") is not None else next(_copied(root), None)
        if source is not None:
            full = root.args.get("clone") is not None
            copied = self.reader.table(source).columns
            yield Write(table, copied if full else [Column(column.name, {}) for column in copied], defines=True)
        elif names := self._listed(root.this):
            yield Write(table, [Column(name, {}) for name in names], defines=True)

    def cache(self, root: Node, ctes: Relations) -> Iterator[Write]:
        query = root.args.get("expression")
        if query is not None and query.key in QUERIES:
            relation = self._result(query, ctes)
            yield Write(self._name(root.this), relation.columns, defines=True)

    def alter(self, root: Node, _ctes: Relations) -> Iterator[Write]:
        """What is swapped has the other's rows."""
        for each in root.args.get("actions") or ():
            if each.key == "swaptable":
                yield Write(self._name(root.this), self.reader.table(each.this).columns)
                yield Write(self._name(each.this), self.reader.table(root.this).columns, defines=True)

    # -- UPDATE, DELETE and MERGE

    def update(self, root: Node, ctes: Relations) -> Iterator[Write]:
        scope = Scope(None, ctes)
        target = root.this
        source = root.args.get("from_")
        if source is not None:
            self.reader.add(source.this, scope)
        meant = _meant(target, [source.this] if source is not None else [])
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
            name = self._changed(table or meant or target, ctes)
            written.setdefault(name, []).append(column)
        for name, columns in written.items():
            yield Write(name, columns)

    def delete(self, root: Node, ctes: Relations) -> Iterator[Write]:
        """Nothing is filled, but it may depend on much which rows are left."""
        scope = Scope(None, ctes)
        targets, beside = root.args.get("tables") or [root.this], list(root.args.get("using") or ())
        if hasattr(root.this, "key") and _meant(root.this, beside) is None:
            beside.insert(0, root.this)
        for each in beside or targets:
            self.reader.add(each, scope)
        if root.args.get("where") is not None:
            self.reader.say(root.args["where"], scope, EdgeKind.FILTER)
        yield from (Write(self._changed(_meant(each, beside) or each, ctes), ()) for each in targets)

    def _set(self, assignments: Iterable[Node], scope: Scope) -> Iterator[tuple[Node, Column]]:
        for each in assignments:
            if each.key not in ("eq", "propertyeq"):
                continue
            left, right = each.this, each.expression
            if left.key == "parameter" and right.key == "eq":
                left, right = right.this, right.expression
            if left.key == "tuple":
                yield from self._set_many(left.expressions, right, scope)
            elif left.key in ("column", "dot"):
                column = left if left.key == "column" else next(column_nodes(left), left)
                yield column, Column(self._filled(column, scope), self.reader.value(right, scope))

    def _filled(self, column: Node, scope: Scope) -> str:
        """`SET customer.age = …` fills a part of customer, unless there is a table of that name."""
        named = column.args.get("table") if column.key == "column" else None
        if named is not None and self.reader.session.has_structs and scope.relation(named.name) is None:
            first = next(column.args[slot] for slot in ("catalog", "db", "table") if column.args.get(slot) is not None)
            return self.reader.session.column(first)
        return self.reader.session.column_of(column)

    def _set_many(self, targets: Sequence[Node], value: Node, scope: Scope) -> Iterator[tuple[Node, Column]]:
        """`SET (a, b) = (SELECT …)` and `= (x, y)`."""
        inner = value
        while inner.key in ("paren", "subquery") and inner.this is not None:
            inner = inner.this
        if inner.key in QUERIES:
            columns, said = self.reader.apart(inner, scope)
            made = [merged([column.sources, said]) for column in columns]
        else:
            made = [self.reader.value(each, scope) for each in (inner.expressions or [inner])]
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
        if hasattr(root.args.get("on"), "key"):
            self.reader.say(root.args["on"], scope, EdgeKind.JOIN)
        if using := root.args.get("using_cond"):
            self._joined_by(using, scope)
        for when in root.args["whens"].expressions:
            then = when.args["then"]
            for clause in (when.args.get("condition"), then.args.get("where")):
                if hasattr(clause, "key"):
                    self.reader.say(clause, scope, EdgeKind.FILTER)
            yield Write(table, list(self._branch(then, table, scope, source)))

    def _joined_by(self, using: Node, scope: Scope) -> None:
        names = [self.reader.session.column_of(each) for each in (using if isinstance(using, list) else [using])]
        for relation in scope.relations.values():
            for name in names:
                self.reader.say_of(relation.get(name) or {}, EdgeKind.JOIN)

    def _branch(self, then: Node, table: str | None, scope: Scope, source: Scope) -> Iterable[Column]:
        """A row that is not matched has the source alone; `*` is all of it, by name."""
        if then.key == "update" and then.expressions and then.expressions[0].key != "star":
            return [column for _, column in self._set(then.expressions, scope)]
        if then.key not in ("update", "insert"):
            return []
        values, listed = then.args.get("expression"), then.this
        if not hasattr(values, "key") and _lists_values(listed):
            values, listed = listed.expressions[0], None
        if not hasattr(values, "expressions"):
            return [column for relation in source.relations.values() for column in relation.columns]
        made = [Column(f"_col{at}", self.reader.value(each, source)) for at, each in enumerate(values.expressions)]
        return self._placed(table, Relation(made), self._listed(listed) if listed is not None else [], ())


_READERS: dict[str, Callable[[Writer, Node, Relations], Iterator[Write]]] = {
    "insert": Writer.insert,
    "multitableinserts": Writer.multi,
    "create": Writer.create,
    "cache": Writer.cache,
    "copy": Writer.copy,
    "export": Writer.export,
    "alter": Writer.alter,
    "update": Writer.update,
    "delete": Writer.delete,
    "merge": Writer.merge,
}


def _renamed(relation: Relation, names: Sequence[str]) -> list[Column]:
    """No more columns than there are names, if there are any."""
    if not names:
        return list(relation.columns)
    if relation.parts:
        return _side_by_side(relation.parts, names)
    if any(column.name == STAR for column in relation.columns):
        return _by_name(relation, names)
    return [Column(name, column.sources) for name, column in zip(names, relation.columns, strict=False)]


def _side_by_side(parts: Sequence[Relation], names: Sequence[str]) -> list[Column]:
    """Of what is stacked each by itself: a star in one hides no place in the others."""
    sides = [{column.name: column.sources for column in _renamed(part, names)} for part in parts]
    return [
        Column(name, merged(side[name] for side in sides if name in side))
        for name in names
        if any(name in side for side in sides)
    ]


def _by_name(relation: Relation, names: Sequence[str]) -> list[Column]:
    """Before a star by position. What it stands for nobody knows, so what is called the same is taken to be it."""
    before = next(place for place, column in enumerate(relation.columns) if column.name == STAR)
    found = [Column(name, column.sources) for name, column in zip(names, relation.columns[:before], strict=False)]
    return [*found, *_called(relation, names[before:])]


def _called(relation: Relation, names: Iterable[str]) -> Iterator[Column]:
    """What is called so, or may be, behind a star."""
    return (Column(name, sources) for name in names if (sources := relation.get(name)) is not None)


def _stars(relation: Relation) -> Iterator[Column]:
    return (column for column in relation.columns if column.name == STAR)


def _partition(root: Node, target: Node) -> list[tuple[str, bool]]:
    """Its columns, and whether each has a value."""
    table = target.this if target.key == "schema" else target
    stated = root.args.get("partition") or table.args.get("partition")
    if not stated:
        return []
    return [(each.this.name if each.key == "eq" else each.name, each.key == "eq") for each in stated.expressions]


def _properties(root: Node, key: str) -> Iterator[Node]:
    properties = root.args.get("properties")
    listed = properties.expressions if properties is not None else ()
    return (each.this for each in listed if each.key == key and each.this.key == "table")


def _copied(root: Node) -> Iterator[Node]:
    """What LIKE takes after."""
    return _properties(root, "likeproperty")


def _listed_only(target: Node) -> bool:
    """MySQL's `CREATE TABLE t (id INT) SELECT …` has its own columns beside those of the query."""
    return target.key == "schema" and all(each.args.get("kind") is None for each in target.expressions)


def _selects(root: Node) -> Iterator[Node]:
    """Those of a set operation, of which one may say INTO."""
    while root.key in SETS:
        yield root.expression
        root = root.this
    if root.key == "select":
        yield root


def _lists_values(listed: Node | None) -> bool:
    """`INSERT VALUES (…)` where the parser expects names first."""
    return (
        listed is not None
        and listed.key == "tuple"
        and len(listed.expressions) == 1
        and _is_values(listed.expressions[0])
    )


def _is_values(node: Node) -> bool:
    return bool(node.key == "anonymous" and str(node.this).upper() == "VALUES" and node.expressions)


def _meant(target: Node, beside: Sequence[Node]) -> Node | None:
    """`UPDATE o SET … FROM orders AS o` updates what the alias means."""
    if target.key != "table" or target.db:
        return None
    named = (each for each in _tables(beside) if each.alias_or_name.lower() == target.name.lower())
    return next(named, None)


def _tables(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        for each in (node, *(join.this for join in node.args.get("joins") or ())):
            if each.key == "table":
                yield each


def _by_alias(meant: Node, target: Node) -> dict[str, Node]:
    return {each.alias_or_name.lower(): each for each in (*_tables([target]), meant)}


def _qualified(name: Node, table: str) -> Node:
    from sqlglot import exp

    return exp.Column(this=name.copy(), table=exp.to_identifier(table))
