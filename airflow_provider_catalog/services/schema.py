"""How the schema of a dataset changed: versions, and what each changed of the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.schema import field_names
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.services.facts import by_precedence
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Fact


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """The schema from one moment on. `changed`: columns whose type is another than before, as (name, before, after)."""

    version: int
    since: int
    said_by: str
    columns: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "since": iso(self.since),
            "said_by": self.said_by,
            "columns": self.columns,
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": [{"column": name, "from": before, "to": after} for name, before, after in self.changed],
        }


def versions(history: Collection[Fact]) -> tuple[SchemaVersion, ...]:
    """Of all that was said, the word that counted at each moment; equal ones in a row are one version."""
    found: list[SchemaVersion] = []
    before: Mapping[str, str] = {}
    for fact in _winners(history):
        after = types(fact.value)
        if after != before or not found:
            found.append(_version(len(found) + 1, fact, before, after))
        before = after
    return tuple(found)


def _winners(history: Collection[Fact]) -> Iterator[Fact]:
    for moment in sorted({fact.valid_from for fact in history}):
        then = [f for f in history if f.valid_from <= moment and (f.valid_to is None or f.valid_to > moment)]
        for winner in by_precedence(then)[:1]:
            yield winner._replace(valid_from=moment)


def _version(number: int, fact: Fact, before: Mapping[str, str], after: Mapping[str, str]) -> SchemaVersion:
    added = tuple(name for name in after if name not in before) if number > 1 else ()
    removed = tuple(name for name in before if name not in after)
    changed = tuple(
        (name, before[name], after[name]) for name in after if name in before and before[name] != after[name]
    )
    return SchemaVersion(number, fact.valid_from, fact.producer, len(after), added, removed, changed)


def types(schema: Json) -> dict[str, str]:
    """Column -> type, nested ones with dots, in the order of the schema."""
    return {name: str(field.get("type") or "") for name, field in fields(schema)}


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
