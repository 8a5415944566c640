"""The way of a spool over HTTP: each record is stored, known or a dead letter, and the answer says which."""

from __future__ import annotations

import gzip
import json
import time
from base64 import b64encode
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.api.state import State
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.parcel import Receipt, from_json, parcels, to_json
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.api.conftest import As

TASK = Caller("token:task", frozenset({"ingest"}))
OURS = Caller("token:ours", frozenset({"ingest"}), namespaces=("prod", "s3://ours*"))
WORKER = Caller("token:worker", frozenset({"store"}))
URL = "/api/v1/envelopes"


@pytest.fixture
def task(as_: As) -> TestClient:
    return as_(TASK)


def sent(kind: str, payload: bytes = b"{}", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "payload": b64encode(payload).decode(), **more}


def ran(number: int, namespace: str = "prod", uri: str = "s3://ours/raw") -> bytes:
    """What a task captures."""
    return json.dumps(
        {
            "state": "success",
            "time": 1_700_000_000_000_000 + number,
            "namespace": namespace,
            "dag_id": "etl",
            "task_id": "load",
            "run_id": f"run-{number}",
            "try_number": 1,
            "map_index": -1,
            "date": "2024-01-01T00:00:00+00:00",
            "inlets": [{"uri": uri, "name": uri}],
        }
    ).encode()


def test_what_is_sent_is_in_the_log_with_who_sent_it(task: TestClient, store: SqlStore) -> None:
    before = time.time_ns() // 1000
    answer = task.post(URL, json=[sent("task", ran(1), producer="p", key="k"), sent("openlineage", b"\0\xff")])
    assert (answer.status_code, answer.json()) == (200, {"stored": 2, "duplicates": 0, "refused": []})
    first, second = sorted(store.pending(10), key=lambda envelope: envelope.kind, reverse=True)
    assert (first.kind, first.payload, first.producer, first.key, first.sender) == ("task", ran(1), "p", "k", TASK.name)
    assert (second.payload, second.sender) == (b"\0\xff", TASK.name)
    assert before <= first.recorded_at <= time.time_ns() // 1000


def test_the_numbers_are_exact(task: TestClient, store: SqlStore) -> None:
    task.post(URL, json=[sent("task", b"1"), sent("task", b"2")])
    answer = task.post(URL, json=[sent("task", b"2"), sent("task", b"3"), sent("task", b"3")])
    assert answer.json() == {"stored": 1, "duplicates": 2, "refused": []}
    assert store.status().accepted == 3


def test_nothing_is_fine_and_shows_that_the_token_is_taken(task: TestClient) -> None:
    assert task.post(URL, json=[]).json() == {"stored": 0, "duplicates": 0, "refused": []}


def test_a_parcel_may_be_packed(task: TestClient, store: SqlStore) -> None:
    body = gzip.compress(json.dumps([sent("task", b"x" * 100_000)]).encode())
    assert task.post(URL, content=body, headers={"Content-Encoding": "gzip"}).json()["stored"] == 1
    assert store.pending(1)[0].payload == b"x" * 100_000


def test_nothing_was_recorded_in_the_future_and_the_past_is_as_it_was(task: TestClient, store: SqlStore) -> None:
    task.post(URL, json=[sent("task", b"1", recorded_at=2**61), sent("task", b"2", recorded_at=7)])
    found = {envelope.payload: envelope.recorded_at for envelope in store.pending(10)}
    assert found[b"1"] <= time.time_ns() // 1000
    assert found[b"2"] == 7


def test_nobody_says_who_somebody_else_is_but_a_store(as_: As, store: SqlStore) -> None:
    as_(TASK).post(URL, json=[sent("task", b"1", sender="user:boss")])
    as_(WORKER).post(URL, json=[sent("task", b"2", sender="token:spark"), sent("task", b"3")])
    found = {envelope.payload: envelope.sender for envelope in store.pending(10)}
    assert found == {b"1": TASK.name, b"2": "token:spark", b"3": WORKER.name}


@pytest.mark.parametrize("rights", [set(), {"read", "write", "metrics"}])
def test_whoever_may_not_send_sends_nothing(as_: As, store: SqlStore, rights: set[Any]) -> None:
    answer = as_(Caller("user:x", frozenset(rights))).post(URL, json=[sent("task")])
    assert (answer.status_code, store.status().accepted) == (403, 0)


@pytest.mark.parametrize("kind", ["checkpoint", "statements"])
@pytest.mark.parametrize("who", [TASK, WORKER], ids=lambda who: who.name)
def test_what_a_store_makes_for_itself_never_comes_from_outside(
    as_: As, store: SqlStore, kind: str, who: Caller
) -> None:
    answer = as_(who).post(URL, json=[sent("task"), sent(kind)])
    assert (answer.status_code, store.status().accepted) == (422, 0)
    assert repr(kind) in answer.json()["detail"]


def test_edits_come_from_a_store_and_from_no_task(as_: As, store: SqlStore) -> None:
    assert as_(TASK).post(URL, json=[sent("edit")]).status_code == 403
    assert store.status().accepted == 0
    assert as_(WORKER).post(URL, json=[sent("edit")]).json()["stored"] == 1


