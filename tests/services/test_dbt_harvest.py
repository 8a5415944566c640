"""Documents of the macros, from rows and lines into the log of a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.services.dbt_harvest import harvest_log, harvest_rows, is_whole
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store

RUN = "8f1c2c4e-3c0a-4b43-9a60-0f7d2a9f6f01"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'catalog.db'}")) as store:
        yield store


def document(number: int) -> str:
    return json.dumps({"format": 1, "project": "shop", "results": [], "groups": {}, "gone": [{"part": number}]})


def row(part: int, parts: int, piece: int, pieces: int, payload: str) -> dict[str, Any]:
    numbers = {"part": part, "parts": parts, "piece": piece, "pieces": pieces}
    return {"format": 1, "invocation_id": RUN, "created_at": "2026-01-01T00:00:00Z", "payload": payload, **numbers}


def halves(part: int, parts: int) -> list[dict[str, Any]]:
    text = document(part)
    return [row(part, parts, 1, 2, text[:20]), row(part, parts, 2, 2, text[20:])]


def test_rows_become_documents_of_the_project_and_again_they_are_no_more(store: Store) -> None:
    rows = [*halves(2, 2), *halves(1, 2)]
    assert harvest_rows(store, rows) == 2
    assert harvest_rows(store, reversed(rows)) == 2
    kept = store.envelopes()
    assert [(each.kind, each.producer) for each in kept] == [("dbt", "dbt:shop")] * 2
    assert sorted(json.loads(each.payload)["gone"][0]["part"] for each in kept) == [1, 2]


def test_of_many_documents_none_is_left(store: Store) -> None:
    assert harvest_rows(store, [each for part in range(1, 121) for each in halves(part, 120)]) == 120
    assert len(store.envelopes()) == 120


def test_lines_of_a_log_become_documents_between_others(store: Store) -> None:
    lines = [
        "Running with dbt",
        *(f"12:00:01  airflow_catalog: {json.dumps(each)}" for each in halves(1, 1)),
        "airflow_catalog: {not one",
        "Done.",
    ]
    assert harvest_log(store, lines) == 1
    assert len(store.envelopes()) == 1


@pytest.mark.parametrize(
    ("rows", "whole"),
    [
        ([], False),
        (halves(1, 1), True),
        ([*halves(2, 2), *halves(1, 2)], True),
        ([*halves(1, 2)], False),
        ([halves(1, 1)[0]], False),
        ([halves(1, 2)[0], *halves(2, 2)], False),
        ([*halves(1, 1), *halves(1, 1)], True),
        ([{"part": "one"}], False),
        ([{"part": None, "parts": 1, "piece": 1, "pieces": 1}], False),
    ],
)
def test_an_invocation_is_whole_with_every_piece_of_every_part(rows: list[dict[str, Any]], whole: bool) -> None:
    assert is_whole(rows) is whole
