"""The columns that the footer of a Parquet file tells of, as fields of OpenLineage, nested as they are there.

The footer begins with the schema, and no more of it is read: what follows grows with every row group of the file. The
schema is a tree, written as a list: each node says how many of those that follow are its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.targets.files.parquet_types import Element
from airflow_provider_catalog.targets.files.thrift import STRUCT, Compact, ThriftError

MOST_FIELDS = 10_000
LONGEST_NAME = 1_000
_DEPTH = 30
_SCHEMA = 2
_ELEMENT, _KEY, _VALUE = "_element", "key", "value"
"""What OpenLineage calls the parts of arrays and maps."""
_Field: TypeAlias = dict[str, Json]


class NotParquetError(ValueError):
    """What it says of itself cannot be."""


def fields(footer: bytes) -> list[Json]:
    """Of a footer, or of as much of its beginning as the schema takes."""
    try:
        elements = iter(_elements(Compact(footer)))
        root = next(elements, Element({}))
        return [_field(each, elements, _DEPTH) for each in _children(root, elements)]
    except ThriftError as error:
        raise NotParquetError(f"its footer cannot be read: {error}") from error


def _elements(document: Compact) -> list[Element]:
    for number, kind in document.fields():
        if number == _SCHEMA:
            count, item = document.items()
            _check(count <= MOST_FIELDS, f"it has more than {MOST_FIELDS:,} columns")
            _check(item == STRUCT, "its footer has no schema")
            return [_checked(Element(document.value(STRUCT))) for _ in range(count)]
        document.value(kind)
    raise NotParquetError("its footer has no schema")


def _checked(element: Element) -> Element:
    size = len(element.name.encode())
    _check(size <= LONGEST_NAME, f"it has a column whose name takes {size:,} bytes; {LONGEST_NAME:,} is the limit")
    return element


def _check(holds: bool, problem: str) -> None:  # noqa: FBT001  what is asked for is its only argument
    if not holds:
        raise NotParquetError(problem)


def _children(parent: Element, elements: Iterator[Element]) -> Iterator[Element]:
    """One by one: each is followed by its own children, which have to be taken first."""
    for _ in range(parent.children):
        child = next(elements, None)
        if child is None:
            raise NotParquetError("its schema ends in the middle")
        yield child


def _field(element: Element, elements: Iterator[Element], depth: int, name: str | None = None) -> _Field:
    """`name`: what it is called, where that is not its own. What is repeated without being a list is one, too."""
    _check(depth > 0, f"its columns are nested deeper than {_DEPTH} times")
    called = element.name if name is None else name
    if element.repeated:
        return _array(called, _plain(element, elements, depth - 1, _ELEMENT))
    return _plain(element, elements, depth, called)


def _plain(element: Element, elements: Iterator[Element], depth: int, name: str) -> _Field:
    """Once, however often it is repeated."""
    if not element.children:
        return {"name": name, "type": element.type}
    if element.is_list and element.children == 1:
        return _array(name, _item(element, next(_children(element, elements)), elements, depth - 1))
    if element.is_map and element.children == 1:
        return _map(name, next(_children(element, elements)), elements, depth - 1)
    return _struct(name, [_field(each, elements, depth - 1) for each in _children(element, elements)])


def _item(parent: Element, repeated: Element, elements: Iterator[Element], depth: int) -> _Field:
    """What a list is of: the child of the repeated node, or that node, as was written before there was one way."""
    _check(depth > 0, f"its columns are nested deeper than {_DEPTH} times")
    if repeated.children != 1 or not repeated.repeated or repeated.name in ("array", f"{parent.name}_tuple"):
        return _plain(repeated, elements, depth, _ELEMENT)
    inner = next(_children(repeated, elements))
    found = _field(inner, elements, depth, _ELEMENT)
    return _struct(_ELEMENT, [{**found, "name": inner.name}]) if inner.repeated else found


def _map(name: str, pair: Element, elements: Iterator[Element], depth: int) -> _Field:
    """One without values is a set."""
    _check(depth > 0, f"its columns are nested deeper than {_DEPTH} times")
    inner = _children(pair, elements)
    found = [_field(each, elements, depth, called) for called, each in zip((_KEY, _VALUE), inner, strict=False)]
    if pair.children == 1:
        return _array(name, {**found[0], "name": _ELEMENT})
    _check(pair.children == 2, f"its column {name[:100]!r} is a map of {pair.children} parts")
    return {"name": name, "type": "map", "fields": found}


def _array(name: str, item: _Field) -> _Field:
    return {"name": name, "type": "array", "fields": [item]}


def _struct(name: str, inner: list[_Field]) -> _Field:
    return {"name": name, "type": "struct", "fields": inner}
