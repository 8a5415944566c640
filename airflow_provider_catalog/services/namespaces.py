"""The namespaces there are, with the platform that each speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Of datasets or of jobs, sorted. Those of jobs have no platform."""

    kind: str
    names: tuple[str, ...]
    truncated: bool

    def to_json(self) -> dict[str, Any]:
        named = [(name, by_namespace(name).name if self.kind == "dataset" else None) for name in self.names]
        shown = [{"namespace": name, "platform": platform} for name, platform in named]
        return {"kind": self.kind, "namespaces": shown, "truncated": self.truncated}


def namespaces(store: Store, kind: str = "dataset", *, limit: int = 1_000) -> Namespaces:
    found = store.namespaces(kind)
    return Namespaces(kind, tuple(found[:limit]), len(found) > limit)
