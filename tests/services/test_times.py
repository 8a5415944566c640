"""Moments as people write them."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.services.times import duration, iso, parse

NOW = parse("2025-02-04T10:00:00Z")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2025-02-04", "2025-02-04T00:00:00Z"),
        ("2025-02-04T10:00Z", "2025-02-04T10:00:00Z"),
        ("2025-02-04T10:00", "2025-02-04T10:00:00Z"),
        ("2025-02-04T10:00:00.5+02:00", "2025-02-04T08:00:00.500000Z"),
        ("3d", "2025-02-01T10:00:00Z"),
        ("90m ago", "2025-02-04T08:30:00Z"),
        ("1W", "2025-01-28T10:00:00Z"),
    ],
)
def test_a_time_is_a_date_or_how_long_ago(text: str, meant: str) -> None:
    assert iso(parse(text, NOW)) == meant


@pytest.mark.parametrize("text", ["", "yesterday", "3x", "2025-13-01", "99999999999999999999d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no time|longer ago"):
        parse(text, NOW)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7_500, "2 h 5 min"), (90_000, "1 d 1 h"), (-5, "0 s")],
)
def test_durations_are_said_with_their_two_largest_units(seconds: int, said: str) -> None:
    assert duration(seconds * 1_000_000) == said
