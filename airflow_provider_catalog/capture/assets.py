"""Airflow assets as records."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from airflow_provider_catalog.capture.text import plain
from airflow_provider_catalog.model.identity import strip_secrets
from airflow_provider_catalog.model.record import AssetEventRecord, AssetRecord

_LIMIT = 1_000


def asset_records(things: Iterable[Any]) -> list[AssetRecord]:
    """Of those that have a URI; an alias is only a name for what comes later."""
    return _unique(asset_record(thing) for thing in _members(things) if getattr(thing, "uri", None))


def asset_record(asset: Any) -> AssetRecord:
    uri = strip_secrets(str(asset.uri))
    name, group = getattr(asset, "name", None), getattr(asset, "group", None)
    record: AssetRecord = {"uri": uri}
    if name and strip_secrets(str(name)) != uri:  # without a name of its own an asset is called by its URI
        record["name"] = plain(name)
    if group and str(group) != "asset":
        record["group"] = plain(group)
    return record


def seen(asset: Any) -> AssetEventRecord:
    """An asset of Airflow's own: it came to be, or somebody said that it has changed."""
    return {"asset": asset_record(asset), "time": time.time_ns() // 1000}


def event_records(accessors: Any) -> list[AssetRecord]:
    """The assets that events were added for while the task ran. Those behind an alias are only told here."""
    known = getattr(accessors, "_dict", None)
    events = [event for accessor in known.values() for event in _alias_events(accessor)] if known else []
    return _unique(asset_record(event.dest_asset_key) for event in events)


def _alias_events(accessor: Any) -> list[Any]:
    return list(getattr(accessor, "asset_alias_events", None) or ())


def _members(things: Iterable[Any]) -> Iterable[Any]:
    """`AssetAny` and `AssetAll` are made of others."""
    for thing in things:
        if hasattr(thing, "objects"):
            yield from _members(thing.objects)
        else:
            yield thing


def _unique(records: Iterable[AssetRecord]) -> list[AssetRecord]:
    found = {record["uri"]: record for record in records}
    return list(found.values())[:_LIMIT]
