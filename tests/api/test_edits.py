"""Editing over HTTP: said, waited for, listed, taken back; and what could not be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.merge import Merger
from tests.api.conftest import As
from tests.services.world import World

EDITS, LETTERS = "/api/v1/edits", "/api/v1/dead-letters"
ORDERS = {"dataset": "orders"}
BOB = Caller("user:bob", frozenset({"read", "write"}))


@pytest.fixture
def worker(url: str, world: World) -> Iterator[None]:
    """Merges what comes in, as the one beside the server does."""
    stop, store = threading.Event(), open_store(url)

    def work() -> None:
        while not stop.wait(0.01):
            Merger(store).drain()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()
    store.close()


def say(client: TestClient, **edit: Any) -> str:
    answer = client.post(EDITS, json={"subject": ORDERS, **edit})
    assert (answer.status_code, answer.json()["status"]) == (200, "applied"), answer.text
    found: str = answer.json()["id"]
    return found


def said(client: TestClient, **of: str) -> list[dict[str, Any]]:
    answer = client.get(EDITS, params=of)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["edits"]
    return found


@pytest.mark.usefixtures("worker")
def test_an_edit_is_answered_when_the_catalog_has_it(client: TestClient) -> None:
    edit_id = say(client, description="all orders", owners=["ann"], tags={"pii": "high", "draft": None}, reason="asked")
    (found,) = said(client, **ORDERS)
    assert (found["id"], found["actor"], found["reason"], found["undoes"]) == (edit_id, "admin", "asked", None)
    assert {(each["aspect"], str(each["value"])) for each in found["said"]} == {
        ("documentation", "{'description': 'all orders'}"),
        ("ownership", "{'owners': [{'name': 'ann', 'type': 'OWNER'}]}"),
        ("tag:pii", "{'key': 'pii', 'value': 'high'}"),
        ("tag:draft", "{'removed': True}"),
    }


@pytest.mark.usefixtures("worker")
def test_columns_and_jobs_are_edited_too(client: TestClient) -> None:
    say(client, subject={"dataset": "orders", "column": "email"}, tags={"pii": ""})
    say(client, subject={"job": "etl.load"}, description="loads")
    assert said(client, dataset="orders", column="email")[0]["said"][0]["subject"]["column"] == "email"
    assert said(client, job="etl.load")[0]["said"][0]["subject"] == {
        "kind": "job",
        "id": "prod/etl.load",
        "column": None,
    }
    assert [each["actor"] for each in said(client)] == ["admin", "admin"]
    assert len(said(client, limit="1")) == 1


@pytest.mark.usefixtures("worker")
def test_a_merge_and_a_split_are_said_and_undone(client: TestClient, store: SqlStore) -> None:
    raw, orders = (store.find(name)[0] for name in ("raw", "orders"))
    merged = say(client, subject={"dataset": "raw"}, merge_into="orders")
    assert len(store.members(orders.node)) == 2
    assert client.post(f"{EDITS}/{merged}/undo").json()["status"] == "applied"
    assert [each.uid for each in store.members(raw.uid)] == [raw.uid]
    say(client, subject={"dataset": "raw"}, split_from="orders")
    assert [rule.same for rule in store.alias_rules([raw.uid])] == [False]


def test_without_a_worker_an_edit_is_accepted(client: TestClient, world: World, store: SqlStore) -> None:
    answer = client.post(EDITS, params={"wait": 0}, json={"subject": ORDERS, "description": "x"})
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    envelope = store.envelope(bytes.fromhex(answer.json()["id"]))
    assert envelope is not None
    assert (envelope.kind, envelope.producer, envelope.sender) == ("edit", "admin", "user:admin")
    assert said(client, **ORDERS) == []
    late = client.post(EDITS, params={"wait": 0.05}, json={"subject": ORDERS, "description": "x"})
    assert (late.status_code, late.json()["status"]) == (202, "accepted")
    Merger(store).drain()
    assert len(said(client, **ORDERS)) == 2


@pytest.mark.usefixtures("worker")
def test_an_undone_edit_counts_no_more(as_: As, client: TestClient, store: SqlStore) -> None:
    first = say(client, description="one")
    answer = as_(BOB).post(f"{EDITS}/{first}/undo", json={"reason": "no"})
    assert (answer.status_code, answer.json()["status"]) == (200, "applied")
    undoing, undone = said(client, **ORDERS)
    assert (undoing["actor"], undoing["reason"], undoing["undoes"]) == ("bob", "no", undone["id"])
    assert undoing["said"][0]["value"] is None
    assert store.facts([store.find("orders")[0].uid], aspects=("documentation",)) == []


@pytest.mark.usefixtures("worker")
def test_what_somebody_has_edited_since_is_not_undone(as_: As, client: TestClient) -> None:
    first = say(client, description="one")
    say(as_(BOB), description="two")
    answer = client.post(f"{EDITS}/{first}/undo")
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json()["title"] == "Edited since"
    assert "bob edited documentation" in answer.json()["detail"]
    assert said(client, **ORDERS)[0]["time"] in answer.json()["detail"]
    assert len(said(client, **ORDERS)) == 2


WRONG: dict[str, tuple[Any, int, str]] = {
    "no subject": ({"description": "x"}, 422, "subject"),
    "nothing said": ({"subject": ORDERS}, 422, "nothing is said"),
    "two subjects": ({"subject": {"dataset": "orders", "job": "load"}, "description": "x"}, 422, "name one dataset"),
    "a column of a job": ({"subject": {"job": "load", "column": "x"}, "description": "x"}, 422, "name one dataset"),
    "no such dataset": ({"subject": {"dataset": "nothing"}, "description": "x"}, 404, "nothing"),
    "no such column": ({"subject": {"dataset": "orders", "column": "none"}, "description": "x"}, 404, "none"),
    "no such job": ({"subject": {"job": "nothing"}, "description": "x"}, 404, "nothing"),
    "no such other": ({"subject": ORDERS, "merge_into": "nothing"}, 404, "nothing"),
    "itself": ({"subject": ORDERS, "merge_into": "orders"}, 422, "both are"),
    "an unknown key": ({"subject": ORDERS, "colour": "red"}, 422, "colour"),
    "an owner without a name": ({"subject": ORDERS, "owners": [""]}, 422, "owners"),
    "a tag without a key": ({"subject": ORDERS, "tags": {"": "x"}}, 422, "tags"),
    "a tag that is a list": ({"subject": ORDERS, "tags": ["x"]}, 422, "tags"),
    "a description that is a number": ({"subject": ORDERS, "description": 1}, 422, "description"),
    "what cannot be taken back": ({"subject": ORDERS, "unset": ["schema"]}, 422, "schema"),
    "a tag whose name is too long": ({"subject": ORDERS, "tags": {"x" * 600: "y"}}, 422, "aspect"),
    "a list": ([], 422, "body: Input should be an object"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_bad_edit_is_refused_with_its_reason_and_leaves_nothing(
    client: TestClient, world: World, store: SqlStore, what: str
) -> None:
    body, status, reason = WRONG[what]
    before = store.status()
    answer = client.post(EDITS, params={"wait": 0}, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert reason in answer.json()["detail"]
    assert "pydantic" not in answer.text
    assert store.status() == before


def test_what_is_no_json_is_refused_and_what_is_too_large_is_not_read(client: TestClient, world: World) -> None:
    assert client.post(EDITS, content=b"{").status_code == 422
    assert client.post(EDITS, content=b'{"reason": "\xff"}').status_code == 422
    large = b'{"reason": "%s"}' % (b"x" * 2_000_000)
    assert client.post(EDITS, content=large).status_code == 413
    assert client.post(f"{EDITS}/{'00' * 16}/undo", content=large).status_code == 413


@pytest.mark.parametrize("which", ["nothing", "00" * 16, "%2e%2e"])
def test_what_is_no_edit_is_not_undone(client: TestClient, world: World, which: str) -> None:
    assert client.post(f"{EDITS}/{which}/undo").status_code == 404


def test_what_the_catalog_has_dropped_after_all_is_told(
    client: TestClient, world: World, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where two names have one hash, which the store alone sees."""
    monkeypatch.setattr(SqlStore, "unmerged", lambda *_: set())
    answer = client.post(EDITS, json={"subject": ORDERS, "description": "x"})
    assert answer.status_code == 422
    assert "GET /dead-letters tells why" in answer.json()["detail"]


