"""Tables found by what they say, through all databases of a catalog."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.glue import pages
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import invalid
from tests.glue.shelf import Shelf
from tests.glue.state import State

_TIMES = {"CreateTime", "UpdateTime", "LastAccessTime", "LastAnalyzedTime"}
_COMPARATORS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}


@operation("SearchTables")
def search(state: State, request: Document) -> Document:
    found = [each for each in _all(state, request) if _matches(request, each)]
    found.sort(key=lambda each: (each["DatabaseName"], each["Name"]))
    for criterion in request.get("SortCriteria") or ():
        _sort(found, criterion)
    page = pages.read(state, request, Shelf(enumerate(found)), 1000)
    return {"TableList": page.items, **page.token}


def _all(state: State, request: Document) -> Iterator[Document]:
    for database in state.catalog(request).databases.values():
        for table in database.tables.values():
            yield table.document


def _matches(request: Document, table: Document) -> bool:
    text = request.get("SearchText")
    if text and not _says(table, text):
        return False
    return all(_satisfies(table, each) for each in request.get("Filters") or ())


def _says(table: Document, text: str) -> bool:
    """In quotes, it is one of the words as it stands; else it is part of anything the table says."""
    said = [each.lower() for each in _words(table)]
    wanted = text.lower()
    if len(wanted) > 1 and wanted[0] == wanted[-1] == '"':
        return wanted[1:-1] in said
    return any(wanted in each for each in said)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _words(each)


def _satisfies(table: Document, wanted: Document) -> bool:
    key, value = wanted.get("Key") or "", wanted.get("Value") or ""
    if key in _TIMES:
        return key in table and _COMPARATORS[wanted.get("Comparator") or "EQUALS"](table[key], _seconds(value))
    said = table.get(key) if key in table else (table.get("Parameters") or {}).get(key)
    return isinstance(said, str) and f" {_normal(value)} " in f" {_normal(said)} "


def _normal(text: str) -> str:
    """Between words anything stands that is neither letter nor digit."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise invalid(f"{value} is no time.") from error


def _sort(found: list[Document], criterion: Document) -> None:
    field = criterion.get("FieldName") or "Name"
    found.sort(key=lambda each: (field in each, str(each.get(field))), reverse=criterion.get("Sort") == "DESC")
