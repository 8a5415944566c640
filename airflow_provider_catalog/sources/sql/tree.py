"""Syntax trees of sqlglot: what each table in one is there for.

Nodes are told by their `key`, and a table's place by the key of its holder and the argument it stands in, so that
nothing of sqlglot is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from airflow_provider_catalog.sources.sql.files import FILES, files, is_file
from airflow_provider_catalog.sources.sql.relation import Node
from airflow_provider_catalog.sources.sql.script import SqlStatement, Step
from airflow_provider_catalog.sources.sql.withs import Withs

Use: TypeAlias = str
"""Letters: the statement (r)eads, (w)rites, (c)reates or (d)rops the table; none where it is only mentioned."""

_SILENT = (
    frozenset({"describe", "show", "use", "set", "grant", "revoke", "comment", "analyze", "pragma", "summarize"})
    | frozenset({"transaction", "commit", "rollback", "kill", "uncache", "refresh", "declare", "semicolon"})
    | frozenset({"attach", "detach", "install", "altersession"})
)
_KINDS = {
    "truncatetable": "truncate",
    "loaddata": "load",
    "multitableinserts": "insert",
    "ifblock": "if",
    "pivot": "select",
}
_QUERIES = frozenset({"union", "intersect", "except", "subquery", "values", "table", "paren"})
_OF_KIND = frozenset({"create", "drop", "alter"})
_TABLES = frozenset({"", "TABLE", "VIEW"})
_TEMPORARY = frozenset({"temporaryproperty", "volatileproperty", "stabilityproperty"})
_MODIFIED = frozenset({"insert.this", "update.this", "delete.this", "merge.this"})
_USES: dict[str, Use] = {
    **dict.fromkeys(("insert.this", "update.this", "delete.tables", "merge.this", "loaddata.this"), "w"),
    **dict.fromkeys(("truncatetable.expressions", "truncatetable.this"), "w"),
    **dict.fromkeys(("drop.this", "drop.tables", "drop.expressions"), "wd"),
    **dict.fromkeys(("create.this", "into.this", "alterrename.this", "cache.this"), "wc"),
    "totableproperty.this": "w",
    **dict.fromkeys(("reference.this", "index.table", "userdefinedfunction.this", "predict.this"), ""),
    **dict.fromkeys(("partitionedofproperty.this", "inheritsproperty.expressions"), ""),
    "swaptable.this": "rw",
}


def fill_variables(root: Node) -> None:
    """Where SELECT fills variables, it fills no table."""
    from sqlglot import exp

    if root.args.get("into") is not None:
        root.args["into"].set("this", exp.Placeholder())


def unnest_collections(root: Node) -> None:
    """Impala's `FROM customers c, c.orders o`: what stands after an alias is a column of that table."""
    from sqlglot import exp

    for select in list(root.find_all(exp.Select)):
        aliases = set[str]()
        for source in (select.args.get("from_"), *(select.args.get("joins") or ())):
            table = source.this if source is not None else None
            if table is None:
                continue
            if table.key == "table" and table.db and table.db.lower() in aliases and not table.catalog:
                column = exp.Column(this=table.this, table=table.args["db"])
                table.replace(exp.Unnest(expressions=[column], alias=table.args.get("alias")))
            aliases.add(table.alias.lower())


def _take_tables(nodes: Sequence[Node]) -> bool:
    """Where functions take tables, an argument that names a column names a table."""
    named = [(str(node.this).upper(), node) for node in nodes if node.key == "anonymous"]
    found = any(name in _TELLING or name.startswith("DICTGET") for name, _ in named)
    for name, node in named if found else ():
        _take_table(node, name)
    return found


_TELLING = frozenset({"DESCRIPTOR", "TABLE"})
_TAKES_TABLE = frozenset({"TUMBLE", "HOP", "CUMULATE", "SESSION"})


