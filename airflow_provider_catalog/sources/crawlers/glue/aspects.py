"""What a document of Glue says of a database or table, by aspects. None: it says nothing of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.model.masking import mask_text, masked
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.sources.checks import mapping, sequence
from airflow_provider_catalog.sources.crawlers.fields import schema, string, strings
from airflow_provider_catalog.sources.crawlers.finding import documentation
from airflow_provider_catalog.sources.crawlers.glue.spark import SCHEMA as SPARK
from airflow_provider_catalog.sources.crawlers.glue.spark import columns as spark_columns
from airflow_provider_catalog.sources.crawlers.glue.storage import data_source, part, storage
from airflow_provider_catalog.sources.timestamps import instant

_AT = "/table/glue"
_TYPES: dict[str, dict[str, Json]] = {
    "EXTERNAL_TABLE": {"datasetType": "TABLE", "subType": "EXTERNAL"},
    "MANAGED_TABLE": {"datasetType": "TABLE", "subType": "MANAGED"},
    "VIRTUAL_VIEW": {"datasetType": "VIEW"},
    "MATERIALIZED_VIEW": {"datasetType": "VIEW", "subType": "MATERIALIZED"},
}
_NOBODY = "owner"
"""Crawlers of Glue name this one."""

OF_ITS_OWN = ("hierarchy", "lifecycle", "partitions")
"""What a link says of itself alone: nobody would want to know."""


def aspects(document: Mapping[str, Any], *, database: bool) -> dict[str, Json]:
    return {
        "datasetType": {"datasetType": "DATABASE"} if database else _type(document),
        "schema": columns(document, _AT),
        "documentation": _documentation(document),
        "ownership": _ownership(document),
        "dataSource": data_source(document),
        "storage": storage(document),
        "partitioning": _partitioning(document),
        "properties": _properties(document),
        "lifecycle": lifecycle(document, {"created": "CreateTime", "updated": "UpdateTime"}),
    }


def columns(document: Mapping[str, Any], at: str) -> Json:
    """Those that a table is partitioned by are its last ones."""
    stated = sequence(part(document, "StorageDescriptor").get("Columns"), f"{at}/StorageDescriptor/Columns")
    keys = sequence(document.get("PartitionKeys"), f"{at}/PartitionKeys")
    found = [*spark_columns(stated, document.get("Parameters")), *keys]
    named = [mapping(each, f"{at}/StorageDescriptor/Columns/{i}") for i, each in enumerate(found)]
    told = [
        {"name": each.get("Name"), "type": each.get("Type") or "", "comment": each.get("Comment")} for each in named
    ]
    return schema(told, f"{at}/StorageDescriptor/Columns")


def _type(document: Mapping[str, Any]) -> Json:
    stated = "MATERIALIZED_VIEW" if document.get("IsMaterializedView") is True else document.get("TableType")
    if not stated:
        return {"datasetType": "TABLE"}
    kind = mask_text(str(stated))
    return _TYPES.get(kind) or {"datasetType": "TABLE", "subType": kind}


def _documentation(document: Mapping[str, Any]) -> Json:
    return documentation(document.get("Description"), f"{_AT}/Description")


def _ownership(document: Mapping[str, Any]) -> Json:
    owner = document.get("Owner")
    return {"owners": [{"name": string(owner, f"{_AT}/Owner")}]} if owner and owner != _NOBODY else None


def _partitioning(document: Mapping[str, Any]) -> Json:
    keys = sequence(document.get("PartitionKeys"), f"{_AT}/PartitionKeys")
    names: list[Json] = [*strings([mapping(each, _AT).get("Name") for each in keys], f"{_AT}/PartitionKeys")]
    return {"by": ", ".join(map(str, names)), "keys": names} if names else None


def _properties(document: Mapping[str, Any]) -> Json:
    """Parameters, but for what Spark says once more in its own way."""
    stated = {name: each for name, each in part(document, "Parameters").items() if not name.startswith(SPARK)}
    kept: dict[str, Json] = masked(stated, mask_text)
    return kept or None


def lifecycle(document: Mapping[str, Any], members: Mapping[str, str]) -> Json:
    """Times by what they are called there. `updated`: as of what is told, since what only writes rows is not."""
    said: dict[str, Json] = {}
    for name, member in members.items():
        if (stated := document.get(member)) is not None:
            instant(stated, f"{_AT}/{member}")
            said[name] = stated
    version = document.get("VersionId")
    return (said if version is None else said | {"version": string(version, f"{_AT}/VersionId")}) or None
