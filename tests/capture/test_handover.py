"""Handing over: into the log, within a deadline, and at no cost while the store is down."""

from __future__ import annotations

import json
import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airflow_provider_catalog import __version__
from airflow_provider_catalog.capture.destination import Destination, HttpLog, destination
from airflow_provider_catalog.capture.handover import Breaker, Handover, hand_over
from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.errors import CatalogError, ConfigError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.conftest import StartPostgres
from tests.served import TOKEN, Server, impostor

ROOM = 1 << 30


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", ROOM)


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_database(store_url)
    yield opened
    opened.close()


def connect(url: str) -> Callable[[], Destination]:
    return lambda: destination(Settings(store_url=url))


def kept(spool: Spool, count: int) -> list[bytes]:
    sent = [json.dumps({"n": number, "text": "é\x00'\"" * 200}).encode() for number in range(count)]
    for payload in sent:
        spool.append("task", payload)
    return sent


def test_the_log_has_what_was_handed_over_as_the_store_itself_would_have_kept_it(
    spool: Spool, store: SqlStore, store_url: str
) -> None:
    sent = kept(spool, 1200)
    assert hand_over(spool, connect(store_url), 20) == Handover(1200)
    assert sorted(e.payload for e in store.envelopes(limit=2000)) == sorted(sent)
    assert spool.waiting().records == 0
    store.accept([Envelope("task", payload) for payload in sent])
    assert store.log.count() == 1200


