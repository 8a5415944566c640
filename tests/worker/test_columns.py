"""SQL is read again when the columns of its tables become known: cases are data, in tests/golden/sql/again.

Each case says one thing after the other, and what is known of columns in the end. Edges that only the second reading
found are marked with a star.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path

import pytest

from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.columns import PRODUCER
from airflow_provider_catalog.store.sql.rebuild import rebuild
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.columns import Columns
from airflow_provider_catalog.worker.merge import Merger
from airflow_provider_catalog.worker.publish import Publisher
from tests.worker.saying import envelope

GOLDEN = Path(__file__).parents[1] / "golden" / "sql" / "again"
CASES = {path.stem: json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))}


def work(store: SqlStore) -> int:
    """How many envelopes the reading role made until it had nothing more to say."""
    made = 0
    Merger(store).drain()
    while Publisher(store, Columns()).once().published and (merged := Merger(store).drain()).envelopes:
        made += merged.envelopes
    return made


def known(store: SqlStore) -> list[str]:
    """Edges of columns, with a star where nobody tells of them but we."""
    named = {entity.uid: entity.name for entity in store.scan("dataset")}
    columns = {each.uid: f"{named[each.dataset]}#{each.name}" for each in store.columns_of(named)}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for edge in store.neighbours(columns, "upstream", level="column"):
        text = f": {edge.transformation}" if edge.transformation else ""
        kind = edge.kind.name.lower() if edge.kind else ""
        found[f"{columns[edge.target]} <- {columns[edge.source]} ({kind}){text}"].add(edge.producer)
    return sorted(f"{edge}{' *' * (by == {PRODUCER})}" for edge, by in found.items())


@pytest.mark.parametrize("name", CASES)
def test_what_is_known_of_columns_in_the_end_is_what_the_golden_files_say(store: SqlStore, name: str) -> None:
    case = CASES[name]
    for number, said in enumerate(case["said"]):
        store.accept([envelope(said, number)])
        work(store)
    assert known(store) == sorted(case["columns"])


@pytest.mark.parametrize("name", CASES)
def test_it_does_not_matter_how_much_came_before_it_was_read_again(store: SqlStore, name: str) -> None:
    case = CASES[name]
    said = [envelope(each, number) for number, each in enumerate(case["said"])]
    random.Random(name).shuffle(said)
    store.accept(said)
    work(store)
    assert known(store) == sorted(case["columns"])


@pytest.mark.parametrize("name", CASES)
def test_a_rebuild_from_the_log_gives_the_same(store: SqlStore, name: str) -> None:
    for number, said in enumerate(CASES[name]["said"]):
        store.accept([envelope(said, number)])
        work(store)
    assert rebuild(store, read).equal


@pytest.mark.parametrize("name", CASES)
def test_nothing_new_is_read_when_everything_is_said_again(store: SqlStore, name: str) -> None:
    case = CASES[name]["said"]
    store.accept([envelope(said, number) for number, said in enumerate(case)])
    work(store)
    before = known(store)
    store.accept([envelope(said, number + len(case)) for number, said in enumerate(case)])
    work(store)
    settled = store.status().statements
    store.outbox.forget(PRODUCER)
    assert (work(store), store.status().statements, known(store)) == (0, settled, before)
