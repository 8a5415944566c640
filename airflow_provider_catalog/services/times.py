"""Moments as people and programs write them. Inside the catalog a moment is microseconds since 1970, UTC."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_AGO = re.compile(r"(\d+)\s*(s|m|h|d|w)(?:\s+ago)?", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = -62_135_596_800_000_000
"""The first moment of the year 1, before which dates cannot be written."""
_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def now() -> int:
    return time.time_ns() // 1000


@lru_cache(maxsize=16_384)
def iso(moment: int) -> str:
    """`2025-02-04T10:00:00Z`, with fractions only where there are some."""
    return (_EPOCH + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")


def maybe_iso(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)


def parse(text: str, at: int | None = None) -> int:
    """A date, a date and time (UTC unless it says so), or how long ago: `2025-02-04`, `2025-02-04T10:00Z`, `3d`."""
    if found := _AGO.fullmatch(text.strip()):
        moment = (now() if at is None else at) - _span(int(found[1]), found[2].lower())
        if moment < _FIRST:
            raise ValueError(f"{text.strip()} is longer ago than time goes back")
        return moment
    try:
        stated = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no time: write 2025-02-04, 2025-02-04T10:00Z or how long ago, as 3d") from None
    return ((stated if stated.tzinfo else stated.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def _span(count: int, unit: str) -> int:
    try:
        return timedelta(**{_UNITS[unit]: count}) // _MICROSECOND
    except OverflowError:
        raise ValueError(f"{count}{unit} is longer ago than time goes back") from None


def duration(microseconds: int) -> str:
    """The two largest units: `2 h 5 min`."""
    left = max(0, microseconds) // 1_000_000
    parts: list[str] = []
    for seconds, unit in _STEPS:
        count, left = divmod(left, seconds)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
