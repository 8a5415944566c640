"""Metrics: what a dataset says of its own values. What a run counts of them is a detail of that run.

Each column has its own word, so that a table of a thousand columns of which one has changed says one thing anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.masking import masked
from airflow_provider_catalog.model.statement import Claim, canonical_json
from airflow_provider_catalog.sources.checks import NAME_BYTES
from airflow_provider_catalog.sources.openlineage.notes import Notes

FACET = "dataQualityMetrics"

_OF_ALL = ("rowCount", "bytes", "fileCount", "lastUpdated")
_LIMIT = 65_536


def metrics(dataset: DatasetId, facet: Any, path: str, notes: Notes) -> Iterator[Claim]:
    """When it was counted stands beside each word as its time, and makes no word another."""
    body = notes.object(facet, path)
    if body.get("_deleted") is True:
        yield Claim.of(dataset, FACET, None)
        return
    if of_all := {key: body[key] for key in _OF_ALL if body.get(key) is not None}:
        yield Claim.of(dataset, FACET, masked(of_all))
    for name, stated in notes.object(body.get("columnMetrics"), f"{path}/columnMetrics").items():
        value = _counted(name, stated, f"{path}/columnMetrics/{name[:NAME_BYTES]}", notes)
        if value:
            yield Claim.of(ColumnId(dataset, name), FACET, value)


def _counted(name: str, stated: Any, path: str, notes: Notes) -> dict[str, Any]:
    value = {key: each for key, each in masked(notes.object(stated, path)).items() if each is not None}
    if not 0 < len(name.encode()) <= NAME_BYTES:
        notes.skip(path, f"the name of a column has 1 to {NAME_BYTES} bytes")
        return {}
    if (size := len(canonical_json(value))) > _LIMIT:
        notes.skip(path, f"{size} bytes; {_LIMIT} is the limit for a column")
        return {}
    return value
