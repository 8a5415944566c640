"""The columns of what was crawled, as OpenLineage's schema facet has them, with what registrations add to it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.masking import mask_prose, mask_sql
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.sources.checks import NAME_BYTES, mapping, sequence, shape


def schema(columns: Any, at: str, key: Collection[str] = ()) -> Json:
    """Names that nobody could index are left out. `key`: those of the primary one."""
    kept = _fields(columns, at, key)
    return {"fields": kept} if kept else None


def _fields(columns: Any, at: str, key: Collection[str]) -> list[Json]:
    stated = [mapping(each, f"{at}/{i}") for i, each in enumerate(sequence(columns, at))]
    fields = [_field(each, f"{at}/{i}", i + 1, key) for i, each in enumerate(stated)]
    return [each for each in fields if 0 < len(each["name"].encode()) <= NAME_BYTES]


def _field(stated: dict[str, Any], at: str, position: int, key: Collection[str]) -> dict[str, Any]:
    """Types are not masked: `struct<password:string>` is one."""
    name = string(stated.get("name"), f"{at}/name")
    field: dict[str, Any] = {
        "name": name,
        "ordinal_position": position,
        "type": string(stated.get("type"), f"{at}/type"),
    }
    if stated.get("nullable") is not None:
        field |= {"nullable": stated["nullable"] is True, "primary_key": name in key}
    if stated.get("default") is not None:
        field["default"] = mask_sql(string(stated.get("default"), f"{at}/default"))
    if stated.get("comment"):
        field["description"] = mask_prose(string(stated.get("comment"), f"{at}/comment"))
    if stated.get("fields"):
        field["fields"] = _fields(stated["fields"], f"{at}/fields", ())
    return field


def string(value: Any, at: str) -> str:
    """Also an empty one: some columns have no name, and some no type."""
    if type(value) is not str:
        raise RejectedError(f"{at}: expected a string, found {shape(value)}")
    return value


def strings(value: Any, at: str) -> list[str]:
    return [string(each, f"{at}/{i}") for i, each in enumerate(sequence(value, at))]