def test_what_was_delivered_but_not_removed_counts_once(
    spool: Spool, store: SqlStore, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(spool, 3)
    with monkeypatch.context() as patched:
        patched.setattr(Spool, "remove", lambda *_: None)
        hand_over(spool, connect(store_url), 20)
    assert spool.waiting().records == 3
    hand_over(spool, connect(store_url), 20)
    assert store.log.count() == 3


def test_what_the_spool_did_not_take_is_handed_over_from_memory(spool: Spool, store: SqlStore, store_url: str) -> None:
    assert hand_over(spool, connect(store_url), 20, unsaved=[Envelope("task", b"{}")]) == Handover(1)
    assert [e.payload for e in store.envelopes()] == [b"{}"]


def test_a_dead_store_is_tried_once_and_then_left_alone(spool: Spool, tmp_path: Path) -> None:
    kept(spool, 2)
    tried: list[float] = []

    def refuse() -> Destination:
        tried.append(time.monotonic())
        raise ConnectionRefusedError("nobody there")

    first = hand_over(spool, refuse, 2)
    second = hand_over(spool, refuse, 2)
    assert first.problem == second.problem == "ConnectionRefusedError: nobody there"
    assert len(tried) == 1
    assert spool.waiting().records == 2


def test_the_breaker_waits_longer_each_time_and_closes_with_the_first_success(
    spool: Spool, store: SqlStore, store_url: str
) -> None:
    breaker = Breaker(spool)
    kept(spool, 1)
    waits = []
    for _ in range(4):
        breaker.trip("down")
        waits.append(json.loads((spool.path / "breaker").read_text())[1])
    assert waits == [15, 30, 60, 60]
    assert breaker.problem() == "down"
    (spool.path / "breaker").write_text(json.dumps([time.time() - 1, 60, "down"]))
    assert hand_over(spool, connect(store_url), 20).delivered == 1
    assert not (spool.path / "breaker").exists()


def test_a_store_that_accepts_and_never_answers_costs_the_deadline_once(spool: Spool) -> None:
    kept(spool, 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        begun = time.monotonic()
        assert hand_over(spool, connect(url), 0.5).problem == "no answer within 0.5 s"
        assert 0.4 < time.monotonic() - begun < 15
        assert hand_over(spool, connect(url), 100).problem == "no answer within 0.5 s"
    assert spool.waiting().records == 1


def test_whoever_waits_for_another_process_leaves_when_that_one_has_taken_ours(spool: Spool, store_url: str) -> None:
    kept(spool, 1)
    ours = sorted((spool.path / "new").iterdir())
    with spool.locked():
        ours[0].unlink()
        begun = time.monotonic()
        assert hand_over(spool, connect(store_url), 100, ours=ours) == Handover()
        assert time.monotonic() - begun < 50


def test_whoever_does_not_get_its_turn_blames_nobody(spool: Spool, store_url: str) -> None:
    kept(spool, 1)
    ours = sorted((spool.path / "new").iterdir())
    with spool.locked():
        assert hand_over(spool, connect(store_url), 0.2, ours=ours) == Handover()
    assert not (spool.path / "breaker").exists()
    assert spool.waiting().records == 1


def test_a_store_that_was_never_made_is_not_made_by_a_task(spool: Spool, tmp_path: Path) -> None:
    kept(spool, 1)
    done = hand_over(spool, connect(f"sqlite:///{tmp_path / 'none.db'}"), 2)
    assert "unable to open database file" in done.problem
    assert list(tmp_path.glob("*.db")) == []


def test_a_store_without_tables_leaves_the_record_in_the_spool(spool: Spool, tmp_path: Path) -> None:
    kept(spool, 1)
    sqlite3.connect(tmp_path / "bare-log.db").execute("VACUUM").connection.close()
    done = hand_over(spool, connect(f"sqlite:///{tmp_path / 'bare.db'}"), 2)
    assert "no such table" in done.problem
    assert spool.waiting().records == 1


def test_the_password_of_the_store_is_in_no_problem(spool: Spool) -> None:
    kept(spool, 1)
    done = hand_over(spool, connect("postgresql://me:hunter2@127.0.0.1:1/none"), 3)
    assert done.problem
    assert "hunter2" not in done.problem


def test_a_server_that_comes_back_gets_everything(
    spool: Spool, start_postgres: StartPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_postgres()
    url = server.create_database("back")
    opened = open_database(url)
    try:
        kept(spool, 3)
        server.stop()
        assert hand_over(spool, connect(url), 5).problem
        (spool.path / "breaker").unlink()
        server.start()
        assert hand_over(spool, connect(url), 10) == Handover(3)
        assert opened.log.count() == 3
    finally:
        opened.close()


@pytest.mark.parametrize("url", ["mysql://h/db", "nonsense"])
def test_other_databases_are_refused_with_what_to_do(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite:///, postgresql:// and https://"):
        destination(Settings(store_url=url))


# -- over HTTP


def over_http(url: str, token: str = TOKEN) -> Callable[[], Destination]:
    """As on a host that was told of no store."""
    return lambda: destination(Settings(ingest_url=url, ingest_token=token))


def test_a_spool_arrives_over_http_as_it_is(spool: Spool, server: Server) -> None:
    sent = kept(spool, 1200)
    spool.append("task", b"\0\xff")
    assert hand_over(spool, over_http(server.place), 20) == Handover(1201)
    found = server.state.store.envelopes(limit=2000)
    assert sorted(e.payload for e in found) == sorted([*sent, b"\0\xff"])
    assert {(e.kind, e.sender) for e in found} == {("task", "token:task")}
    assert spool.waiting().records == 0


def test_the_server_counts_even_where_a_store_is_named(spool: Spool, server: Server, tmp_path: Path) -> None:
    kept(spool, 1)
    chosen = Settings(ingest_url=server.place, ingest_token=TOKEN, store_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert hand_over(spool, lambda: destination(chosen), 20) == Handover(1)
    assert server.state.store.status().accepted == 1


def test_a_store_that_is_behind_a_server_takes_records_too(spool: Spool, server: Server) -> None:
    kept(spool, 1)
    assert hand_over(spool, connect(server.url), 20) == Handover(1)


def test_what_is_delivered_twice_over_http_counts_once(
    spool: Spool, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(spool, 3)
    with monkeypatch.context() as patched:
        patched.setattr(Spool, "remove", lambda *_: None)
        hand_over(spool, over_http(server.place), 20)
    hand_over(spool, over_http(server.place), 20)
    assert server.state.store.status().accepted == 3
    assert spool.waiting().records == 0


def test_a_large_spool_goes_in_as_many_requests_as_the_server_wants(spool: Spool, server: Server) -> None:
    server.callers["small"] = Caller("token:small", frozenset({"ingest"}), max_bytes=5_000)
    rng = random.Random(2)
    for _ in range(40):
        spool.append("task", rng.randbytes(400))
    assert hand_over(spool, over_http(server.place, "small"), 20) == Handover(40)
    spool.append("task", rng.randbytes(9_000))
    done = hand_over(spool, over_http(server.place, "small"), 20)
    assert "over the limit of 5000 bytes" in done.problem
    assert spool.waiting().records == 1


def test_a_record_that_the_server_refuses_holds_up_no_other(spool: Spool, server: Server) -> None:
    server.callers["ours"] = Caller("token:ours", frozenset({"ingest"}), namespaces=("prod",))
    spool.append("openlineage", b"unreadable")
    spool.append("openlineage", b"so is this")
    assert hand_over(spool, over_http(server.place, "ours"), 20) == Handover(2)
    assert len(server.state.store.dead_letters()) == 2
    assert spool.waiting().records == 0


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("wrong", "UnauthenticatedError: no such token. The token ([catalog] ingest_token, or in the URL) is one that"),
        (
            "reader",
            "ForbiddenError: token:*** may not send to the catalog: a user needs PUT on assets, a token the scope",
        ),
    ],
)
def test_a_token_that_opens_nothing_is_told_of_with_what_to_do(
    spool: Spool, server: Server, token: str, problem: str
) -> None:
    server.callers["reader"] = Caller("token:reader", frozenset({"read"}))
    kept(spool, 2)
    assert hand_over(spool, over_http(server.place, token), 20).problem.startswith(problem)
    assert Breaker(spool).problem().startswith(problem)
    assert spool.waiting().records == 2


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, b"<html>Welcome</html>", "is no catalog"),
        (200, b"{}", "is no catalog (this is no receipt"),
        (200, b'{"stored": 1, "duplicates": 0, "refused": []}', "is no catalog (a receipt for 1 envelopes, but 2"),
        (404, b"<html>", "is no catalog (404 text/html). It is https://HOST/catalog/"),
        (405, b"", "is no catalog"),
        (413, b"", "Raise the limit of the proxy"),
        (422, b"", "is no catalog"),
        (503, b"", "answers 503"),
    ],
)
def test_nothing_leaves_the_spool_for_what_is_no_receipt(spool: Spool, status: int, body: bytes, problem: str) -> None:
    kept(spool, 2)
    with impostor(status, body, Content_Type="text/html") as (url, _):
        assert problem in hand_over(spool, over_http(url), 20).problem
    assert spool.waiting().records == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_other_host_gets_the_token(spool: Spool, status: int) -> None:
    kept(spool, 1)
    with impostor(200) as (elsewhere, shown), impostor(status, Location=elsewhere) as (url, asked):
        problem = hand_over(spool, over_http(url), 20).problem
    assert problem.endswith(f"[catalog] ingest_url: {url.rstrip('/')} sends on to {elsewhere}: write that URL")
    assert (shown, asked) == ([], [f"Bearer {TOKEN}"])


def test_a_server_that_is_away_costs_one_task_the_deadline_and_loses_nothing(spool: Spool) -> None:
    kept(spool, 1)
    assert (
        "http://127.0.0.1:1/catalog does not answer"
        in hand_over(spool, over_http("http://127.0.0.1:1/catalog"), 5).problem
    )
    (spool.path / "breaker").unlink()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        done = hand_over(spool, over_http(f"http://127.0.0.1:{silent.getsockname()[1]}/catalog/"), 0.5)
        assert done.problem
        assert time.monotonic() - begun < 15
    assert spool.waiting().records == 1


def test_the_token_is_in_no_problem(spool: Spool, server: Server) -> None:
    kept(spool, 1)
    stated = server.url.replace("worker-secret", "hunter2")
    for url in (stated, stated.replace(str(server.port), "1")):
        (spool.path / "breaker").unlink(missing_ok=True)
        done = hand_over(spool, over_http(url, ""), 5)
        assert done.problem
        assert "hunter2" not in done.problem


def test_a_token_in_the_url_counts_before_that_of_the_settings(spool: Spool, server: Server) -> None:
    kept(spool, 1)
    assert hand_over(spool, over_http(server.url, "wrong"), 5) == Handover(1)


def test_the_server_tells_its_version_to_whoever_looks_for_it(server: Server) -> None:
    assert HttpLog(server.place).health(5) == __version__
    for status, kind in ((200, "application/json"), (404, "text/html")):
        with impostor(status, b"[]", Content_Type=kind) as (url, _), pytest.raises(CatalogError, match="is no catalog"):
            HttpLog(url).health(5)


def test_handing_over_by_http_loads_nothing_but_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-c", HANDING_OVER], capture_output=True, text=True, check=True)
    error, before, *modules = done.stdout.split()
    assert (error, before) == ("StoreUnavailable", "False")
    assert "urllib.request" in modules
    loaded = {name.partition(".")[0] for name in modules}
    assert not loaded & {"airflow", "httpx", "orjson", "sqlalchemy", "requests", "pydantic"}


HANDING_OVER = """
import sys
from airflow_provider_catalog.capture.destination import HttpLog
from airflow_provider_catalog.model.envelope import Envelope

before = "urllib.request" in sys.modules
try:
    HttpLog("http://127.0.0.1:1/catalog/", "token").accept([Envelope("task", b"")], 1)
except Exception as error:
    print(type(error).__name__, before, *sys.modules)
"""
