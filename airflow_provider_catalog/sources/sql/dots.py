"""What stands behind a dot or in brackets: a field of a struct, or a method that is called on a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow_provider_catalog.sources.sql.relation import IDENTITY, TRANSFORMATION, Node, Sources, changed, merged


class Struct(dict[Any, Any]):
    """Sources of a struct that a query has made, and those of its fields."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, Sources]) -> None:
        super().__init__(merged(fields.values()))
        self.fields = fields


def struct(made: Iterable[tuple[str, Sources]], node: Node) -> Struct:
    """What is taken out of it again was put into it, which is no copy."""
    fields: dict[str, Sources] = {}
    for name, sources in made:
        within = isinstance(sources, Struct)
        fields[name.lower()] = sources if within else changed(sources, TRANSFORMATION, node)
    return Struct(fields)


def field(sources: Sources, names: Iterable[str]) -> Sources | None:
    """None where nobody knows of what it is made."""
    for name in names:
        found = sources.fields.get(name.lower()) if isinstance(sources, Struct) else None
        if found is None:
            return None
        sources = found
    return sources


def field_of(node: Node) -> str | None:
    """The field that is named by text, as in `s['p']` and `struct_extract(s, 'p')`."""
    key = node.expression if node.key == "structextract" else next(iter(node.expressions), None)
    return str(key.name) if key is not None and key.key == "literal" and key.is_string else None


def remade(sources: Sources, node: Node) -> Sources:
    """Changed as before, and by all of this expression."""
    return {
        origin: how if origin.influence or how.kind is IDENTITY else how._replace(node=node)
        for origin, how in sources.items()
    }


def is_method(node: Node) -> bool:
    """`label.upper()`, and no `schema.function(label)`, `struct.field` or `row.*`."""
    return node.key == "dot" and node.expression.key not in ("identifier", "star", "dot")


def called(node: Node) -> tuple[Node, list[Node]]:
    """What the first method is called on, and all of them. sqlglot takes the columns in them for mere names."""
    from sqlglot import exp

    holder = exp.Paren(this=node.this.copy())
    for each in list(_named(holder)):
        slots = zip(("this", "table", "db", "catalog"), _last_first(each), strict=False)
        each.replace(exp.Column(**{slot: part.copy() for slot, part in slots if part is not None}))
    base, methods = holder.this, [node.expression]
    while is_method(base):
        methods.append(base.expression)
        base = base.this
    return base, methods


def _named(node: Node) -> Iterator[Node]:
    """Names, and chains of them, but those of a lambda's own."""
    stack: list[tuple[Node, frozenset[str]]] = [(node, frozenset())]
    while stack:
        each, own = stack.pop()
        *_, first = _last_first(each)
        if first is not None:
            if first.name not in own:
                yield each
        elif each.key == "lambda":
            stack.append((each.this, own | {str(name.name) for name in each.expressions}))
        elif each.key not in _OTHERWISE_NAMED:
            found = [value for slot, value in each.args.items() if (each.key, slot) not in _NO_COLUMN]
            parts = [part for value in found for part in (value if isinstance(value, list) else [value])]
            stack += [(part, own) for part in parts if hasattr(part, "key")]


def _last_first(node: Node) -> Iterator[Node | None]:
    """The parts of a name with dots; None in the end for what is none."""
    while node.key == "dot" and node.expression.key == "identifier":
        yield node.expression
        node = node.this
    yield node if node.key == "identifier" else None


_OTHERWISE_NAMED = frozenset({"column", "datatype", "table"})
_NO_COLUMN = frozenset({("propertyeq", "this"), ("kwarg", "this"), ("alias", "alias")})
