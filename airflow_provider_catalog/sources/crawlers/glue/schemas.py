"""A schema of the Schema Registry of AWS Glue: its text, the fields it describes, and those of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_catalog.model.masking import mask_text
from airflow_provider_catalog.model.statement import Claim, Json, Statement
from airflow_provider_catalog.sources.checks import mapping, sequence, text
from airflow_provider_catalog.sources.crawlers.fields import schema, string
from airflow_provider_catalog.sources.crawlers.finding import Finding, documentation, existence
from airflow_provider_catalog.sources.crawlers.glue.aspects import lifecycle
from airflow_provider_catalog.sources.crawlers.glue.catalog import SchemaRegistries
from airflow_provider_catalog.sources.crawlers.schema_texts import described

_AT = "/table/glue"
_DEFINITION = "SchemaDefinition"


def statements(finding: Finding, site: SchemaRegistries) -> Iterator[Statement]:
    """Those of earlier versions first."""
    dataset = finding.dataset(site)
    claims = [finding.found(dataset), *finding.claims(dataset, existence(finding))]
    if not finding.gone:
        document = mapping(finding.thing.get("glue"), _AT)
        claims += finding.claims(dataset, _said(finding, document))
        for at, fields in _versions(finding, text(document.get("DataFormat"), f"{_AT}/DataFormat")):
            yield at.statement(site, [Claim.of(dataset, "schema", fields)])
    yield finding.statement(site, claims)


def _said(finding: Finding, document: Mapping[str, Any]) -> dict[str, Json]:
    format_, (registry, name) = text(document.get("DataFormat"), f"{_AT}/DataFormat"), finding.key
    return {
        "datasetType": {"datasetType": "SCHEMA", "subType": format_},
        "hierarchy": {"hierarchy": [{"type": "REGISTRY", "name": registry}, {"type": "SCHEMA", "name": name}]},
        "documentation": documentation(document.get("Description"), f"{_AT}/Description"),
        "schema": _fields(document, format_, _AT),
        "schemaDefinition": _definition(document, format_),
        "lifecycle": lifecycle(document, {"created": "CreatedTime", "updated": "UpdatedTime"}),
    }


def _definition(document: Mapping[str, Any], format_: str) -> Json:
    written = string(document.get(_DEFINITION) or "", f"{_AT}/{_DEFINITION}")
    compatibility = string(document.get("Compatibility") or "", f"{_AT}/Compatibility")
    return {
        "format": format_,
        "compatibility": compatibility,
        "version": document.get("LatestSchemaVersion"),
        "definition": mask_text(written),
    }


def _versions(finding: Finding, format_: str) -> Iterator[tuple[Finding, Json]]:
    for i, stated in enumerate(sequence(finding.thing.get("versions"), "/table/versions")):
        place = f"/table/versions/{i}"
        version = mapping(stated, place)
        at = finding.earlier(version.get("CreatedTime"), f"{place}/CreatedTime")
        if at and (fields := _fields(version, format_, place)):
            yield at, fields


def _fields(document: Mapping[str, Any], format_: str, at: str) -> Json:
    written = string(document.get(_DEFINITION) or "", f"{at}/{_DEFINITION}")
    return schema(described(written, format_), f"{at}/{_DEFINITION}")