def test_what_is_not_theirs_to_tell_is_a_dead_letter_and_holds_up_nothing(as_: As, store: SqlStore) -> None:
    parcel = [
        sent("task", ran(1)),
        sent("task", ran(2, namespace="other")),
        sent("task", ran(3, uri="s3://theirs/raw")),
        sent("openlineage", b"unreadable"),
        sent("no such kind"),
        sent("task", ran(4)),
    ]
    answer = as_(OURS).post(URL, json=parcel).json()
    assert (answer["stored"], answer["duplicates"]) == (2, 0)
    assert [each["index"] for each in answer["refused"]] == [1, 2, 3, 4]
    for each, reason in zip(answer["refused"], ["'other'", "'s3://theirs'", "not JSON", "no such kind"], strict=True):
        assert reason in each["reason"]
    assert [envelope.payload for envelope in store.pending(10)] in ([ran(1), ran(4)], [ran(4), ran(1)])
    letters = {letter.envelope.payload: letter for letter in store.dead_letters()}
    assert letters.keys() == {ran(2, namespace="other"), ran(3, uri="s3://theirs/raw"), b"unreadable", b"{}"}
    assert {letter.envelope.sender for letter in letters.values()} <= {OURS.name, ""}
    assert as_(OURS).post(URL, json=parcel).json() == {**answer, "stored": 0, "duplicates": 2}


def test_a_record_that_is_too_large_is_a_dead_letter_by_its_head(app: FastAPI, as_: As, url: str) -> None:
    app.state.catalog = state = State(Settings(store_url=url, max_event_mb=1, embedded_worker=False))
    answer = as_(TASK).post(URL, json=[sent("task", b"x" * 1_100_000), sent("task", b"y" * 1_000_000)]).json()
    assert (answer["stored"], [each["index"] for each in answer["refused"]]) == (1, [0])
    assert "1100000 bytes is over the limit of 1048576 bytes" in answer["refused"][0]["reason"]
    [letter] = state.store.dead_letters()
    assert (letter.id, letter.envelope.payload[:2]) == (Envelope("task", b"x" * 1_100_000).id, b"xx")


def test_a_parcel_is_no_larger_than_its_token_may_send(as_: As, store: SqlStore) -> None:
    small = as_(Caller("token:small", frozenset({"ingest"}), max_bytes=100))
    assert small.post(URL, json=[sent("task", b"x" * 100)]).status_code == 413
    assert small.post(URL, json=[sent("task", b"x")]).json()["stored"] == 1


@pytest.mark.parametrize(
    ("parcel", "detail"),
    [
        ({}, "/: expected a list of envelopes"),
        ([1], "/0: expected an object"),
        ([sent("task"), {"payload": ""}], "/1/kind: is missing"),
        ([{"kind": 3}], "/0/kind: expected a string"),
        ([{"kind": "task", "payload": "*"}], "/0/payload: expected base64"),
        ([{"kind": "task", "payload": "é"}], "/0/payload: expected base64"),
        ([{"kind": "task", "payload": None}], "/0/payload: expected a string"),
        ([sent("task", key=["k"])], "/0/key: expected a string"),
        ([sent("task", recorded_at="now")], "/0/recorded_at: expected microseconds since 1970"),
        ([sent("task", recorded_at=True)], "/0/recorded_at: expected microseconds since 1970"),
        ([sent("task", recorded_at=-1)], "/0/recorded_at: expected microseconds since 1970"),
        ([sent("task", recorded_at=2**64 - 1)], "/0/recorded_at: expected microseconds since 1970"),
    ],
)
def test_a_parcel_that_makes_no_sense_is_refused_with_its_place(
    task: TestClient, store: SqlStore, parcel: Any, detail: str
) -> None:
    answer = task.post(URL, json=parcel)
    assert (answer.status_code, answer.json()["detail"], store.status().accepted) == (422, detail, 0)


def test_keys_of_a_later_version_hold_up_nothing(task: TestClient) -> None:
    assert task.post(URL, json=[sent("task", colour="blue")]).json()["stored"] == 1


# -- parcels

ENVELOPES = st.lists(st.builds(Envelope, st.text(min_size=1), st.binary(), st.text(), st.integers(0, 2**61), st.text()))


@given(ENVELOPES)
def test_a_parcel_is_unpacked_as_it_was_packed(envelopes: list[Envelope]) -> None:
    assert from_json(json.loads(json.dumps(to_json(envelopes)))) == envelopes


def test_parcels_are_small_and_hold_everything_in_order() -> None:
    sizes = [1, 6_000_000, 3_000_000, 9_000_000, *[10] * 2_500]
    envelopes = [Envelope("task", b"%d" % number + b"x" * size) for number, size in enumerate(sizes)]
    found = [*parcels(envelopes)]
    assert [envelope for parcel in found for envelope in parcel] == envelopes
    assert [len(parcel) for parcel in found] == [2, 1, 1, 1_000, 1_000, 500]
    assert [*parcels([])] == []


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"stored": 1},
        {"stored": 1, "duplicates": 0, "refused": [{}]},
        {"stored": "x", "duplicates": 0, "refused": []},
        {"stored": 0, "duplicates": 0, "refused": []},
        {"stored": 2, "duplicates": 0, "refused": []},
    ],
)
def test_what_does_not_account_for_everything_is_no_receipt(document: Any) -> None:
    receipt = Receipt(0, 0, ((0, "why"),))
    assert Receipt.of(receipt.to_json(), 1) == receipt
    with pytest.raises(ValueError, match="receipt"):
        Receipt.of(document, 1)
