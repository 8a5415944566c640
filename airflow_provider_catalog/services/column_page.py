"""The columns of one dataset, page by page: wide tables have tens of thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.columns import ColumnInfo, columns
from airflow_provider_catalog.services.cursor import cursor
from airflow_provider_catalog.services.facts import resolve
from airflow_provider_catalog.services.naming import Label, labels
from airflow_provider_catalog.services.schema import fields
from airflow_provider_catalog.store.protocol import Entity, Store


@dataclass(frozen=True, slots=True)
class ColumnPage:
    """Those after so many, in the order of the schema."""

    dataset: Label
    total: int
    columns: tuple[ColumnInfo, ...]
    after: int

    @property
    def next(self) -> int | None:
        end = self.after + len(self.columns)
        return end if end < self.total else None

    def to_json(self) -> dict[str, Any]:
        shown = [column.to_json() for column in self.columns]
        return {"dataset": self.dataset.id, "total": self.total, "columns": shown, "next": cursor(self.next)}


def column_page(
    store: Store, found: Entity, *, limit: int = 100, after: int = 0, as_of: int | None = None
) -> ColumnPage:
    members = {member.uid: member for member in store.members(found.node)}
    schema = resolve(store.facts(list(members), as_of=as_of, aspects=("schema",))).get("schema")
    total = len(fields(schema.value)) if schema else 0
    after = min(after, total)
    shown = columns(store, list(members.values()), schema, as_of=as_of, part=slice(after, after + limit))
    return ColumnPage(labels(members, found.node), total, shown, after)
