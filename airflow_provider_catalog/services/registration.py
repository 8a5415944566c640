"""What the catalog answers to who registered a dataset: which version of it this is, and since when it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.services.schema import schema_versions
from airflow_provider_catalog.services.times import maybe_iso
from airflow_provider_catalog.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Registration:
    """`merged`: it is in the store, and so it is found. Before that neither version nor time are known."""

    dataset_id: str
    merged: bool
    version: int | None = None
    created_at: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "dataset_id": self.dataset_id,
            "status": "registered" if self.merged else "accepted",
            "version": self.version,
            "created_at": maybe_iso(self.created_at),
            "indexed": self.merged,
        }


def registration(store: Store, dataset: DatasetId) -> Registration:
    """Of a dataset that has been merged. Without columns there is one version."""
    schemas = schema_versions(store, [dataset.uid])
    seen = [fact.valid_from for fact in store.facts([dataset.uid], aspects=(EXISTENCE,)) if fact.value is True]
    return Registration(str(dataset), merged=True, version=max(1, len(schemas)), created_at=min(seen, default=None))
