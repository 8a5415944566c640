"""What is sent: durable when it is answered, refused with a reason, and never half of it."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from airflow_provider_catalog.api.schemas.ingest import Acceptance, BatchAcceptance, RegistrationAnswer
from airflow_provider_catalog.errors import StoreUnavailable
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.store.protocol import Accepted
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.merge import Merger
from benchmarks import events
from tests.api.conftest import As

SENDER = Caller("token:ci", frozenset({"ingest"}))
LEGACY = Path(__file__).parents[1] / "golden" / "openlineage" / "legacy_airflow_1_41.json"


@pytest.fixture
def sender(as_: As) -> TestClient:
    return as_(SENDER)


@contextmanager
def worker(store: SqlStore) -> Iterator[None]:
    """Beside the API, as there is one in Airflow's server."""
    stop = threading.Event()
    thread = threading.Thread(target=Merger(store).follow, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def event(number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(list(events.run(events.job(number), 0))[1])
    return found


def test_an_event_is_in_the_log_as_it_came_when_it_is_answered(sender: TestClient, store: SqlStore) -> None:
    payload = b'  {"eventTime": "2025-02-04T10:00:00Z",' + json.dumps(event()).encode().strip()[1:]
    answer = sender.post("/api/v1/lineage", content=payload)
    assert answer.status_code == 201
    found = store.envelope(bytes.fromhex(Acceptance.model_validate(answer.json()).id))
    assert found is not None
    assert (found.kind, found.payload, found.sender) == ("openlineage", payload, "token:ci")


def test_the_same_event_sent_again_is_there_once(sender: TestClient, store: SqlStore) -> None:
    answers = [sender.post("/api/v1/lineage", json=event()).json() for _ in range(3)]
    assert len({answer["id"] for answer in answers}) == 1
    assert store.status().accepted == 1


def test_what_is_waited_for_is_in_the_next_answer(sender: TestClient, client: TestClient, store: SqlStore) -> None:
    with worker(store):
        answer = sender.post("/api/v1/lineage?wait=20", json=event())
    assert answer.json()["status"] == "merged"
    assert store.entities([events_dataset()])


def events_dataset() -> int:
    from airflow_provider_catalog.model.identity import DatasetId

    return DatasetId(events.NAMESPACE, events.job(0).output).uid


def test_without_a_worker_waiting_ends_and_says_so(sender: TestClient) -> None:
    assert sender.post("/api/v1/lineage?wait=0.1", json=event()).json()["status"] == "accepted"


def test_a_packed_event_is_kept_unpacked(sender: TestClient, store: SqlStore) -> None:
    payload = json.dumps(event()).encode()
    answer = sender.post("/api/v1/lineage", content=gzip.compress(payload), headers={"Content-Encoding": "gzip"})
    found = store.envelope(bytes.fromhex(answer.json()["id"]))
    assert found is not None
    assert found.payload == payload


def test_events_of_the_retired_airflow_package_are_accepted(sender: TestClient, store: SqlStore) -> None:
    for each in json.loads(LEGACY.read_text())["events"]:
        assert sender.post("/api/v1/lineage", json=each).status_code == 201
    Merger(store).drain()
    assert not store.dead_letters()


@pytest.mark.parametrize(
    ("content", "headers", "status", "says"),
    [
        (b"", {}, 422, "not JSON"),
        (b"{", {}, 422, "not JSON"),
        (b"[]", {}, 422, "expected an object"),
        (b"null", {}, 422, "expected an object"),
        (b"{}", {}, 422, "eventTime"),
        (b'{"eventTime": "yesterday"}', {}, 422, "eventTime"),
        (b"\xff\xfe", {}, 422, "not JSON"),
        (b"[" * 100_000, {}, 422, "not JSON"),
        (b"{}", {"Content-Encoding": "br"}, 422, "send gzip"),
        (b"{}", {"Content-Encoding": "gzip"}, 422, "not what its Content-Encoding says"),
        (gzip.compress(b"{}", mtime=0)[:-4], {"Content-Encoding": "gzip"}, 422, "cut off"),
        (gzip.compress(b"{}", mtime=0) * 2, {"Content-Encoding": "gzip"}, 422, "followed by something else"),
        (gzip.compress(b" " * (17 << 20), mtime=0), {"Content-Encoding": "gzip"}, 413, "max_event_mb"),
        (b" " * (17 << 20), {}, 413, "max_event_mb"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do_and_leaves_nothing(
    sender: TestClient, store: SqlStore, content: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    answer = sender.post("/api/v1/lineage", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert says in answer.json()["detail"]
    assert store.status().accepted == 0


def test_a_stream_of_unknown_length_is_cut_at_the_limit(sender: TestClient) -> None:
    answer = sender.post("/api/v1/lineage", content=(b" " * (1 << 20) for _ in range(64)))
    assert answer.status_code == 413


def test_a_token_may_be_held_to_less(as_: As) -> None:
    small = as_(Caller("token:small", frozenset({"ingest"}), max_bytes=1_000))
    answer = small.post("/api/v1/lineage", json=event())
    assert answer.status_code == 413
    assert "1000" in answer.json()["detail"]


def test_who_may_speak_of_some_namespaces_is_refused_the_others(as_: As, store: SqlStore) -> None:
    mine = as_(Caller("token:mine", frozenset({"ingest"}), namespaces=(events.JOBS, "postgres://warehouse*")))
    theirs = as_(Caller("token:theirs", frozenset({"ingest"}), namespaces=("somewhere",)))
    refused = theirs.post("/api/v1/lineage", json=event())
    assert refused.status_code == 403
    assert events.JOBS in refused.json()["detail"] or events.NAMESPACE in refused.json()["detail"]
    assert store.status().accepted == 0
    mine = as_(Caller("token:mine", frozenset({"ingest"}), namespaces=(events.JOBS, "postgres://warehouse*")))
    assert mine.post("/api/v1/lineage", json=event()).status_code == 201


def test_a_batch_is_accepted_but_for_what_cannot_be_read(sender: TestClient, store: SqlStore) -> None:
    answer = sender.post("/api/v1/lineage/batch", json=[event(0), {}, event(1), 7])
    told = BatchAcceptance.model_validate(answer.json())
    assert (answer.status_code, told.status) == (207, "partial_success")
    assert (told.summary.received, told.summary.successful, told.summary.failed) == (4, 2, 2)
    assert [failed.index for failed in told.failed_events] == [1, 3]
    assert "eventTime" in told.failed_events[0].reason
    assert store.status().accepted == 2


@pytest.mark.parametrize(("sent", "status"), [([], 200), ([event()], 200), ({"events": [event()]}, 200), ([{}], 422)])
def test_a_batch_says_how_it_went(sender: TestClient, sent: object, status: int) -> None:
    assert sender.post("/api/v1/lineage/batch", json=sent).status_code == status


@pytest.mark.parametrize("sent", [b"{}", b"7", b"{", json.dumps([{}] * 10_001).encode()])
def test_what_is_no_batch_is_refused(sender: TestClient, sent: bytes) -> None:
    answer = sender.post("/api/v1/lineage/batch", content=sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


REGISTERED = {
    "dataset_id": "snowflake://prod/analytics/new_table",
    "name": "new_table",
    "type": "table",
    "platform": "snowflake",
    "database": "analytics",
    "schema": "public",
    "description": "Newly created table for analytics",
    "owner": "data-team@company.com",
    "tags": ["analytics", "production"],
    "columns": [{"name": "id", "type": "BIGINT", "nullable": False, "primary_key": True, "description": "Primary key"}],
    "upstream_datasets": ["snowflake://prod/raw/source_table"],
    "transformation": {"job_id": "dbt.new_table_model", "sql": "SELECT id FROM source_table"},
}


def test_a_registration_says_which_version_it_is_and_that_it_can_be_found(sender: TestClient, store: SqlStore) -> None:
    with worker(store):
        first = sender.post("/api/v1/metadata/register", json=REGISTERED)
        wider = {**REGISTERED, "columns": [{"name": "id", "type": "BIGINT"}, {"name": "at", "type": "DATE"}]}
        second = sender.post("/api/v1/metadata/register", json=wider)
    told = RegistrationAnswer.model_validate(first.json())
    assert (first.status_code, told.status, told.version, told.indexed) == (201, "registered", 1, True)
    again = RegistrationAnswer.model_validate(second.json())
    assert (again.version, again.created_at) == (2, told.created_at)


def test_a_registration_that_is_not_merged_yet_says_so(sender: TestClient) -> None:
    answer = sender.post("/api/v1/metadata/register?wait=0", json=REGISTERED)
    assert answer.status_code == 202
    assert RegistrationAnswer.model_validate(answer.json()).status == "accepted"


def test_a_registration_is_said_by_who_sends_it_unless_it_names_a_producer(sender: TestClient, store: SqlStore) -> None:
    with worker(store):
        told = sender.post("/api/v1/metadata/register", json=REGISTERED).json()
    from airflow_provider_catalog.services.identity import find_dataset

    facts = store.facts([find_dataset(store, told["dataset_id"]).uid])
    assert {fact.producer for fact in facts if fact.aspect == "ownership"} == {"token:ci"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dataset_id": None}, "/dataset_id"),
        ({"dataset_id": "no id"}, "/dataset_id"),
        ({"columns": [{}]}, "/columns/0/name"),
        ({"producer": "human"}, "/producer"),
    ],
)
def test_a_registration_that_cannot_be_read_is_refused(
    sender: TestClient, store: SqlStore, change: dict[str, Any], says: str
) -> None:
    answer = sender.post("/api/v1/metadata/register", json={**REGISTERED, **change})
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert store.status().accepted == 0


def test_a_store_that_is_away_is_told_of_and_found_when_it_is_back(
    sender: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    assert sender.post("/api/v1/lineage", json=event()).status_code == 201
    with monkeypatch.context() as patched:
        patched.setattr(app.state.catalog.store, "accept", away)
        answer = sender.post("/api/v1/lineage", json=event(1))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "the disk is full" in answer.json()["detail"]
    assert sender.post("/api/v1/lineage", json=event(1)).status_code == 201


def test_many_at_once_are_written_together(
    app: FastAPI, sender: TestClient, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sender.post("/api/v1/lineage", json=event()).status_code == 201
    log = app.state.catalog.store.log
    commits: list[int] = []

    def counted(sent: Sequence[Envelope], append: Callable[..., Accepted] = log.append) -> Accepted:
        commits.append(len(sent))
        return append(sent)

    monkeypatch.setattr(log, "append", counted)
    threads = [
        threading.Thread(target=sender.post, args=("/api/v1/lineage",), kwargs={"json": event(number)})
        for number in range(1, 33)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(commits) == 32
    assert len(commits) < 32
    assert store.status().accepted == 33