def test_the_edits_of_what_is_not_there_are_not_found(client: TestClient, world: World) -> None:
    assert client.get(EDITS, params={"dataset": "nothing"}).status_code == 404
    assert client.get(EDITS, params={"column": "x"}).status_code == 422
    assert client.get(EDITS, params={"limit": 0}).status_code == 422


@pytest.mark.usefixtures("worker")
def test_whoever_reads_sees_the_edits_and_makes_none(as_: As, client: TestClient) -> None:
    first = say(client, description="one")
    reader = as_(Caller("user:eve", frozenset({"read"})))
    assert said(reader, **ORDERS)[0]["said"][0]["value"] == {"description": "one"}
    for refused in (
        reader.post(EDITS, json={"subject": ORDERS, "description": "x"}),
        reader.post(f"{EDITS}/{first}/undo"),
        reader.get(LETTERS),
        reader.post(f"{LETTERS}/retry"),
    ):
        assert refused.status_code == 403
        assert "a user needs PUT on assets" in refused.json()["detail"]


def test_a_machine_makes_no_edits_whatever_rights_it_was_given(as_: As, world: World, store: SqlStore) -> None:
    machine = as_(Caller("token:user:ann", frozenset({"read", "write", "store"})))
    answer = machine.post(EDITS, json={"subject": ORDERS, "description": "x"})
    assert answer.status_code == 403
    assert "people's words" in answer.json()["detail"]
    assert store.status().accepted == 0


