"""How a table of Glue keeps its rows: where, in which format, read by what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.masking import mask_text, mask_uri, masked
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.sources.crawlers.place import indexed

VIEW = "VIRTUAL_VIEW"
"""The type of what has no rows of its own."""

_FORMATS = ("parquet", "orc", "avro", "json", "csv", "ion", "regex", "xml")
_DELIMITED = ("lazysimple", "multidelimit")
_LAYERS = ("iceberg", "delta", "hudi")
_MEMBERS = {
    "InputFormat": "inputFormat",
    "OutputFormat": "outputFormat",
    "Compressed": "compressed",
    "BucketColumns": "bucketColumns",
    "SortColumns": "sortColumns",
}


def storage(document: Mapping[str, Any]) -> Json:
    """As OpenLineage's facet has it, and what Glue says beyond that."""
    stated = part(document, "StorageDescriptor")
    if not stated or document.get("TableType") == VIEW:
        return None
    serde = part(stated, "SerdeInfo")
    said: dict[str, Any] = {
        "storageLayer": _layer(document),
        "fileFormat": _format(document, serde),
        **{name: stated.get(member) for member, name in _MEMBERS.items()},
        "numberOfBuckets": _positive(stated.get("NumberOfBuckets")),
        "serializationLibrary": serde.get("SerializationLibrary"),
        "serdeParameters": serde.get("Parameters"),
    }
    kept: dict[str, Json] = masked({name: value for name, value in said.items() if value}, mask_uri)
    return kept or None


def data_source(document: Mapping[str, Any]) -> Json:
    """Its location, as it is written there."""
    uri = location_text(document)
    dataset = rows(document)
    if not uri:
        return None
    return {"name": dataset.namespace if dataset else mask_uri(uri), "uri": mask_uri(uri)}


def rows(document: Mapping[str, Any]) -> DatasetId | None:
    """The folder or bucket that holds them, if any does."""
    uri = location_text(document)
    dataset = DatasetId.from_asset_uri(uri) if "://" in uri else None
    path = dataset if dataset and by_namespace(dataset.namespace).start else None
    return indexed(path) if path else None


def location_text(document: Mapping[str, Any]) -> str:
    """A database says it otherwise, and of a view it means nothing."""
    if document.get("TableType") == VIEW:
        return ""
    stated = part(document, "StorageDescriptor").get("Location") or document.get("LocationUri")
    return stated.strip() if isinstance(stated, str) else ""


def part(document: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    found = document.get(member)
    return found if isinstance(found, Mapping) else {}


def _layer(document: Mapping[str, Any]) -> str | None:
    parameters = part(document, "Parameters")
    named = (str(parameters.get(key) or "").lower() for key in ("table_type", "spark.sql.sources.provider"))
    for name in named:
        if name in _LAYERS:
            return name
    dataset = rows(document)
    return by_namespace(dataset.namespace).name if dataset else None


def _format(document: Mapping[str, Any], serde: Mapping[str, Any]) -> str | None:
    """As a crawler of Glue classified it, else by the class that reads it."""
    if classified := part(document, "Parameters").get("classification"):
        return mask_text(str(classified)).lower()
    library = str(serde.get("SerializationLibrary") or "").lower()
    if any(name in library for name in _DELIMITED):
        return "csv"
    return next((name for name in _FORMATS if name in library), None)


def _positive(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None
