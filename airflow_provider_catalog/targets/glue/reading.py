"""What the catalog wants of tables of Glue, read for many datasets at once.

Several datasets may be one table: the paths of its partitions, or a table and the folder that it lies in. What one of
them does not tell another may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.schema import field_names
from airflow_provider_catalog.model.statement import EXISTENCE, Json, Origin
from airflow_provider_catalog.services.derived_columns import DerivedColumn, derived_columns
from airflow_provider_catalog.services.facts import Resolved, Tag, owners, resolve, tags, text
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.store.protocol import Entity, Fact, Store
from airflow_provider_catalog.targets.glue.formats import format_of
from airflow_provider_catalog.targets.glue.mapping import GlueMapping, GluePlace
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted, columns_of

_PII = frozenset({"pii", "personal", "gdpr", "sensitive"})
_RETENTION = frozenset({"retention", "retention_days"})
_PARAMETERS = _RETENTION | {"classification"}
"""Tags that are parameters of their own."""
_OF_PATHS = frozenset({"s3", "gs", "abfss", "wasbs", "hdfs", "file", "dbfs", "oss"})


class GlueTable(NamedTuple):
    """A table that is meant, by which of the datasets, and the partitions that their paths name."""

    place: GluePlace
    wanted: Wanted
    datasets: tuple[int, ...]
    partitions: tuple[tuple[str, ...], ...] = ()


class _Seen(NamedTuple):
    """A dataset as the store has it."""

    node: int
    names: Sequence[DatasetId]
    aspects: Mapping[str, Resolved]
    tags: Sequence[Tag]
    derived: Sequence[DerivedColumn] = ()

    @property
    def exists(self) -> bool:
        return EXISTENCE not in self.aspects or self.aspects[EXISTENCE].value is not False


def read(store: Store, datasets: Collection[Entity], mapping: GlueMapping) -> list[GlueTable]:
    """Datasets that are no table of Glue are left out, and so is what is gone: nothing is dropped there."""
    placed: defaultdict[tuple[str | None, str | None, str, str], list[tuple[_Seen, GluePlace]]] = defaultdict(list)
    for seen in _seen(store, {each.node for each in datasets}):
        place = mapping.place(seen.names) if seen.exists else None
        if place:
            placed[place.catalog_id, place.region, place.database, place.table].append((seen, place))
    groups = _with_columns(store, list(placed.values()))
    comments = _columns_said(store, [seen for group in groups for seen, _ in group])
    return [_table(group, comments) for group in groups]


def _with_columns(store: Store, groups: Sequence[_Group]) -> list[_Group]:
    """Where nobody tells the schema of files the SQL that made them may, unless columns are known by their places. A
    table of a database has an order, which only its crawl tells.
    """
    bare = {seen.node for group in groups for seen, _ in group if _schema(seen) is None and _is_of_named_columns(seen)}
    derived = derived_columns(store, bare)
    return [[(seen._replace(derived=derived.get(seen.node, ())), place) for seen, place in group] for group in groups]


def _is_of_named_columns(seen: _Seen) -> bool:
    found = format_of(_format(seen))
    return all(name.platform in _OF_PATHS for name in seen.names) and not (found and found.positional)


def _seen(store: Store, nodes: Collection[int]) -> list[_Seen]:
    node_of = nodes_by_member(store, nodes)
    names: defaultdict[int, list[DatasetId]] = defaultdict(list)
    for uid, entity in sorted(store.entities(node_of).items()) if node_of else ():
        names[node_of[uid]].append(dataset_id(entity))
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(node_of) if node_of else ():
        said[node_of[fact.subject]].append(fact)
    return [_Seen(node, names[node], resolve(said[node]), tags(said[node])) for node in names]


_Group: TypeAlias = list[tuple[_Seen, GluePlace]]


class _ColumnSaid(NamedTuple):
    comment: str = ""
    tags: tuple[Tag, ...] = ()


_Said = Mapping[tuple[int, str], _ColumnSaid]


def _columns_said(store: Store, seen: Iterable[_Seen]) -> _Said:
    """What is said of columns themselves, which wins over what their schema says."""
    column_of: dict[int, tuple[int, str]] = {}
    for each in seen:
        for column in field_names(_schema(each)):
            column_of |= {ColumnId(name, column).uid: (each.node, column) for name in each.names}
    facts: defaultdict[tuple[int, str], list[Fact]] = defaultdict(list)
    for fact in store.facts(list(column_of)) if column_of else ():
        facts[column_of[fact.subject]].append(fact)
    return {
        key: _ColumnSaid(text(resolve(said).get("documentation"), "description"), tags(said))
        for key, said in facts.items()
    }


def _schema(seen: _Seen) -> Json:
    if found := _stated(seen):
        return found.value
    fields: list[Json] = [{"name": column.name, "type": column.type} for column in seen.derived]
    return {"fields": fields} if fields else None


def _stated(seen: _Seen) -> Resolved | None:
    """Columns that SQL gives and nobody has seen have no types: a table of a database waits for whoever looks."""
    found = seen.aspects.get("schema")
    if found is None or found.said.origin is not Origin.PROPAGATED or _is_of_named_columns(seen):
        return found
    return found if all(column.type for column in columns_of(found.value)) else None


def _table(group: Sequence[tuple[_Seen, GluePlace]], said: _Said) -> GlueTable:
    """The one whose schema became known last tells of the table, and all of them of its partitions."""
    seen, place = max(group, key=lambda each: _since(each[0]))
    wanted = _wanted(seen, place, said)
    keys = next((tuple(key for key, _ in each.partition) for _, each in group if each.partition), ())
    stated = tuple(Column(key, "string") for key in keys)
    columns = tuple(column for column in wanted.columns if column.name.lower() not in keys)
    partitions = (tuple(value for _, value in each.partition) for _, each in group if each.partition)
    return GlueTable(
        place,
        replace(wanted, columns=columns, partition_keys=stated),
        tuple(each.node for each, _ in group),
        tuple(dict.fromkeys(each for each in partitions if len(each) == len(keys))),
    )


def _since(seen: _Seen) -> tuple[bool, int, int]:
    """What is stated counts more than what was derived."""
    found = _stated(seen)
    since = found.said.valid_from if found else max((column.since for column in seen.derived), default=0)
    return (found is not None, since, -seen.node)


def _wanted(seen: _Seen, place: GluePlace, said: _Said) -> Wanted:
    schema, who = _schema(seen), owners(seen.aspects.get("ownership"))
    platform = next((name.platform for name in seen.names if name.platform not in _OF_PATHS), "")
    columns = tuple(_described(column, said.get((seen.node, column.name))) for column in columns_of(schema))
    return Wanted(
        place.database,
        place.table,
        columns,
        location=place.location,
        format=_format(seen),
        description_block=text(seen.aspects.get("documentation"), "description"),
        parameters=_parameters(seen, columns, said, who),
        owner=who[0] if who else "",
        dialect=platform,
        view_sql=text(seen.aspects.get("definition"), "query"),
        schema_as_of=_since(seen)[1],
    )


def _described(column: Column, said: _ColumnSaid | None) -> Column:
    return replace(column, comment=said.comment) if said and said.comment else column


def _format(seen: _Seen) -> str:
    return text(seen.aspects.get("storage"), "fileFormat").lower() or _format_of(seen.names)


def _format_of(names: Sequence[DatasetId]) -> str:
    """By the ending of a file among the names."""
    endings = (part for name in names for part in name.name.rpartition("/")[2].lower().split(".")[1:])
    return next((ending for ending in endings if ending in {"parquet", "orc", "avro", "json", "csv", "tsv"}), "")


def _parameters(seen: _Seen, columns: Sequence[Column], said: _Said, who: Sequence[str]) -> dict[str, str | None]:
    """What is not said any more is to go."""
    private = [each.name for each in columns if _private(said.get((seen.node, each.name)))]
    return {
        "owner": ",".join(who) or None,
        "pii_columns": ",".join(private) or None,
        "retention_days": next((tag.value for tag in seen.tags if tag.key.lower() in _RETENTION and tag.value), None),
        "data_classification": next((tag.value for tag in seen.tags if tag.key.lower() == "classification"), None),
        "tags": ",".join(map(_tag, (tag for tag in seen.tags if tag.key.lower() not in _PARAMETERS))) or None,
    }


def _tag(tag: Tag) -> str:
    return f"{tag.key}={tag.value}" if tag.value and tag.value != tag.key else tag.key


def _private(said: _ColumnSaid | None) -> bool:
    return said is not None and any({tag.key.lower(), tag.value.lower()} & _PII for tag in said.tags)
