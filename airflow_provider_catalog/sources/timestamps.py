"""Times as producers write them, in microseconds since 1970, UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.sources.checks import shape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
_AHEAD = 300_000_000
_MICROSECOND = timedelta(microseconds=1)
_ZONE_NAME = re.compile(r"(?i)\s*(?:\[[\w/+-]+\]|UTC|GMT)$")


class Instant(NamedTuple):
    """A time, and whether it came without an offset: UTC is meant then."""

    micros: int
    naive: bool = False


def instant(value: Any, path: str) -> Instant:
    """ISO 8601 in any form, or microseconds as a number."""
    if type(value) is int and _EARLIEST <= value <= _LATEST:
        return Instant(value)
    if type(value) is not str:
        raise RejectedError(f"{path}: expected an ISO 8601 time, found {shape(value)}")
    try:
        return _iso(value)
    except (ValueError, OverflowError) as error:
        raise RejectedError(f"{path}: not an ISO 8601 time: {error}") from error


def clamped(micros: int, recorded_at: int) -> int:
    """A clock may run ahead of ours by five minutes; later is taken for now."""
    return recorded_at if recorded_at and micros > recorded_at + _AHEAD else micros


@lru_cache(maxsize=1024)
def _iso(text: str) -> Instant:
    """Remembered: all tasks of a DAG run have one nominal time."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = datetime.fromisoformat(_plain(text))
    naive = when.tzinfo is None
    return Instant(((when.replace(tzinfo=UTC) if naive else when) - _EPOCH) // _MICROSECOND, naive)


def _plain(text: str) -> str:
    """`2024-01-01t00:00:00z`, Java's `+01:00[Europe/Paris]`, and ` UTC` after it all."""
    plain = text.strip()[:100].upper()
    named = _ZONE_NAME.search(plain)
    if not named:
        return plain
    rest = plain[: named.start()]
    return f"{rest}Z" if named[0].strip()[0] != "[" else rest
