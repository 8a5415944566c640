"""What AWS Glue tells of one table at a time: the columns it had before, and how many partitions it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from airflow_provider_catalog.sources.crawlers.glue import documents
from airflow_provider_catalog.sources.crawlers.glue.client import GlueClient
from airflow_provider_catalog.sources.crawlers.glue.refusals import GlueRefusedError

_VERSION_PAGES = 10
_PARTITION_PAGE = 1_000
_SAYS_WHEN = ("UpdateTime", "VersionId")


def versions(client: GlueClient, table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The newest thousand, as far as each had other columns than the one before it."""
    pages = islice(client.pages("get_table_versions", "TableVersions", table), _VERSION_PAGES)
    try:
        found = [documents.version(each["Table"]) for page in pages for each in page]
    except GlueRefusedError as refused:
        if not refused.missing:
            raise
        return []
    return list(_changes(sorted(found, key=_number)))


def _number(version: Mapping[str, Any]) -> int:
    stated = str(version.get("VersionId", ""))
    return int(stated) if stated.isdecimal() else 0


def _changes(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    before: dict[str, Any] | None = None
    for version in found:
        columns = {name: version[name] for name in version if name not in _SAYS_WHEN}
        if columns != before:
            yield version
        before = columns


def partitions(client: GlueClient, table: Mapping[str, Any]) -> int:
    """There is no way to ask how many there are but to ask for all of them."""
    request = {**table, "ExcludeColumnSchema": True}
    try:
        return sum(map(len, client.pages("get_partitions", "Partitions", request, _PARTITION_PAGE)))
    except GlueRefusedError as refused:
        if not refused.missing:
            raise
        return 0


def partitioned(document: Mapping[str, Any]) -> bool:
    """Whether somebody keeps a list of them: those of a projection are worked out by whoever asks."""
    projected = str((document.get("Parameters") or {}).get("projection.enabled")).lower() == "true"
    return bool(document.get("PartitionKeys")) and not projected
