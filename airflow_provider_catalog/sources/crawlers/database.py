"""A table of a database as a crawl found it, or that it is gone: one `Statement` of the database's own crawler.

The payload is that of a `Finding`. Where: {"namespace", "database", "dialect"}; what: `Table.to_json`.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.masking import mask_sql
from airflow_provider_catalog.model.statement import Changes, Json
from airflow_provider_catalog.sources.checks import mapping, sequence, text
from airflow_provider_catalog.sources.crawlers.fields import schema, string, strings
from airflow_provider_catalog.sources.crawlers.finding import Finding, documentation, existence
from airflow_provider_catalog.sources.crawlers.place import Place

KIND = Place.kind

_DATASET_TYPES: dict[str, dict[str, Json]] = {
    "partitioned table": {"datasetType": "TABLE", "subType": "PARTITIONED"},
    "foreign table": {"datasetType": "TABLE", "subType": "EXTERNAL"},
    "materialized view": {"datasetType": "VIEW", "subType": "MATERIALIZED"},
}


def read(envelope: Envelope) -> Changes:
    finding = Finding.of(envelope)
    place = _place(finding)
    text(finding.thing.get("name"), f"{finding.at}/name")
    dataset = finding.dataset(place)
    claims = [finding.found(dataset), *finding.claims(dataset, existence(finding))]
    if not finding.gone:
        claims += finding.claims(dataset, _said(place, finding.thing))
    return Changes((finding.statement(place, claims),))


def _place(finding: Finding) -> Place:
    body = finding.body
    database, dialect = (text(body.get(key) or "", f"/{key}", empty=True) for key in ("database", "dialect"))
    return Place(text(body.get("namespace"), "/namespace"), database, dialect)


def _said(place: Place, table: dict[str, Any]) -> dict[str, Json]:
    kind = text(table.get("kind"), "/table/kind")
    key = strings(table.get("primary_key"), "/table/primary_key")
    return {
        "datasetType": _DATASET_TYPES.get(kind, {"datasetType": kind.upper()}),
        "hierarchy": _hierarchy(place, table),
        "schema": schema(table.get("columns"), "/table/columns", set(key)),
        "documentation": documentation(table.get("comment"), "/table/comment"),
        "constraints": _constraints(place, table),
        "definition": _definition(place, table),
        "partitioning": _partitioning(table),
    }


def _hierarchy(place: Place, table: dict[str, Any]) -> Json:
    levels = place.levels(table["schema"], table["name"])
    return {"hierarchy": [{"type": level, "name": name} for level, name in levels]}


def _constraints(place: Place, table: dict[str, Any]) -> Json:
    """Keys, and where foreign ones lead: to a dataset, unless nobody could index its name."""
    unique = sequence(table.get("unique"), "/table/unique")
    foreign = sequence(table.get("foreign_keys"), "/table/foreign_keys")
    said: dict[str, Json] = {
        "primary_key": list(strings(table.get("primary_key"), "/table/primary_key")),
        "unique": [strings(each, f"/table/unique/{i}") for i, each in enumerate(unique)],
        "foreign_keys": [
            _foreign_key(place, mapping(each, f"/table/foreign_keys/{i}"), f"/table/foreign_keys/{i}")
            for i, each in enumerate(foreign)
        ],
    }
    return {name: value for name, value in said.items() if value} or None


def _foreign_key(place: Place, stated: dict[str, Any], at: str) -> Json:
    target = place.dataset(string(stated.get("schema"), f"{at}/schema"), string(stated.get("table"), f"{at}/table"))
    return {
        "columns": strings(stated.get("columns"), f"{at}/columns"),
        "namespace": target and target.namespace,
        "name": target and target.name,
        "references": strings(stated.get("references"), f"{at}/references"),
    }


def _definition(place: Place, table: dict[str, Any]) -> Json:
    """What a view is made by, for whoever reads SQL."""
    if table.get("definition") is None:
        return None
    return {"query": mask_sql(string(table["definition"], "/table/definition")), "dialect": place.dialect}


def _partitioning(table: dict[str, Any]) -> Json:
    by = table.get("partitioned_by")
    return None if by is None else {"by": mask_sql(string(by, "/table/partitioned_by"))}
