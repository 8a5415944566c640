"""All versions of the schema of one dataset, and what lies between any two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.services.naming import Label, labels
from airflow_provider_catalog.services.schema import SchemaVersion, schema_versions
from airflow_provider_catalog.services.schema_change import SchemaChange, compare
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Entity, Store


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """From any version to any other, also back."""

    dataset: Label
    before: SchemaVersion
    after: SchemaVersion
    changes: tuple[SchemaChange, ...]

    @property
    def compatible(self) -> bool:
        """Whether who reads the dataset as it was can read it as it is."""
        return not any(change.breaking for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.id,
            "from": _heading(self.before),
            "to": _heading(self.after),
            "compatible": self.compatible,
            "changes": [change.to_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class SchemaHistory:
    """The versions, oldest first; told are the newest, newest first."""

    dataset: Label
    versions: tuple[SchemaVersion, ...]

    def between(self, before: int | None = None, after: int | None = None) -> SchemaDiff:
        """Without numbers: what the newest version changed of the one before."""
        if not self.versions:
            raise NotFoundError("schema", self.dataset.id, "nobody has told of its columns")
        new = self._numbered(len(self.versions) if after is None else after)
        old = self._numbered(max(1, new.version - 1) if before is None else before)
        return SchemaDiff(self.dataset, old, new, compare(old.shapes, new.shapes))

    def _numbered(self, number: int) -> SchemaVersion:
        if not 1 <= number <= len(self.versions):
            hint = f"it has 1 to {len(self.versions)}"
            raise NotFoundError("schema version", f"{number} of {self.dataset.id}", hint)
        return self.versions[number - 1]

    def to_json(self, limit: int | None = None) -> dict[str, Any]:
        shown = self.versions[::-1][:limit]
        return {
            "dataset": self.dataset.id,
            "total": len(self.versions),
            "versions": [version.to_json() for version in shown],
        }


def schema_history(store: Store, found: Entity) -> SchemaHistory:
    """Of the canonical dataset that `found` belongs to."""
    members = {member.uid: member for member in store.members(found.node)}
    return SchemaHistory(labels(members, found.node), schema_versions(store, members))


def _heading(version: SchemaVersion) -> dict[str, Any]:
    return {"version": version.version, "since": iso(version.since), "said_by": version.said_by}