def _take_table(function: Node, named: str) -> None:
    first = function.expressions[0] if function.expressions else None
    taken = named in _TAKES_TABLE or (
        named == "TABLE" and function.parent is not None and function.parent.key != "table"
    )
    if first is None or not (taken or named.startswith("DICTGET")):
        return
    from sqlglot import exp

    first = first.expression if first.key == "kwarg" else first
    if first.key == "column":
        parts = [part.copy() for part in first.parts]
    elif first.key == "literal" and first.is_string and named.startswith("DICTGET"):
        parts = [exp.to_identifier(each) for each in first.this.split(".")]
    else:
        return
    slots = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
    first.replace(exp.Table(**slots))


def step(root: Node, naming: Callable[[list[Node]], str | None], *, implicit: bool) -> Step | None:
    """None where a part of it was not understood. `implicit`: a WITH may read itself without RECURSIVE."""
    kind = _KINDS.get(root.key, "select" if root.key in _QUERIES else root.key)
    if root.key in _SILENT or not _of_tables(root):
        return Step(SqlStatement(kind))
    if root.key == "execute":
        return Step(unknown_inside("call"))
    nodes = _telling(root)
    if _take_tables(nodes):
        nodes = _telling(root)
    if any(node.key == "command" for node in nodes) or _is_empty(root):
        return None
    used = [(node, use) for node in nodes if node.key == "table" and _is_table(node) and (use := _use(node))]
    if any(node.key == "with" for node in nodes):
        used = _seen_through(used, Withs(implicit=implicit))
    meant = _resolved(root, used)
    made = _step(kind, [(name, table, use) for table, use in meant if (name := naming(parts_of(table)))])
    made = _renamed(made) if root.key == "alter" and any(node.key == "alterrename" for node in nodes) else made
    return made.beside(dict.fromkeys(files(nodes)))


_TOLD_BY = frozenset({"table", "command", "anonymous", "alterrename", "with"}) | FILES
_WITHOUT_TABLES = frozenset({"column", "identifier", "literal", "datatype", "null", "boolean", "var", "star"})


def _telling(root: Node) -> list[Node]:
    """The nodes that tell tables and files, as they stand in the text. Gone through by hand: most are columns."""
    found: list[Node] = []
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if type(node) is list:
            stack += reversed(node)
        elif hasattr(node, "key") and node.key not in _WITHOUT_TABLES:
            if node.key in _TOLD_BY:
                found.append(node)
            stack += reversed(node.args.values())
    return found


def _seen_through(used: list[tuple[Node, Use]], withs: Withs) -> list[tuple[Node, Use]]:
    """What is named by a WITH is no table; to change its rows is to change those of the one table that it reads."""
    found: list[tuple[Node, Use]] = []
    changed: set[int] = set()
    for table, use in used:
        query = withs.query_of(table)
        if query is None:
            found.append((table, use))
        elif "w" in use and (base := base_of(query.this)) is not None:
            found.append((base, use))
            changed.add(id(base))
    return [(table, use) for table, use in found if id(table) not in changed or "w" in use]


def base_of(query: Node) -> Node | None:
    """The one table that a simple query reads."""
    source = query.args.get("from_") if query.key == "select" else None
    if source is None or query.args.get("joins") or source.this.key != "table":
        return None
    return source.this


def _is_empty(root: Node) -> bool:
    """INSERT of nothing is no statement."""
    return root.key == "insert" and root.args.get("expression") is None and not root.args.get("default")


def _of_tables(node: Node) -> bool:
    """What a program does is not done when it is defined; schemas, indexes and the like hold no data of their own."""
    return node.key not in _OF_KIND or str(node.args.get("kind") or "").upper() in _TABLES


def unknown_inside(kind: str) -> SqlStatement:
    """A procedure does whatever it does."""
    return SqlStatement(kind, confidence=0.5, error="what a procedure reads and writes is not known")


def _step(kind: str, named: list[tuple[str, Node, Use]]) -> Step:
    def those(letter: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _, use in named if letter in use))

    temporary = dict.fromkeys(name for name, table, use in named if _is_temporary(name, table, use))
    return Step(SqlStatement(kind, those("r"), those("w")), those("c"), tuple(temporary), those("d"))


def _renamed(made: Step) -> Step:
    """What is renamed is not read: it is there no more."""
    (source, *_), (target, *_) = made.statement.inputs or ("",), made.statement.outputs or ("",)
    if not source or not target:
        return made
    return Step(SqlStatement("alter", (), (target,)), (target,), dropped=(source,), moved=((source, target),))


