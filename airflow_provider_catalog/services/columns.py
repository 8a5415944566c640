"""The columns of a dataset, with what is said of each under any of its names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.identity import ColumnId
from airflow_provider_catalog.services.column_statistics import ColumnStatistics, column_statistics
from airflow_provider_catalog.services.facts import Resolved, Tag, resolve, tags, text
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.services.schema import fields, shape
from airflow_provider_catalog.services.schema_change import Shape
from airflow_provider_catalog.services.statistics import METRICS
from airflow_provider_catalog.store.protocol import Entity, Fact, Store


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column; its own documentation and tags win over what the schema says of it."""

    name: str
    shape: Shape
    description: str
    tags: tuple[Tag, ...]
    statistics: ColumnStatistics | None = None

    @property
    def type(self) -> str:
        return self.shape.type

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "nullable": self.shape.nullable,
            "primary_key": self.shape.primary_key,
            "description": self.description,
            "tags": [tag.to_json() for tag in self.tags],
            **({"statistics": self.statistics.to_json()} if self.statistics else {}),
        }


def columns(
    store: Store,
    members: Collection[Entity],
    schema: Resolved | None,
    *,
    as_of: int | None = None,
    part: slice = slice(None),
) -> tuple[ColumnInfo, ...]:
    """Those of the schema that counts, or a part of them."""
    shown = fields(schema.value)[part] if schema else []
    column_of = {ColumnId(dataset_id(member), name).uid: name for member in members for name, _ in shown}
    said: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in store.facts(list(column_of), as_of=as_of) if column_of else ():
        said[column_of[fact.subject]].append(fact)
    return tuple(_column(name, field, said[name]) for name, field in shown)


def _column(name: str, field: Mapping[str, Any], said: Collection[Fact]) -> ColumnInfo:
    words = resolve(said)
    return ColumnInfo(
        name,
        shape(field),
        text(words.get("documentation"), "description") or str(field.get("description") or ""),
        tags(said),
        column_statistics(words.get(METRICS)),
    )
