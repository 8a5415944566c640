"""How old the data of sources was found to be: `dbt source freshness`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_catalog.model.masking import mask_text
from airflow_provider_catalog.model.statement import Claim, Content, Json, Statement
from airflow_provider_catalog.sources.checks import mapping, sequence
from airflow_provider_catalog.sources.dbt.places import Places
from airflow_provider_catalog.sources.timestamps import clamped, instant

FRESHNESS = "freshness"
_KEPT = ("status", "max_loaded_at", "snapshotted_at", "max_loaded_at_time_ago_in_s", "criteria", "error")


def freshness(places: Places, recorded_at: int) -> Iterator[Statement]:
    """Of each source, when it was looked at."""
    for i, stated in enumerate(sequence(places.document.get("freshness"), "/freshness")):
        entry = mapping(stated, f"/freshness/{i}")
        node = places.find(str(entry.get("unique_id")))
        dataset = places.dataset(node) if node else None
        if dataset is not None:
            at = entry.get("snapshotted_at") or places.document.get("generated_at")
            time = clamped(instant(at, f"/freshness/{i}/snapshotted_at").micros, recorded_at)
            said = [Claim.of(dataset, FRESHNESS, _found(entry))]
            yield Statement(places.producer, time, content=Content.of(said))


def _found(entry: Mapping[str, Any]) -> Json:
    found = {key: entry[key] for key in _KEPT if entry.get(key) not in (None, {})}
    return found | ({"error": mask_text(str(found["error"])[:1_000])} if "error" in found else {})
