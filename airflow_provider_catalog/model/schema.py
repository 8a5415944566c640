"""The value of the "schema" aspect: {"fields": [{"name", "type", "description", "fields"}]}, nested as OpenLineage
has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_catalog.model.statement import Json

_DEPTH = 32


def field_names(schema: Json, prefix: str = "", depth: int = _DEPTH) -> Iterator[str]:
    """Every column, nested ones with dots, as deep as anybody can mean it."""
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list) or depth == 0:
        return
    for field in fields:
        if isinstance(field, dict) and isinstance(field.get("name"), str):
            name = f"{prefix}{field['name']}"
            yield name
            yield from field_names(field, f"{name}.", depth - 1)
