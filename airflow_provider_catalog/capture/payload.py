"""A record as the bytes that go into the spool, no larger than it may be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LIMIT = 1_000_000


def encoded(record: Mapping[str, Any], limit: int = LIMIT) -> bytes:
    """What is too large loses the last items of its longest lists, and says so."""
    payload = _dump(record)
    while len(payload) > limit:
        record = _shorter(record)
        payload = _dump(record)
    return payload


def _shorter(record: Mapping[str, Any]) -> dict[str, Any]:
    """Half of the largest list or object; a text that is too large goes altogether."""
    sizes = {key: len(_dump(value)) for key, value in record.items() if key != "incomplete"}
    largest = max(sizes, key=sizes.__getitem__)
    value = record[largest]
    note = f"{largest}: {sizes[largest]} bytes are more than a record may have, so not all of it is here"
    items = list(value.items()) if isinstance(value, Mapping) else value
    kept = items[: len(items) // 2] if isinstance(items, list) else None
    notes = [*(each for each in record.get("incomplete", []) if not each.startswith(f"{largest}: ")), note]
    rest = {key: each for key, each in record.items() if key != largest} | {"incomplete": notes}
    return rest | ({largest: dict(kept) if isinstance(value, Mapping) else kept} if kept else {})


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), default=lambda other: f"<{type(other).__name__}>").encode()
