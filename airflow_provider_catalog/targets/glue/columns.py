"""The columns that a table is to have, of those the catalog wants and those that are there.

What is there keeps its place, its parameters and whatever else AWS knows of it. What is new comes behind it, in the
order of the catalog; what the catalog does not know stays, unless its word is the whole truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.limits import fault, fitted, shown
from airflow_provider_catalog.targets.glue.ownership import Ownership
from airflow_provider_catalog.targets.glue.types.types import UNKNOWN, HiveType, hive_type
from airflow_provider_catalog.targets.glue.wanted import Column

_Glue: TypeAlias = Mapping[str, Any]


class Stated(NamedTuple):
    """A column as Glue would have it. Names are in lower case there."""

    name: str
    type: HiveType
    comment: str


class Reading(NamedTuple):
    """`left_out`: why there are columns that cannot be there; the rest is `columns`."""

    columns: tuple[Stated, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def read(columns: Iterable[Column], dialect: str) -> Reading:
    found: dict[str, Stated] = {}
    left_out: list[str] = []
    notes: list[str] = []
    for column in columns:
        name = column.name.lower()
        if problem := fault("NameString", name):
            left_out.append(f"the name of column {shown(column.name)} {problem}")
        elif name in found:
            left_out.append(f"there is more than one column {shown(name)}; Glue does not tell them apart by case")
        else:
            found[name] = _stated(name, column, dialect)
            notes += _said_of(found[name], column)
    return Reading(tuple(found.values()), tuple(left_out), tuple(notes))


def _stated(name: str, column: Column, dialect: str) -> Stated:
    made = hive_type(column.type, dialect, column.fields)
    return Stated(
        name, made if not fault("ColumnTypeString", made.type) else UNKNOWN, fitted("CommentString", column.comment)
    )


def _said_of(stated: Stated, column: Column) -> Iterator[str]:
    if not stated.type.known:
        yield f"column {stated.name} is {stated.type.type}: nobody knows the type {shown(column.type)}"
    if stated.comment != column.comment.strip():
        yield f"the comment of column {stated.name} is cut or written on one line, as AWS takes it"


def merged(
    actual: Sequence[_Glue], wanted: Sequence[Stated], ours: Ownership, *, whole: bool, news: bool = True
) -> list[dict[str, Any]]:
    """`whole`: there are no other columns than these, in this order. Without `news` the types that are there stay."""
    known = {str(each.get("Name")).lower(): each for each in reversed(actual)}
    made = {each.name: _merged(known.get(each.name, {}), each, ours, news=news) for each in wanted}
    if whole and wanted:
        return list(made.values())
    kept = [made.pop(name, dict(each)) for name, each in _in_order(actual, known)]
    return [*kept, *made.values()]


def _in_order(actual: Sequence[_Glue], known: Mapping[str, _Glue]) -> Iterator[tuple[str, _Glue]]:
    """Of columns with one name the first is meant; the others stay what they are."""
    for each in actual:
        name = str(each.get("Name")).lower()
        yield (name if known[name] is each else "", each)


def with_comments(actual: Sequence[_Glue], wanted: Iterable[Stated], ours: Ownership) -> list[dict[str, Any]]:
    """The same columns: nothing but their comments is the catalog's to tell."""
    said = {each.name: each for each in wanted}
    return [_commented(each, said.get(str(each.get("Name")).lower()), ours) for each in actual]


def _merged(actual: _Glue, wanted: Stated, ours: Ownership, *, news: bool) -> dict[str, Any]:
    type_ = _type(actual, wanted, ours) if news or not actual.get("Type") else str(actual["Type"])
    return _commented({"Name": wanted.name, **actual, "Type": type_}, wanted, ours)


def _type(actual: _Glue, wanted: Stated, ours: Ownership) -> str:
    """A type that nobody knows is only written where there is none. Spelled another way it is no other type."""
    there = str(actual.get("Type") or "")
    if there and (not wanted.type.known or hive_type(there, "hive") == wanted.type):
        return there
    return ours.settle("type", wanted.name, wanted.type.type, there or None) or wanted.type.type


def _commented(actual: _Glue, wanted: Stated | None, ours: Ownership) -> dict[str, Any]:
    if wanted is None or not wanted.comment:
        return dict(actual)
    there = str(actual.get("Comment") or "")
    comment = ours.settle("comment", wanted.name, wanted.comment, there or None)
    return {**actual, "Comment": comment} if comment != there else dict(actual)
