"""Reading again: the log, and dead letters."""

from __future__ import annotations

import json

from airflow_provider_catalog import sources
from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.services.identity import resolve
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.aliases import declare
from airflow_provider_catalog.worker.merge import Merger
from airflow_provider_catalog.worker.replay import replay, retry
from tests.worker.events import envelopes, line


def refuse(envelope: Envelope) -> Changes:
    raise RejectedError("the reader of yesterday does not know this")


def test_reading_the_log_again_changes_nothing(store: SqlStore) -> None:
    store.accept(envelopes(450))
    Merger(store).drain()
    before = list(map(str, store.dump()))
    done = replay(store)
    assert (done.envelopes, done.statements, done.duplicates) == (450, 0, 450)
    assert len(before) == len(list(store.dump()))


def test_a_better_reader_finds_what_an_older_one_did_not(store: SqlStore) -> None:
    store.accept(envelopes(3))
    Merger(store, read=lambda envelope: Changes()).drain()
    assert store.status().statements == 0
    assert replay(store).statements == 3


def test_only_what_was_recorded_in_between_is_read(store: SqlStore) -> None:
    for at in (10, 20, 30):
        store.accept([Envelope("openlineage", line(at), recorded_at=at)])
    assert replay(store, since=20).envelopes == 2
    assert replay(store, until=20).envelopes == 1
    assert replay(store, since=20, until=30).envelopes == 1


def test_dead_letters_that_can_be_read_now_are_merged_and_forgotten(store: SqlStore) -> None:
    store.accept([*envelopes(2), Envelope("openlineage", b"never")])
    Merger(store, read=refuse).drain()
    assert len(store.dead_letters()) == 3
    done = retry(store, store.dead_letters())
    assert (done.envelopes, done.statements, done.rejected) == (3, 2, 1)
    assert [letter.envelope.payload for letter in store.dead_letters()] == [b"never"]


def test_a_large_dead_letter_is_read_whole_from_the_log(store: SqlStore) -> None:
    payload = line(0, pad="x" * 200_000)
    store.accept([Envelope("openlineage", payload)])
    Merger(store, read=refuse).drain()
    assert len(store.dead_letters()[0].envelope.payload) < len(payload)
    assert retry(store, store.dead_letters(), read=sources.read).statements == 1
    assert store.dead_letters() == []


def test_aliases_of_the_settings_are_said_once_and_taken_back(store: SqlStore) -> None:
    store.accept(envelopes(1))
    store.accept(
        [
            Envelope(
                "openlineage", line(1, inputs=[{"namespace": "postgres://localhost:5432", "name": "shop.public.in0"}])
            )
        ]
    )
    aliases = {"postgres://localhost:5432": "postgres://db:5432"}
    assert declare(store, aliases)
    Merger(store).drain()
    assert resolve(store, "postgres://localhost:5432/shop.public.in0").canonical.namespace == "postgres://db:5432"
    assert not declare(store, aliases)
    assert declare(store, {})
    Merger(store).drain()
    assert (
        resolve(store, "postgres://localhost:5432/shop.public.in0").canonical.namespace == "postgres://localhost:5432"
    )


def test_what_its_sender_may_not_say_is_taken_only_when_that_is_decided(store: SqlStore) -> None:
    refused = Envelope("openlineage", line(0), recorded_at=10, sender="token:theirs")
    store.apply(Changes(), rejected=[DeadLetter(refused, "token:theirs may not speak of shop")])
    assert retry(store, store.dead_letters()).envelopes == 0
    assert [letter.envelope.sender for letter in store.dead_letters()] == ["token:theirs"]
    assert retry(store, store.dead_letters(), refused=True).statements == 1
    assert store.dead_letters() == []
    found = store.run(json.loads(line(0))["run"]["runId"])
    assert found is not None
    assert found[1][0].details["sender"] == "token:theirs"
