"""What a check of an event says at its door is what reading it says later on."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog import sources
from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(path for path in (GOLDEN / "openlineage").glob("*.json") if not path.name.endswith(".expected.json"))
DEEP: list[Any] = reduce(lambda inner, _: [inner], range(600), [])
ODD: list[Any] = [None, 0, -1, True, 1e300, "", "None", "x" * 3_000, [], [None], {}, {"name": ""}, "\u0000", DEEP]


def rejects(call: Any, payload: bytes) -> bool:
    try:
        call(Envelope("openlineage", payload, recorded_at=1_750_000_000_000_000, sender="token:t"))
    except RejectedError:
        return True
    return False


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def events(path: Path) -> list[dict[str, Any]]:
    stated: list[dict[str, Any]] = json.loads(path.read_bytes())["events"]
    return stated


def spoiled(event: Any, chance: random.Random) -> bytes:
    """With something odd in one place."""
    event = deepcopy(event)
    *way, last = chance.choice(list(places(event)))
    reduce(lambda inner, key: inner[key], way, event)[last] = chance.choice(ODD)
    return json.dumps(event).encode()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_event_is_refused_at_the_door_if_and_only_if_it_cannot_be_read(path: Path) -> None:
    chance = random.Random(path.stem)
    for event in events(path):
        whole = json.dumps(event).encode()
        assert not rejects(sources.check, whole)
        assert rejects(sources.check, whole[:-2])
        assert_one_answer([spoiled(event, chance) for _ in range(60)])


def assert_one_answer(payloads: list[bytes]) -> None:
    for payload in payloads:
        assert rejects(sources.check, payload) == rejects(sources.read, payload), payload[:2_000]


def test_spoiled_events_are_of_both_kinds() -> None:
    chance = random.Random(1)
    found = [rejects(sources.read, spoiled(event, chance)) for path in FILES * 5 for event in events(path)]
    assert 0.02 < sum(found) / len(found) < 0.9


def test_what_has_no_quick_check_is_read() -> None:
    with pytest.raises(RejectedError, match="nobody reads"):
        sources.check(Envelope("unheard-of", b"{}"))
    with pytest.raises(RejectedError, match="dataset_id"):
        sources.check(Envelope("register", b"{}"))
