"""Retention lets go of repetitions only: history, and what the log derives, stay what they were."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from airflow_provider_catalog.model.codec import statement_to_json
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.packing import unpack
from airflow_provider_catalog.store.sql.rebuild import rebuild
from airflow_provider_catalog.store.sql.retention import retain
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.store.histories import LONG_AGO, accept, dump_of, history, long_history, merge


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_database(store_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(8))
def test_history_and_what_the_log_derives_are_the_same_after_retention(store: SqlStore, seed: int) -> None:
    told = long_history(seed)
    cut = random.Random(seed).randrange(len(told))
    accept(store, told[:cut], LONG_AGO)
    accept(store, told[cut:], time.time_ns() // 1000)
    merge(store, [1, 7, 50][seed % 3])
    before = dump_of(store)

    assert rebuild(store, read).equal
    retain(store, days=1)

    after = dump_of(store)
    assert {name: rows for name, rows in after.items() if name not in {"statement", "run"}} == {
        name: rows for name, rows in before.items() if name not in {"statement", "run"}
    }
    assert rebuild(store, read).equal


@pytest.mark.parametrize("seed", range(4))
def test_late_statements_after_retention_are_derived_from_the_log_too(store: SqlStore, seed: int) -> None:
    accept(store, long_history(seed), LONG_AGO)
    merge(store, 50)
    retain(store, days=1)
    accept(store, history(seed + 1_000, 10), LONG_AGO)
    merge(store, 3)

    retain(store, days=1)

    assert rebuild(store, read).equal


def test_runs_that_repeat_go_and_their_envelopes_become_a_checkpoint(store: SqlStore) -> None:
    told = long_history(1)
    accept(store, told, LONG_AGO)
    merge(store, 50)

    retained = retain(store, days=1)

    assert retained.statements > 0
    assert retained.runs > 0
    assert {envelope.kind for envelope in store.envelopes()} == {"checkpoint"}
    assert store.pending(10) == []


def test_what_was_recorded_lately_stays_as_it_came(store: SqlStore) -> None:
    accept(store, long_history(1), time.time_ns() // 1000)
    merge(store, 50)

    assert retain(store, days=1) == (0, 0, 0)


def test_a_second_pass_has_nothing_left_to_do(store: SqlStore) -> None:
    accept(store, long_history(2), LONG_AGO)
    merge(store, 50)
    retain(store, days=1)

    assert retain(store, days=1) == (0, 0, 0)


def test_what_was_not_merged_yet_is_not_pruned(store: SqlStore) -> None:
    told = long_history(3)
    accept(store, told, LONG_AGO)

    retain(store, days=1)

    assert store.status().pending == len({s.id for s in told})


def test_a_rebuild_replaces_a_store_that_was_tampered_with(store: SqlStore) -> None:
    accept(store, history(5, 60), LONG_AGO)
    merge(store, 50)
    right = dump_of(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM catalog_fact")
        connection.exec_driver_sql("UPDATE catalog_entity SET name = 'wrong'")

    difference = rebuild(store, read, apply=True)

    assert not difference.equal
    assert dump_of(store) == right
    assert rebuild(store, read).equal


def test_who_sent_what_is_known_after_retention_too(store: SqlStore) -> None:
    """Of raw envelopes that stay, and of those whose statements stay in a checkpoint."""
    payloads = [json.dumps([statement_to_json(statement)]).encode() for statement in long_history(1)]
    edit = json.dumps(
        {"actor": "ann", "time": 1, "claims": [[["dataset", "s3://b", "k"], "existence", False]]}
    ).encode()
    store.accept([Envelope("statements", payload, "", LONG_AGO, sender="token:spark") for payload in payloads])
    store.accept([Envelope("edit", edit, "ann", LONG_AGO, sender="user:ann")])
    merge(store, 50)

    assert retain(store, days=1).envelopes > 0

    assert {(envelope.kind, envelope.sender) for envelope in store.envelopes()} == {
        ("checkpoint", ""),
        ("edit", "user:ann"),
    }
    assert rebuild(store, read, apply=True).equal
    with store.reading() as connection:
        details = [json.loads(unpack(row[0])) for row in connection.execute(sa.select(tables.statement.c.details))]
    assert {each["sender"] for each in details} == {"token:spark", "user:ann"}


def test_what_retention_has_put_away_is_merged(store: SqlStore) -> None:
    told = long_history(1)
    accept(store, told, LONG_AGO)
    ids = [envelope.id for envelope in store.envelopes()]
    assert store.unmerged(ids) == set(ids)
    merge(store, 50)
    retain(store, days=1)

    assert store.unmerged(ids) == set()
