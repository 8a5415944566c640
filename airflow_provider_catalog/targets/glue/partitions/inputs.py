"""Partitions as Glue wants them: stored as their table is, each in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from airflow_provider_catalog.targets.glue.plan import Plan
from airflow_provider_catalog.targets.glue.service_model import within

_SAFE = " !$&'()+,-.;<=>@[]^_`{|}~"
"""What Hive leaves as it is in the name of a folder."""
_FORMAT = ("InputFormat", "OutputFormat", "SerdeInfo")
Partition = Mapping[str, Any]
"""As Glue has it: values, a descriptor, parameters."""


def partition_inputs(table_input: Mapping[str, Any], partitions: Iterable[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Of a table with partition keys; a partition of another number of values is of another table."""
    for values in partitions:
        if len(values) == len(table_input.get("PartitionKeys") or ()) and (folder := derived(table_input, values)):
            yield partition_input(table_input, values, folder)


def partition_input(table: Mapping[str, Any], values: Sequence[str], location: str) -> dict[str, Any]:
    """Stored as the table is by now, whether that is as Glue answers it or takes it."""
    stored = within("StorageDescriptor", table.get("StorageDescriptor") or {})
    return {"Values": list(values), "StorageDescriptor": {**stored, "Location": location}}


def derived(table: Mapping[str, Any], values: Sequence[str]) -> str:
    """The folder that Hive has for it; empty where nobody knows where the table is."""
    location = str((table.get("StorageDescriptor") or {}).get("Location") or "").rstrip("/")
    keys = [str(key["Name"]) for key in table.get("PartitionKeys") or ()]
    folder = "/".join(f"{key}={quote(value, safe=_SAFE)}" for key, value in zip(keys, values, strict=True))
    return f"{location}/{folder}/" if location else ""


def changed(there: Partition, table: Mapping[str, Any], location: str) -> dict[str, Any] | None:
    """What it is to be where its format is not the table's, or its folder not this one; None where nothing is to do.
    Columns, parameters and all else that it has stay. No location leaves it where it is.
    """
    before = within("PartitionInput", there)
    stored, wanted = before.get("StorageDescriptor") or {}, table.get("StorageDescriptor") or {}
    formats = {name: wanted[name] for name in _FORMAT if _told(wanted.get(name)) and wanted[name] != stored.get(name)}
    moved = location and str(stored.get("Location") or "").rstrip("/") != location.rstrip("/")
    if not formats and not moved:
        return None
    return {**before, "StorageDescriptor": {**stored, **formats, **({"Location": location} if moved else {})}}


def gained_columns(plan: Plan) -> bool:
    """The table had none before: so have its partitions."""
    return any(each.member == "StorageDescriptor.Columns" and not each.before for each in plan.changes)


def with_columns(there: Partition, table: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a partition without columns is to be beside its table; None where nothing is to do. Engines read the columns
    of a partition, and where it has none nothing but nulls.
    """
    before = within("PartitionInput", there)
    stored, columns = before.get("StorageDescriptor") or {}, (table.get("StorageDescriptor") or {}).get("Columns")
    if stored.get("Columns") or not columns:
        return None
    own = within("StorageDescriptor", {"Columns": columns})
    return {**before, "StorageDescriptor": {**stored, **own}}


def _told(value: Any) -> bool:
    """A SerDe that is nothing but empty is none."""
    return any(map(_told, value.values())) if isinstance(value, Mapping) else bool(value)
