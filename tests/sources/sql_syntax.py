"""SQL in other words: sqlglot's trees, changed so that they mean the same, and written in their own dialect again.

A change works in place, and says whether there was anything to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from tests.sources.sql_corpus import Case

Change: TypeAlias = Callable[[Any], bool]

OTHERWISE = "_otherwise"
"""Ends the names that were made up."""


def written(case: Case, *, pretty: bool = False) -> str | None:
    return _written(case, _trees(case), pretty=pretty)


def changed(case: Case, *changes: Change) -> str | None:
    trees = _trees(case)
    found = [change(tree) for change in changes for tree in trees]
    return _written(case, trees) if any(found) else None


def _trees(case: Case) -> list[Any]:
    """None where sqlglot does not understand all of it."""
    try:
        found = [tree for tree in case.language.parse(case.sql) if tree is not None]
    except SqlglotError:
        return []
    return [] if any(map(_is_strange, found)) else found


def _is_strange(tree: Any) -> bool:
    """Taken as it stands, or a program: what is inside of that is not understood."""
    is_program = tree.key == "execute" or str(tree.args.get("kind")).upper() == "PROCEDURE"
    return is_program or any(node.key == "command" for node in tree.walk())


def _written(case: Case, trees: list[Any], **options: bool) -> str | None:
    """None for what sqlglot knows that it cannot write."""
    try:
        texts = [case.language.generate(tree, unsupported_level=ErrorLevel.RAISE, **options) for tree in trees]
    except SqlglotError:
        return None
    return ";\n".join(texts) or None


def rename_aliases(tree: Any) -> bool:
    """Those of tables, where nothing else has the same name."""
    aliases = [each.this for each in tree.find_all(exp.TableAlias) if each.this is not None]
    tables = [each for each in tree.find_all(exp.Table) if isinstance(each.this, exp.Identifier)]
    meaning = {id(each) for each in tables if _means_alias(each)}
    columns = list(tree.find_all(exp.Column))
    others = {each.name.lower() for each in columns if len(each.parts) == 1}
    others |= {part.name.lower() for each in tables if id(each) not in meaning for part in each.parts}
    qualifiers = [each.parts[0] for each in columns if len(each.parts) > 1]
    names = {each.name.lower() for each in aliases} - others
    for each in (*aliases, *qualifiers, *(each.this for each in tables if id(each) in meaning)):
        if each.name.lower() in names:
            each.set("this", each.name + OTHERWISE)
    return bool(names)


def _means_alias(table: Any) -> bool:
    """What a WITH names, and what T-SQL and MySQL change by its alias."""
    if table.db or _with_of(table) is not None:
        return not table.db
    is_changed = table.parent.key in ("update", "delete") and table.arg_key in ("this", "tables")
    return is_changed and table.name.lower() in (each.alias.lower() for each in table.parent.find_all(exp.Table))


def _with_of(table: Any) -> Any:
    """What a WITH around the table gives its name to."""
    below: list[Any] = [table]
    for holder in _above(table):
        known = holder.args.get("with_")
        for cte in _seen(known, below) if known is not None else ():
            if cte.alias.lower() == table.name.lower():
                return cte
        below.append(holder)
    return None


def _above(node: Any) -> Iterator[Any]:
    while (node := node.parent) is not None:
        yield node


def _seen(known: Any, below: list[Any]) -> list[Any]:
    """One of a WITH sees those before it, and if that is recursive all of them."""
    at = next((at for at, cte in enumerate(known.expressions) if any(cte is each for each in below)), None)
    return list(known.expressions if at is None or known.recursive else known.expressions[:at])


def wrap_tables(tree: Any) -> bool:
    """What a query reads it reads through `(SELECT * FROM …)`."""
    names = {each.alias.lower() for each in tree.find_all(exp.CTE)}
    found = [
        each for each in tree.find_all(exp.Table) if _is_plain(each) and (each.db or each.name.lower() not in names)
    ]
    for table in found:
        named = table.args["alias"].this if table.alias else table.this
        query = exp.Select(expressions=[exp.Star()], from_=exp.From(this=exp.Table(**_parts(table))))
        table.replace(exp.Subquery(this=query, alias=exp.TableAlias(this=named.copy())))
    return bool(found)


def _is_plain(table: Any) -> bool:
    named = isinstance(table.this, exp.Identifier) and not (table.alias and table.args["alias"].args.get("columns"))
    return named and _stated(table) <= {"this", "db", "catalog", "alias"} and _is_of_query(table)


def _parts(table: Any) -> dict[str, Any]:
    return {name: table.args.get(name) for name in ("this", "db", "catalog")}


def _stated(node: Any) -> set[str]:
    return {name for name, value in node.args.items() if value}


def _is_of_query(source: Any) -> bool:
    return source.parent.key in ("from", "join") and source.parent.parent.key == "select"


def name_subqueries(tree: Any) -> bool:
    """Each in a FROM or JOIN becomes one of a WITH."""
    found = [each for each in tree.find_all(exp.Subquery) if _stated(each) == {"this", "alias"} and _is_of_query(each)]
    for number, subquery in enumerate(found):
        name, holder = f"named_{number}{OTHERWISE}", _query_of(subquery)
        alias = subquery.args["alias"]
        made = exp.TableAlias(this=exp.to_identifier(name), columns=alias.args.get("columns"))
        alias.set("columns", None)
        subquery.replace(exp.Table(this=exp.to_identifier(name), alias=alias))
        known = holder.args.get("with_") or exp.With(expressions=[])
        known.append("expressions", exp.CTE(this=subquery.this, alias=made))
        holder.set("with_", known)
    return bool(found)


def _query_of(subquery: Any) -> Any:
    """All of a UNION has one WITH."""
    query = subquery.parent.parent
    while isinstance(query.parent, exp.SetOperation):
        query = query.parent
    return query


def inline_withs(tree: Any) -> bool:
    """What a WITH names stands where it is read, if it is only read."""
    found = False
    for known in [each for each in tree.find_all(exp.With) if not each.recursive]:
        for cte in list(known.expressions):
            readers = [each for each in tree.find_all(exp.Table) if not each.db and _with_of(each) is cte]
            if readers and all(map(_is_only_read, readers)) and _is_query(cte):
                for table in readers:
                    table.replace(_inlined(table, cte))
                known.expressions.remove(cte)
                found = True
        if not known.expressions:
            known.pop()
    return found


def _is_only_read(table: Any) -> bool:
    return _stated(table) <= {"this", "alias"} and table.parent.key in ("from", "join")


def _is_query(cte: Any) -> bool:
    """Not of itself, and no DML."""
    of_itself = cte.alias.lower() in (each.name.lower() for each in cte.this.find_all(exp.Table) if not each.db)
    return isinstance(cte.this, exp.Query) and not of_itself


def _inlined(table: Any, cte: Any) -> Any:
    columns = cte.args["alias"].args.get("columns") or ()
    alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name), columns=[each.copy() for each in columns])
    return exp.Subquery(this=cte.this.copy(), alias=alias)
