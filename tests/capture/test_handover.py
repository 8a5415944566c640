"""Handing over: into the log, within a deadline, and at no cost while the store is down."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airflow_provider_catalog.capture.destination import Destination, destination
from airflow_provider_catalog.capture.handover import Breaker, Handover, hand_over
from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.conftest import StartPostgres

ROOM = 1 << 30


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", ROOM)


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_store(store_url)
    yield opened
    opened.close()


def connect(url: str) -> Callable[[], Destination]:
    return lambda: destination(url)


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
        assert 0.4 < time.monotonic() - begun < 1.5
        begun = time.monotonic()
        assert hand_over(spool, connect(url), 5).problem == "no answer within 0.5 s"
        assert time.monotonic() - begun < 0.4
    assert spool.waiting().records == 1


def test_whoever_waits_for_another_process_leaves_when_that_one_has_taken_ours(spool: Spool, store_url: str) -> None:
    kept(spool, 1)
    ours = sorted((spool.path / "new").iterdir())
    with spool.locked():
        ours[0].unlink()
        begun = time.monotonic()
        assert hand_over(spool, connect(store_url), 5, ours=ours) == Handover()
        assert time.monotonic() - begun < 1


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
    opened = open_store(url)
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
    with pytest.raises(ConfigError, match="sqlite:/// and postgresql://"):
        destination(url)
