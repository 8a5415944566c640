"""Columns in the graph of a visual Glue job: what those of a node are made of, by those of the nodes before it.

Where a node maps, renames or selects columns, or a query says what it makes of them, they are known. A node of
somebody's code lets none through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.checks import NAME_BYTES
from airflow_provider_catalog.sources.sql import remembered
from airflow_provider_catalog.sources.task.aws.fields import Fields

Origins: TypeAlias = dict[ColumnId, EdgeKind]

_THROUGH = frozenset(
    {
        *("Filter", "DropDuplicates", "DropNullFields", "Spigot", "FillMissingValues", "EvaluateDataQuality", "Union"),
        *("SelectFromCollection", "Route", "SplitFields"),
    }
)
"""What they let through keeps its columns' names."""


@dataclass(slots=True)
class Columns:
    """What the rows of a node are made of. `rest`: datasets whose other columns go through under their own names."""

    named: dict[str, Origins] = field(default_factory=dict)
    rest: dict[DatasetId, None] = field(default_factory=dict)

    def of(self, name: str) -> Origins:
        through = {ColumnId(dataset, name[:NAME_BYTES]): EdgeKind.IDENTITY for dataset in self.rest}
        return self.named.get(name, through)


def stored(body: Fields, datasets: Iterable[DatasetId]) -> Columns:
    """A source may say which columns it has."""
    rest = Columns(rest=dict.fromkeys(datasets))
    stated = (each.text("Name") for schema in body.objects("OutputSchemas") for each in schema.objects("Columns"))
    return Columns({name: rest.of(name) for name in stated if name}, rest.rest)


def made(kind: str, body: Fields, inputs: Mapping[str, Columns]) -> Columns:
    """`inputs` are the nodes that it names, of which there is one at least."""
    if kind == "SparkSQL":
        return _queried(body, inputs)
    if kind == "Join":
        return _joined(inputs.values())
    if kind in _THROUGH:
        return merged(inputs.values())
    mapped = _MAPPED.get(kind)
    return mapped(body, next(iter(inputs.values()))) if mapped else Columns()


def merged(inputs: Iterable[Columns]) -> Columns:
    """A column of several inputs is made of all of theirs."""
    found, listed = Columns(), list(inputs)
    for each in listed:
        found.rest.update(each.rest)
    for name in dict.fromkeys(name for each in listed for name in each.named):
        found.named[name] = {origin: kind for each in listed for origin, kind in each.of(name).items()}
    return found


def _joined(inputs: Iterable[Columns]) -> Columns:
    """Only what one side alone is known to have keeps its name."""
    listed = list(inputs)
    sides = Counter(name for each in listed for name in each.named)
    return Columns({name: origins for each in listed for name, origins in each.named.items() if sides[name] == 1})


def _applied(body: Fields, source: Columns) -> Columns:
    return Columns(dict(_mappings(body.objects("Mapping"), source)))


def _mappings(
    stated: Iterable[Fields], source: Columns, target: tuple[str, ...] = (), read: tuple[str, ...] = (), depth: int = 20
) -> Iterator[tuple[str, Origins]]:
    """Fields of a struct are mapped as it is."""
    for each in stated:
        name, path = (*target, each.text("ToKey")), (*read, *each.texts("FromPath"))
        if each.flag("Dropped") or not name[-1] or not path:
            continue
        cast = each.text("FromType").lower() != each.text("ToType").lower()
        least = EdgeKind.TRANSFORMATION if cast else EdgeKind.IDENTITY
        yield ".".join(name), {origin: max(kind, least) for origin, kind in source.of(".".join(path)).items()}
        if depth:
            yield from _mappings(each.objects("Children"), source, name, path, depth - 1)


def _selected(body: Fields, source: Columns) -> Columns:
    return Columns({name: source.of(name) for name in _paths(body, "Paths")})


def _dropped(body: Fields, source: Columns) -> Columns:
    """Nobody asks the rest for what is dropped from it."""
    gone = set(_paths(body, "Paths"))
    return Columns({name: origins for name, origins in source.named.items() if name not in gone}, source.rest)


def _renamed(body: Fields, source: Columns) -> Columns:
    old, new = (".".join(body.texts(key)) for key in ("SourcePath", "TargetPath"))
    if not old or not new:
        return source
    kept = {name: origins for name, origins in source.named.items() if name != old}
    return Columns({**kept, new: source.of(old)}, source.rest)


def _aggregated(body: Fields, source: Columns) -> Columns:
    """Glue calls what it has aggregated `sum(amount)`."""
    found = {name: source.of(name) for name in _paths(body, "Groups")}
    for each in body.objects("Aggs"):
        if column := ".".join(each.texts("Column")):
            found[f"{each.text('AggFunc')}({column})"] = dict.fromkeys(source.of(column), EdgeKind.AGGREGATION)
    return Columns(found)


def _paths(body: Fields, key: str) -> list[str]:
    """Each column is a list of the names of its parts."""
    stated = body.stated.get(key)
    parts = (Fields({"": each}).texts("") for each in (stated if type(stated) is list else []))
    return [".".join(part) for part in parts if part]


def _queried(body: Fields, inputs: Mapping[str, Columns]) -> Columns:
    """A query over its inputs, each of which has an alias."""
    tables = {each.text("Alias").lower(): each.text("From") for each in body.objects("SqlAliases")}
    said = remembered(body.text("SqlQuery"), "spark", None, None)
    found = Columns()
    for edge in said.columns:
        source = inputs.get(tables.get((edge.input_table or "").lower(), ""))
        if source is not None and not edge.output_table:
            origins = found.named.setdefault(edge.output_column, {})
            origins.update({origin: max(kind, edge.kind) for origin, kind in source.of(edge.input_column).items()})
    return found


_MAPPED = {
    "ApplyMapping": _applied,
    "SelectFields": _selected,
    "DropFields": _dropped,
    "RenameField": _renamed,
    "Aggregate": _aggregated,
}
