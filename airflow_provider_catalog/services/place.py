"""Where in its system a dataset lies: the database and the schema that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from airflow_provider_catalog.model import grammar
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.services.facts import Resolved
from airflow_provider_catalog.store.protocol import Entity


class Place(NamedTuple):
    """None: not stated, and the name does not tell either."""

    database: str | None = None
    schema: str | None = None


def place(dataset: Entity, aspects: Mapping[str, Resolved]) -> Place:
    """As stated, else by the parts of the name where the platform's names have all three."""
    stated = _stated(aspects.get("hierarchy"))
    if stated != Place():
        return stated
    platform = by_namespace(dataset.namespace)
    parts = grammar.parts(dataset.name, platform.separator) if platform.levels == 3 else []
    return Place(*parts[:2]) if len(parts) == 3 else Place()


def _stated(hierarchy: Resolved | None) -> Place:
    value = hierarchy.value if hierarchy else None
    levels = value.get("hierarchy") if isinstance(value, dict) else None
    named = {
        str(level.get("type")).upper(): level["name"]
        for level in (levels if isinstance(levels, list) else ())
        if isinstance(level, dict) and isinstance(level.get("name"), str)
    }
    return Place(named.get("DATABASE"), named.get("SCHEMA"))
