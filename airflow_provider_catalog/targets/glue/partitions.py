"""Partitions as Glue wants them: stored as their table is, each in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

_SAFE = " !$&'()+,-.;<=>@[]^_`{|}~"
"""What Hive leaves as it is in the name of a folder."""


def partition_inputs(table_input: Mapping[str, Any], partitions: Iterable[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Of a table with partition keys; a partition of another number of values is of another table."""
    keys = [str(key["Name"]) for key in table_input.get("PartitionKeys") or ()]
    stored = table_input.get("StorageDescriptor") or {}
    location = str(stored.get("Location") or "").rstrip("/")
    for values in partitions:
        if len(values) == len(keys) and location:
            folder = "/".join(f"{key}={quote(value, safe=_SAFE)}" for key, value in zip(keys, values, strict=True))
            yield {"Values": list(values), "StorageDescriptor": {**stored, "Location": f"{location}/{folder}/"}}
