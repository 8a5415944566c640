"""Find by name: for now, by how the name begins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.naming import label
from airflow_provider_catalog.store.protocol import Entity, Store


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what begins so. `truncated`: there is more."""

    prefix: str
    entities: tuple[Entity, ...]
    truncated: bool

    def to_json(self) -> dict[str, Any]:
        results = [
            {"id": label(e).id, "kind": e.kind, "name": label(e).name, "platform": label(e).platform}
            for e in self.entities
        ]
        return {"query": self.prefix, "results": results, "truncated": self.truncated}


def search(store: Store, prefix: str, *, kinds: Collection[str] = ("dataset", "job"), limit: int = 50) -> Found:
    found = store.find(prefix, kinds=kinds, limit=limit + 1)
    return Found(prefix, tuple(found[:limit]), len(found) > limit)
