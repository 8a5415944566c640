"""What of AWS's own documents travels: all that says what a thing is, under AWS's names.

What changes though nobody changed the thing stays behind, as counts of rows and pointers to the last commit do: a table
that is written to is as it was. So does what another member says again. What is a secret never leaves this process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from airflow_provider_catalog.model.masking import mask_text, masked
from airflow_provider_catalog.model.statement import canonical_json, digest
from airflow_provider_catalog.sources.crawlers.glue.spark import SCHEMA as SPARK

_TABLE = (
    *("Description", "Owner", "TableType", "IsMaterializedView", "CreateTime", "UpdateTime", "VersionId"),
    *("StorageDescriptor", "PartitionKeys", "Parameters", "ViewOriginalText", "ViewExpandedText", "ViewDefinition"),
)
_STORAGE = (
    *("Columns", "Location", "InputFormat", "OutputFormat", "SerdeInfo", "Compressed"),
    *("NumberOfBuckets", "BucketColumns", "SortColumns"),
)
_REPRESENTATION = ("Dialect", "ViewOriginalText", "ViewExpandedText")
_COLUMN = ("Name", "Type", "Comment")
_DATABASE = ("Description", "LocationUri", "Parameters", "CreateTime")
_VERSION = ("UpdateTime", "VersionId", "PartitionKeys", "Parameters", "StorageDescriptor")
_SCHEMA = (
    *("Description", "DataFormat", "Compatibility", "LatestSchemaVersion", "SchemaStatus"),
    *("CreatedTime", "UpdatedTime"),
)
_TIMES = frozenset({"UpdateTime", "UpdatedTime", "VersionId"})
"""Told, but no reason to tell."""
_FLEETING = re.compile(
    r"transient_lastDdlTime|last_modified_(?:time|by)|COLUMN_STATS_ACCURATE|STATS_GENERATED.*"
    r"|numRows|numFiles|numFilesErasureCoded|rawDataSize|totalSize"  # Hive
    r"|recordCount|averageRecordSize|objectCount|sizeKey"  # Glue's crawlers
    r"|(?:previous_)?metadata_location|current-snapshot-.*|snapshot-count"  # Iceberg
    r"|delta\.last.*|last_commit_.*|spark\.sql\.statistics\..*"
)
_LONGEST = 4_000


class GlueFound(NamedTuple):
    """A database, table or schema of Glue as it travels. `more`: what its document does not say."""

    schema: str
    name: str
    document: Mapping[str, Any]
    more: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """Of the thing itself, whatever was asked for beside it."""
        said = {name: each for name, each in self.document.items() if name not in _TIMES}
        return digest(canonical_json([said, self.more.get("target")])).hex()

    def with_more(self, **more: Any) -> GlueFound:
        return self._replace(more={**self.more, **more})

    def to_json(self) -> dict[str, Any]:
        return {"schema": self.schema, "name": self.name, "glue": self.document, **self.more}


def database(document: Mapping[str, Any]) -> dict[str, Any]:
    return _part(document, _DATABASE)


def table(document: Mapping[str, Any]) -> dict[str, Any]:
    return _part(document, _TABLE)


def version(document: Mapping[str, Any]) -> dict[str, Any]:
    """Of a table, as far as its columns go."""
    kept = _part(document, _VERSION)
    spark = {name: value for name, value in kept.pop("Parameters", {}).items() if name.startswith(SPARK)}
    columns = _some(kept.pop("StorageDescriptor", {}), ("Columns",))
    return {**kept, "StorageDescriptor": columns, **({"Parameters": spark} if spark else {})}


def schema(document: Mapping[str, Any]) -> dict[str, Any]:
    return _part(document, _SCHEMA)


def schema_version(document: Mapping[str, Any]) -> dict[str, Any]:
    """The text, and since when it is that."""
    return _part(document, ("SchemaDefinition", "VersionNumber", "CreatedTime"))


def _part(document: Mapping[str, Any], members: Iterable[str]) -> dict[str, Any]:
    return {name: _SHAPED.get(name, _plain)(value) for name, value in _some(document, members).items()}


def _some(document: Mapping[str, Any], members: Iterable[str]) -> dict[str, Any]:
    """What AWS leaves out and what it says empty is the same."""
    return {name: document[name] for name in members if document.get(name) not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _storage(value: Mapping[str, Any]) -> dict[str, Any]:
    return _part(value, _STORAGE)


def _columns(value: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [_some(each, _COLUMN) for each in value]


def _serde(value: Mapping[str, Any]) -> dict[str, Any]:
    return _part(value, ("SerializationLibrary", "Parameters"))


def _view(value: Mapping[str, Any]) -> dict[str, Any]:
    """Its texts: whether one is behind the others is for AWS to say."""
    return {"Representations": [_some(each, _REPRESENTATION) for each in value.get("Representations") or ()]}


def _parameters(value: Mapping[str, str]) -> dict[str, str]:
    """Masked before it is cut. Spark's own schema is read whole."""
    kept = {name: each for name, each in value.items() if not _FLEETING.fullmatch(name)}
    spark = {name: each for name, each in kept.items() if name.startswith(SPARK)}
    told: dict[str, str] = masked({name: each for name, each in kept.items() if name not in spark}, mask_text)
    return {name: each[:_LONGEST] for name, each in told.items()} | spark


_SHAPED: dict[str, Any] = {
    "StorageDescriptor": _storage,
    "PartitionKeys": _columns,
    "Columns": _columns,
    "SerdeInfo": _serde,
    "Parameters": _parameters,
    "ViewDefinition": _view,
}