def _is_table(table: Node) -> bool:
    """No function, no variable, no file."""
    parts = table.parts if table.this else []
    return bool(parts) and all(part.key in _NAMING for part in parts) and not is_file(parts[-1].name)


_NAMING = frozenset({"identifier", "parameter"})


def parts_of(table: Node) -> list[Node]:
    """A table is renamed within its schema. None for the schema that `db..t` leaves out."""
    parts = list(table.parts)
    if len(parts) == 2 and table.catalog and not table.db:
        return [parts[0], None, parts[1]]
    if len(parts) > 1 or table.parent is None or table.parent.key != "alterrename":
        return parts
    altered = table.parent.parent.this if table.parent.parent is not None else None
    return [*(altered.parts[:-1] if altered is not None else ()), *parts]


def _held(table: Node) -> tuple[Node, str]:
    """Who holds the table, and as what; a table with its columns stands where it stands."""
    if table.parent is not None and table.parent.key == "schema" and table.arg_key == "this":
        return table.parent.parent, table.parent.arg_key
    return table.parent, table.arg_key


def _use(table: Node) -> Use:  # noqa: PLR0911  a line for each case
    holder, slot = _held(table)
    if holder is None:
        return "r"
    if not _of_tables(holder):
        return ""
    place = f"{holder.key}.{slot}"
    if place == "cache.this" and holder.args.get("expression") is None:
        return ""
    if place in _MODIFIED and holder.parent is not None and holder.parent.key == "cte":
        return "rw" if holder.args.get("returning") is not None else "w"
    if place == "delete.this":
        return "r" if holder.args.get("tables") else "w"
    if place == "copy.this":
        return "w" if holder.args.get("kind") else "r"
    return _altered(holder) if place == "alter.this" else _USES.get(place, "r")


def _altered(alter: Node) -> Use:
    """A table that is renamed is read by what has its name then, and gone."""
    actions = {action.key for action in alter.args.get("actions") or ()}
    if "alterrename" in actions:
        return "rd"
    return "rw" if "swaptable" in actions else "w"


def _is_temporary(name: str, table: Node, use: Use) -> bool:
    if name.rpartition(".")[2].startswith(("#", "@")):
        return True
    holder, _ = _held(table)
    if "c" not in use or holder is None:
        return False
    if holder.key == "cache":
        return True
    properties = holder.args.get("properties")
    stated = {each.key for each in properties.expressions} if properties else set()
    return bool(holder.args.get("temporary") or stated & _TEMPORARY)


def _resolved(root: Node, used: list[tuple[Node, Use]]) -> list[tuple[Node, Use]]:
    """`UPDATE o … FROM orders AS o` and `DELETE o FROM orders AS o` write what the alias means, and do not read it."""
    changed = [table for table, use in used if "w" in use and table.parent is not None and not table.db]
    changed = [table for table in changed if table.parent.key in ("update", "delete")]
    beside = [table for table, use in used if changed and use == "r" and table.parent_select is None]
    meant: dict[int, Node] = {}
    for table in changed:
        named = (each for each in beside if each.alias_or_name.lower() == table.name.lower())
        meant.update({id(table): each for each in named})
    passed = {id(each) for each in meant.values()}
    sets = _sets(root)
    return [(meant.get(id(table), table), sets.get(id(table), use)) for table, use in used if id(table) not in passed]


def _sets(root: Node) -> dict[int, Use]:
    """MySQL's `UPDATE a JOIN b SET b.x = a.y` writes what the assignments name, whichever of them that is."""
    joins = root.this.args.get("joins") if root.key == "update" and root.this is not None else None
    if not joins:
        return {}
    lefts = [each.this for each in root.expressions if each.this is not None and each.this.key == "column"]
    named = {left.args["table"].name.lower() if left.args.get("table") else "" for left in lefts}
    tables = {id(join.this): join.this for join in joins if join.this.key == "table"}
    joined = {place: "rw" for place, each in tables.items() if each.alias_or_name.lower() in named}
    own = root.this.alias_or_name.lower() in named or "" in named or not joined
    return joined if own else {**joined, id(root.this): "r"}
