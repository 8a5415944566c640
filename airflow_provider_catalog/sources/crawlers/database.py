"""A table of a database as a crawl found it, or that it is gone: one `Statement` of the database's own crawler.

The payload says when and where: {"time", "namespace", "database", "dialect"}, and then either "table", which is
`Table.to_json` and its "fingerprint", or "gone", with schema and name alone. The fingerprint becomes a fact, too: the
next crawl sends what has another one. With "before" the crawler may have spoken of the table already, so that it also
unsays what is no more: a comment that was dropped is nobody's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.masking import mask_prose, mask_sql
from airflow_provider_catalog.model.statement import EXISTENCE, Changes, Claim, Content, Json, Statement
from airflow_provider_catalog.sources.checks import NAME_BYTES, load, mapping, sequence, shape, text
from airflow_provider_catalog.sources.crawlers.place import Place
from airflow_provider_catalog.sources.timestamps import clamped, instant

KIND = "crawl"
FOUND = "crawl"
"""The aspect that holds how the table was found last: {"fingerprint", "schema", "name"}."""

_DATASET_TYPES: dict[str, dict[str, Json]] = {
    "partitioned table": {"datasetType": "TABLE", "subType": "PARTITIONED"},
    "foreign table": {"datasetType": "TABLE", "subType": "EXTERNAL"},
    "materialized view": {"datasetType": "VIEW", "subType": "MATERIALIZED"},
}


def read(envelope: Envelope) -> Changes:
    body = mapping(load(envelope.payload), "")
    place = _place(body)
    gone = body.get("gone") is not None
    at = "/gone" if gone else "/table"
    table = mapping(body.get(at[1:]), at)
    dataset = _dataset(place, table, at)
    claims = _gone(dataset) if gone else _claims(dataset, place, table, unsay=body.get("before") is True)
    time = clamped(instant(body.get("time"), "/time").micros, envelope.recorded_at)
    return Changes((Statement(place.producer, time, content=Content.of(list(claims))),))


def _place(body: dict[str, Any]) -> Place:
    database, dialect = (text(body.get(key) or "", f"/{key}", empty=True) for key in ("database", "dialect"))
    return Place(text(body.get("namespace"), "/namespace"), database, dialect)


def _dataset(place: Place, table: dict[str, Any], at: str) -> DatasetId:
    schema, name = text(table.get("schema"), f"{at}/schema", empty=True), text(table.get("name"), f"{at}/name")
    dataset = place.dataset(schema, name)
    if dataset is None:
        raise RejectedError(f"{at}/name: together with where it is more than {NAME_BYTES} bytes")
    return dataset


def _gone(dataset: DatasetId) -> Iterator[Claim]:
    yield Claim.of(dataset, EXISTENCE, value=False)
    yield Claim.of(dataset, FOUND, None)


def _claims(dataset: DatasetId, place: Place, table: dict[str, Any], *, unsay: bool) -> Iterator[Claim]:
    yield Claim.of(dataset, EXISTENCE, value=True)
    fingerprint = text(table.get("fingerprint"), "/table/fingerprint")
    yield Claim.of(dataset, FOUND, {"fingerprint": fingerprint, "schema": table["schema"], "name": table["name"]})
    kind = text(table.get("kind"), "/table/kind")
    said: dict[str, Json] = {
        "datasetType": _DATASET_TYPES.get(kind, {"datasetType": kind.upper()}),
        "hierarchy": _hierarchy(place, table),
        "schema": _schema(table),
        "documentation": _documentation(table),
        "constraints": _constraints(place, table),
        "definition": _definition(place, table),
        "partitioning": _partitioning(table),
    }
    for aspect, value in said.items():
        if value is not None or unsay:
            yield Claim.of(dataset, aspect, value)


def _hierarchy(place: Place, table: dict[str, Any]) -> Json:
    levels = place.levels(table["schema"], table["name"])
    return {"hierarchy": [{"type": level, "name": name} for level, name in levels]}


def _schema(table: dict[str, Any]) -> Json:
    """As OpenLineage's facet has it, with what registrations add to it. Names that nobody could index are left out."""
    key = set(_names(table.get("primary_key"), "/table/primary_key"))
    stated = [mapping(each, f"/table/columns/{i}") for i, each in enumerate(_list(table, "columns"))]
    fields = [_field(each, f"/table/columns/{i}", i + 1, key) for i, each in enumerate(stated)]
    kept: list[Json] = [each for each in fields if 0 < len(each["name"].encode()) <= NAME_BYTES]
    return {"fields": kept} if kept else None


def _field(stated: dict[str, Any], at: str, position: int, key: set[str]) -> dict[str, Any]:
    """Types are not masked: `struct<password:string>` is one."""
    name = _string(stated.get("name"), f"{at}/name")
    field: dict[str, Any] = {
        "name": name,
        "ordinal_position": position,
        "type": _string(stated.get("type"), f"{at}/type"),
    }
    if stated.get("nullable") is not None:
        field |= {"nullable": stated["nullable"] is True, "primary_key": name in key}
    if stated.get("default") is not None:
        field["default"] = mask_sql(_string(stated.get("default"), f"{at}/default"))
    if stated.get("comment"):
        field["description"] = mask_prose(_string(stated.get("comment"), f"{at}/comment"))
    return field


def _documentation(table: dict[str, Any]) -> Json:
    return {"description": mask_prose(_string(table["comment"], "/table/comment"))} if table.get("comment") else None


def _constraints(place: Place, table: dict[str, Any]) -> Json:
    """Keys, and where foreign ones lead: to a dataset, unless nobody could index its name."""
    said: dict[str, Json] = {
        "primary_key": list(_names(table.get("primary_key"), "/table/primary_key")),
        "unique": [_names(each, f"/table/unique/{i}") for i, each in enumerate(_list(table, "unique"))],
        "foreign_keys": [
            _foreign_key(place, mapping(each, f"/table/foreign_keys/{i}"), f"/table/foreign_keys/{i}")
            for i, each in enumerate(_list(table, "foreign_keys"))
        ],
    }
    return {name: value for name, value in said.items() if value} or None


def _foreign_key(place: Place, stated: dict[str, Any], at: str) -> Json:
    target = place.dataset(_string(stated.get("schema"), f"{at}/schema"), _string(stated.get("table"), f"{at}/table"))
    return {
        "columns": _names(stated.get("columns"), f"{at}/columns"),
        "namespace": target and target.namespace,
        "name": target and target.name,
        "references": _names(stated.get("references"), f"{at}/references"),
    }


def _definition(place: Place, table: dict[str, Any]) -> Json:
    """What a view is made by, for whoever reads SQL."""
    if table.get("definition") is None:
        return None
    return {"query": mask_sql(_string(table["definition"], "/table/definition")), "dialect": place.dialect}


def _partitioning(table: dict[str, Any]) -> Json:
    by = table.get("partitioned_by")
    return None if by is None else {"by": mask_sql(_string(by, "/table/partitioned_by"))}


def _list(table: dict[str, Any], key: str) -> list[Any]:
    return sequence(table.get(key), f"/table/{key}")


def _names(value: Any, at: str) -> list[str]:
    return [_string(each, f"{at}/{i}") for i, each in enumerate(sequence(value, at))]


def _string(value: Any, at: str) -> str:
    """Also an empty one: some columns have no name, and some no type."""
    if type(value) is not str:
        raise RejectedError(f"{at}: expected a string, found {shape(value)}")
    return value
