"""How the schema of a dataset changed: versions, and what each changed of the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from airflow_provider_catalog.model.schema import field_names
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.services.facts import by_precedence
from airflow_provider_catalog.services.schema_change import SchemaChange, Shape, compare
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Fact, Store


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """The schema from one moment on, and what it changed of the one before."""

    version: int
    since: int
    said_by: str
    shapes: Mapping[str, Shape]
    changes: tuple[SchemaChange, ...] = ()

    @property
    def columns(self) -> int:
        return len(self.shapes)

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(change.column for change in self.changes if change.change_type == "column_added")

    @property
    def removed(self) -> tuple[str, ...]:
        return tuple(change.column for change in self.changes if change.change_type == "column_removed")

    @property
    def changed(self) -> tuple[tuple[str, str, str], ...]:
        """Columns that stayed and are not what they were, as (name, before, after)."""
        known = ((each.column, each.before, each.after) for each in self.changes)
        return tuple((name, before, after) for name, before, after in known if before is not None and after is not None)

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "since": iso(self.since),
            "said_by": self.said_by,
            "columns": self.columns,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": [{"column": name, "from": before, "to": after} for name, before, after in self.changed],
            "changes": [change.to_json() for change in self.changes],
        }


def schema_versions(store: Store, names: Collection[int]) -> tuple[SchemaVersion, ...]:
    """Of one dataset, under all its names."""
    return versions(list(chain.from_iterable(store.history(uid, "schema") for uid in names)))


def versions(history: Collection[Fact]) -> tuple[SchemaVersion, ...]:
    """Of all that was said, the word that counted at each moment; equal ones in a row are one version."""
    found: list[SchemaVersion] = []
    before: Mapping[str, Shape] = {}
    for fact in _winners(history):
        after = shapes(fact.value)
        changes = compare(before, after) if found else ()
        if changes or not found:
            found.append(SchemaVersion(len(found) + 1, fact.valid_from, fact.producer, after, changes))
        before = after
    return tuple(found)


def _winners(history: Collection[Fact]) -> Iterator[Fact]:
    for moment in sorted({fact.valid_from for fact in history}):
        then = [f for f in history if f.valid_from <= moment and (f.valid_to is None or f.valid_to > moment)]
        for winner in by_precedence(then)[:1]:
            yield winner._replace(valid_from=moment)


def shapes(schema: Json) -> dict[str, Shape]:
    """Column -> what counts of it, nested ones with dots, in the order of the schema."""
    return {name: shape(field) for name, field in fields(schema)}


def shape(field: Mapping[str, Any]) -> Shape:
    return Shape(str(field.get("type") or ""), _flag(field, "nullable"), _flag(field, "primary_key"))


def _flag(field: Mapping[str, Any], name: str) -> bool | None:
    stated = field.get(name)
    return stated if isinstance(stated, bool) else None


def fields(schema: Json) -> list[tuple[str, Mapping[str, Any]]]:
    """Every column with what is said of it, in the order of the schema."""
    return list(zip(field_names(schema), _walk(schema), strict=True))


def _walk(schema: Json, depth: int = 32) -> Iterator[Mapping[str, Any]]:
    """In step with `field_names`."""
    stated = schema.get("fields") if isinstance(schema, dict) else None
    for field in stated if isinstance(stated, list) and depth else ():
        if isinstance(field, dict) and isinstance(field.get("name"), str):
            yield field
            yield from _walk(field, depth - 1)
