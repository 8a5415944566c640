"""Where a page ends, as a text that only we read: given back, the next page begins there."""

from __future__ import annotations

PATTERN = "^([0-7][0-9a-f]{15})?$"
"""Any other text is none of ours; the empty one is the beginning."""


def cursor(position: int | None) -> str | None:
    """None where there is no next page."""
    return None if position is None else f"{position:016x}"


def position(text: str) -> int:
    return int(text or "0", 16)
