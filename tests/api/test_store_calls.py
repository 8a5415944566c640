"""The store over HTTP, from the server's side: who may call what, and that nothing else can be called."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import QueuePool

from airflow_provider_catalog.api.routes.store import _Chunks
from airflow_provider_catalog.api.state import State
from airflow_provider_catalog.model.codec import statement_to_json
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.store.calls import CALLS
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.store.stream import Tables
from tests.api.conftest import ADMIN, As
from tests.services.world import World, job_id, table
from tests.store.saying import completed, lineage, say

WORKER = Caller("token:worker", frozenset({"store"}))
TASK = Caller("token:task", frozenset({"ingest"}))
READER = Caller("token:reader", frozenset({"read", "metrics"}))
SAID = statement_to_json(
    completed(5, lineage([table("a")], [table("b")]), details={"rows": 3, "sender": "token:other"})
)
NOT_CALLS = [
    "close",
    "apply",
    "accept",
    "tokens",
    "snapshot",
    "reading",
    "engine",
    "log",
    "__init__",
    "_cache",
    "remote",
]


@pytest.fixture
def worker(as_: As) -> TestClient:
    return as_(WORKER)


def call(client: TestClient, name: str, arguments: Any = None) -> Any:
    return client.post(f"/api/v1/store/{name}", json={} if arguments is None else arguments)


def changed(client: TestClient, **more: Any) -> Any:
    return client.post("/api/v1/changes", json={"statements": [SAID], **more})


def told(store: SqlStore) -> dict[str, Any]:
    found = store.run("run-5")
    assert found is not None
    return found[1][0].details


# -- calls


def test_a_call_answers_as_the_store_does(worker: TestClient, world: World, store: SqlStore) -> None:
    uid = table("orders").uid
    answer = call(worker, "walk", {"starts": [uid], "direction": "upstream"})
    assert (answer.status_code, answer.json()) == (200, [[[table("raw").uid, 1]], False])


def test_a_call_without_arguments_needs_no_body(worker: TestClient, world: World, store: SqlStore) -> None:
    assert worker.post("/api/v1/store/status").json() == list(store.status())


@pytest.mark.parametrize("who", [ADMIN, TASK, READER], ids=lambda who: who.name)
@pytest.mark.parametrize("path", ["changes", "store/dump", "store/status", "store/recompute_totals", "store/nothing"])
def test_whoever_lacks_the_right_to_the_store_has_none_of_it(as_: As, who: Caller, path: str) -> None:
    answer = as_(who).post(f"/api/v1/{path}", json={})
    assert answer.status_code == 403
    assert "a token needs the scope store" in answer.json()["detail"]


def test_whoever_sends_may_ask_what_has_been_read(as_: As, store: SqlStore) -> None:
    envelope = Envelope("task", b"{}")
    store.accept([envelope])
    asked = CALLS["unmerged"].write([envelope.id, b"unknown"])
    assert call(as_(TASK), "unmerged", asked).json() == CALLS["unmerged"].result.write([envelope.id])
    assert call(as_(READER), "unmerged", asked).status_code == 403


@pytest.mark.parametrize("name", NOT_CALLS)
def test_nothing_but_the_protocol_can_be_called(worker: TestClient, store: SqlStore, name: str) -> None:
    answer = call(worker, name)
    assert answer.status_code == 404
    assert f"no call of the store named {name!r}" in answer.json()["detail"]
    assert store.status().accepted == 0


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "/uids: is missing"),
        (b"{", "not JSON"),
        (b"[]", "/: expected an object, found a list"),
        (b'{"uids": [1, null]}', "/uids/1: expected a whole number of 64 bits, found null"),
        (b'{"uids": [], "connection": 1}', "/connection: entities takes uids"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_with_its_place(worker: TestClient, body: bytes, detail: str) -> None:
    answer = worker.post("/api/v1/store/entities", content=body)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]
    assert answer.json()["type"] == "urn:airflow-catalog:RejectedError"


def test_a_body_may_be_packed_and_not_be_larger_than_the_limit(as_: As) -> None:
    few = as_(Caller("token:few", frozenset({"store"}), max_bytes=1_000))
    packed = gzip.compress(json.dumps({"uids": [1] * 20}).encode())
    headers = {"Content-Encoding": "gzip"}
    assert few.post("/api/v1/store/entities", content=packed, headers=headers).json() == []
    bomb = gzip.compress(json.dumps({"uids": [1] * 2_000}).encode())
    assert len(bomb) < 1_000
    answer = few.post("/api/v1/store/entities", content=bomb, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:airflow-catalog:TooLargeError")


# -- changes


def test_changes_tell_who_sent_them_whatever_they_claim(worker: TestClient, store: SqlStore) -> None:
    assert changed(worker).json() == {"statements": 1, "duplicates": 0}
    assert told(store) == {"rows": 3, "sender": "token:worker"}
    assert changed(worker).json() == {"statements": 0, "duplicates": 1}


def test_changes_of_a_worker_are_as_it_read_them(worker: TestClient, store: SqlStore) -> None:
    assert changed(worker, as_stated=True).json() == {"statements": 1, "duplicates": 0}
    assert told(store) == {"rows": 3, "sender": "token:other"}


def test_changes_and_how_far_the_log_is_merged_are_one_step(worker: TestClient, store: SqlStore) -> None:
    letter = DeadLetter(Envelope("task", b"x"), "bad")
    store.accept([letter.envelope])
    seq, letters = store.pending(1)[0].seq, [[["task", "eA==", "", 0, "", 1, ""], "bad", ""]]
    broken = {**SAID, "time": "now"}
    answer = worker.post("/api/v1/changes", json={"statements": [SAID, broken], "merged_to": seq, "rejected": letters})
    assert (answer.status_code, answer.json()["detail"]) == (422, "/1/time: expected a whole number, found a string")
    assert (store.status().statements, store.status().pending) == (0, 1)
    assert changed(worker, merged_to=seq, rejected=letters).status_code == 200
    assert (store.status().statements, store.status().pending) == (1, 0)
    assert [each.id for each in store.dead_letters()] == [letter.id]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ([], "/: expected an object, found a list"),
        ({}, "/statements: is missing"),
        ({"statements": {}}, "/statements: expected a list"),
        ({"statements": [1]}, "/0: expected an object"),
        ({"statements": [{}]}, "/0/producer: is missing"),
        ({"statements": [], "merged_to": "1"}, "/merged_to: expected a whole number"),
        ({"statements": [], "rejected": [["x"]]}, "/rejected/0: expected 3 items, found 1"),
        ({"statements": [], "more": 1}, "/more: changes takes statements, merged_to, rejected, as_stated"),
    ],
)
@pytest.mark.parametrize("as_stated", [True, False])
def test_changes_that_make_no_sense_are_refused_with_their_place(
    worker: TestClient, store: SqlStore, body: Any, detail: str, as_stated: bool
) -> None:
    stated = {**body, "as_stated": as_stated} if isinstance(body, dict) else body
    answer = worker.post("/api/v1/changes", json=stated)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]


def test_changes_of_what_is_not_theirs_are_refused(as_: As, store: SqlStore) -> None:
    ours = as_(Caller("token:ours", frozenset({"store"}), namespaces=("airflow",)))
    answer = changed(ours)
    assert (answer.status_code, store.status().statements) == (403, 0)
    assert "postgres://db:5432" in answer.json()["detail"]


# -- the dump


def test_the_dump_is_the_stores(worker: TestClient, world: World, store: SqlStore) -> None:
    with worker.stream("POST", "/api/v1/store/dump") as answer:
        assert answer.headers["content-type"] == "application/x-ndjson"
        found = {name: list(rows) for name, rows in Tables(answer.iter_bytes())}
    assert found == {name: list(rows) for name, rows in store.dump()}
    assert {row[3] for row in found["entity"]} >= {table("orders").name, job_id("etl.load").name}


def test_a_client_that_goes_in_the_middle_leaves_nothing_open(app: FastAPI, store: SqlStore) -> None:
    say(store, completed(1, lineage([table(f"t{number}") for number in range(800)])))
    state: State = app.state.catalog

    async def half() -> int:
        chunks = _Chunks(state)
        lines = chunks.after(await chunks.next())
        await anext(lines)
        open_then = checked_out(state)
        await lines.aclose()
        return open_then

    assert asyncio.run(half()) == 1
    deadline = time.monotonic() + 10
    while checked_out(state) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert checked_out(state) == 0


def checked_out(state: State) -> int:
    pool = state.store.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()
