"""Words of people that a crawl wiped, put back: a table's description and owner, comments of columns and of partition
keys, and parameters.

Only what is missing now is put back. What a crawl wrote anew stays, and what it knows of the format and of the rows is
its own to tell. How rows are read (the SerDe and its parameters) is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow_provider_catalog.targets.glue.crawlers.snapshot import COUNTED
from airflow_provider_catalog.targets.glue.difference import differences
from airflow_provider_catalog.targets.glue.plan import Plan, version_of
from airflow_provider_catalog.targets.glue.table_input import Kind, Table, input_of, kind_of, members

_WRITABLE: tuple[Kind, ...] = ("table", "view", "iceberg", "delta", "hudi")
_OF_CRAWLERS = COUNTED | {
    *("UPDATED_BY_CRAWLER", "DEPRECATED_BY_CRAWLER", "CrawlerSchemaSerializerVersion"),
    *("CrawlerSchemaDeserializerVersion", "classification", "compressionType", "typeOfData", "exclusions"),
    *("connectionName", "delimiter", "areColumnsQuoted", "columnsOrdered", "commentCharacter", "has_encrypted_data"),
    *("partition_filtering.enabled", "avro.schema.literal", "transient_lastDdlTime", "rowTag", "grokPattern"),
}
_OF_FORMAT = frozenset({"skip.header.line.count", "skip.footer.line.count"})
"""Means nothing in another format."""

_NOBODY = ("", "owner")
"""What crawlers write for an owner."""


def restored(database: str, before: Table, after: Table) -> Plan:
    """`after`: as GetTable answers it now. It is written under its version, or planned anew."""
    name, now = str(after["Name"]), input_of(after)
    made = {**now, **_words(before, now), **_columns(before, now), **_parameters(before, now)}
    changes = differences(now, made)
    if not changes:
        return Plan("nothing", database, name)
    if (kind := kind_of(after)) not in _WRITABLE:
        return Plan("refuse", database, name, changes=changes, reason=f"a {kind} is not written back")
    return Plan("update", database, name, made, version_of(after), changes=changes)


def _words(before: Table, now: Table) -> dict[str, str]:
    found = {}
    if before.get("Description") and not now.get("Description"):
        found["Description"] = before["Description"]
    if before.get("Owner") not in (None, *_NOBODY) and (now.get("Owner") or "") in _NOBODY:
        found["Owner"] = before["Owner"]
    return found


def _columns(before: Table, now: Table) -> dict[str, Any]:
    """A column may have become a key of partitions, and the other way round."""
    said = {str(each.get("Name")).lower(): each["Comment"] for each in _all_columns(before) if each.get("Comment")}
    found: dict[str, Any] = {}
    if now.get("PartitionKeys"):
        found["PartitionKeys"] = _commented(now["PartitionKeys"], said)
    storage = members(now, "StorageDescriptor")
    if storage.get("Columns"):
        found["StorageDescriptor"] = {**storage, "Columns": _commented(storage["Columns"], said)}
    return found


def _all_columns(table: Table) -> Iterable[Mapping[str, Any]]:
    return (*(members(table, "StorageDescriptor").get("Columns") or ()), *(table.get("PartitionKeys") or ()))


def _commented(columns: Iterable[Mapping[str, Any]], said: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_with_comment(each, said.get(str(each.get("Name")).lower())) for each in columns]


def _with_comment(column: Mapping[str, Any], comment: str | None) -> dict[str, Any]:
    return {**column, "Comment": comment} if comment and not column.get("Comment") else dict(column)


def _parameters(before: Table, now: Table) -> dict[str, Any]:
    was, is_ = members(before, "Parameters"), members(now, "Parameters")
    not_ours = _OF_CRAWLERS | (_OF_FORMAT if was.get("classification") != is_.get("classification") else set())
    missing = {key: value for key, value in was.items() if key not in is_ and key not in not_ours}
    return {"Parameters": {**is_, **missing}} if missing else {}
