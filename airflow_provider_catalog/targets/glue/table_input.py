"""From a table as Glue answers it to one as Glue takes it, without losing anything; and what kind of table it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from airflow_provider_catalog.targets.glue.service_model import within

Table: TypeAlias = Mapping[str, Any]
Kind: TypeAlias = Literal[
    "table",
    "view",
    "multi-dialect view",
    "materialized view",
    "resource link",
    "federated table",
    "governed table",
    "iceberg",
    "delta",
    "hudi",
]

_LOGGED: tuple[Kind, ...] = ("iceberg", "delta", "hudi")


def input_of(table: Table) -> dict[str, Any]:
    """What AWS only tells and does not take is left out, however deep it is."""
    found: dict[str, Any] = within("TableInput", table)
    return found


def kind_of(table: Table) -> Kind:
    """A link is looked for first, since the rest of it is that of the table it points at."""
    if table.get("TargetTable"):
        return "resource link"
    if table.get("FederatedTable"):
        return "federated table"
    if table.get("IsMaterializedView"):
        return "materialized view"
    if table.get("IsMultiDialectView") or table.get("ViewDefinition"):
        return "multi-dialect view"
    if table.get("IcebergTableMetadata"):
        return "iceberg"
    return _by_what_it_says(table)


def _by_what_it_says(table: Table) -> Kind:
    parameters = members(table, "Parameters")
    if "metadata_location" in parameters:
        return "iceberg"
    if str(table.get("TableType") or "").upper() == "VIRTUAL_VIEW":
        return "view"
    if str(table.get("TableType") or "").upper() == "GOVERNED":
        return "governed table"
    said = {str(parameters.get(key) or "").lower() for key in ("table_type", "spark.sql.sources.provider")}
    reader = str(members(table, "StorageDescriptor").get("InputFormat") or "").lower()
    return next((kind for kind in _LOGGED if kind in said), "hudi" if ".hudi." in reader else "table")


def members(table: Table, name: str) -> Mapping[str, Any]:
    """A member that is a structure or a map, or none at all."""
    found = table.get(name)
    return found if isinstance(found, Mapping) else {}