# -- dead letters


@pytest.fixture
def letter(store: SqlStore) -> Envelope:
    bad = Envelope("openlineage", b"\xffthis is no JSON", recorded_at=1_700_000_000_000_000, sender="token:ci")
    store.accept([bad])
    Merger(store).drain()
    return bad


def test_what_could_not_be_read_is_listed_with_the_reason(client: TestClient, letter: Envelope) -> None:
    (found,) = client.get(LETTERS).json()["dead_letters"]
    assert found["id"] == letter.id.hex()
    assert (found["kind"], found["recorded_at"]) == ("openlineage", "2023-11-14T22:13:20Z")
    assert found["sender"] == "token:ci"
    assert "not JSON" in found["reason"]
    assert found["head"] == "\ufffdthis is no JSON"


def test_what_can_be_read_now_is_merged_and_forgotten(client: TestClient, store: SqlStore, letter: Envelope) -> None:
    event = b'{"eventTime":"2024-01-01T00:00:00Z","producer":"p","job":{"namespace":"n","name":"j"}}'
    store.apply(Changes(), rejected=[DeadLetter(Envelope("openlineage", event, recorded_at=1), "an older reader")])
    answer = client.post(f"{LETTERS}/retry")
    assert answer.json() == {"tried": 2, "merged": 1, "still_dead": 1}
    assert [each["id"] for each in client.get(LETTERS).json()["dead_letters"]] == [letter.id.hex()]
    assert store.find("j")[0].namespace == "n"


def test_dead_letters_are_read_a_few_at_a_time(client: TestClient, store: SqlStore, letter: Envelope) -> None:
    more = [DeadLetter(Envelope("openlineage", b"%d" % i, recorded_at=i), "why") for i in range(3)]
    store.apply(Changes(), rejected=more)
    assert len(client.get(LETTERS, params={"limit": 2}).json()["dead_letters"]) == 2
    assert client.post(f"{LETTERS}/retry", params={"limit": 2}).json()["tried"] == 2
