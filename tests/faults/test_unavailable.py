"""F2, F16, F18: a database that is gone, cut off, full or slow. Nothing is half applied, and it goes on by itself."""

from __future__ import annotations

import resource
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from airflow_provider_catalog.errors import StoreUnavailable
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.batch import Merged
from airflow_provider_catalog.worker.merge import Merger
from tests import processes
from tests.conftest import StartPostgres, StartProxy
from tests.proxy import Proxy
from tests.store.histories import LONG_AGO, accept, dump_of, history
from tests.store.saying import say_each
from tests.worker.events import envelopes

ENVELOPES = [Envelope("openlineage", b"%d" % number) for number in range(50)]


def through(start_proxy: StartProxy, url: str) -> tuple[Proxy, str]:
    """A proxy before the server, and the URL of the same database by way of it."""
    address, database = url.rsplit("/", 1)
    host, port = address.rsplit(":", 1)
    proxy = start_proxy("127.0.0.1", int(port))
    return proxy, f"{host}:{proxy.port}/{database}"


def delivered(store: Store, seconds: float = 60) -> None:
    """As a sender and a worker that try again: everything, within a minute of the database's return."""
    until = time.monotonic() + seconds
    while True:
        try:
            store.accept(ENVELOPES)
            say_each(store, *history(11, 20))
        except StoreUnavailable:
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return


def test_a_postgres_that_crashes_loses_nothing_it_took(start_postgres: StartPostgres) -> None:
    """Killed and started again, with writers at it: what was accepted is there, what was refused is not, and what it
    forgot of the merged is merged again.
    """
    server = start_postgres(durable=True)
    url = server.create_database("catalog")
    store = open_database(url)
    statements = history(11, 20)
    accept(store, statements[:10], LONG_AGO)
    store.accept(ENVELOPES[:20])
    Merger(store, lease_seconds=1).drain()
    before = dump_of(store)
    server.kill()
    for call in (lambda: store.accept(ENVELOPES[20:]), lambda: store.apply(Changes(tuple(statements))), store.status):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            call()
        assert time.monotonic() - started < 100
    server.start()
    other = open_database(url)
    Merger(other).drain()
    assert dump_of(other) == before
    assert other.status().accepted == 30
    delivered(store)
    assert store.status().accepted == 60
    assert {row[0] for row in dump_of(store)["statement"]} == {statement.id for statement in statements}
    store.close()
    other.close()


def test_connections_that_are_reset_are_made_again(postgres_database: str, start_proxy: StartProxy) -> None:
    proxy, url = through(start_proxy, postgres_database)
    store = open_database(url)
    refused = 0
    for statement in history(11, 20):
        proxy.reset()
        try:
            store.apply(Changes((statement,)))
        except StoreUnavailable:
            refused += 1
            store.apply(Changes((statement,)))
    assert refused > 0
    direct = open_database(postgres_database)
    wanted = dump_of(direct)
    assert direct.apply(Changes(tuple(history(11, 20)))).statements == 0
    assert dump_of(store) == wanted
    store.close()
    direct.close()


def test_a_network_that_swallows_new_connections_is_told_within_bounds(
    postgres_database: str, start_proxy: StartProxy
) -> None:
    proxy, url = through(start_proxy, postgres_database)
    open_database(url).close()
    proxy.blackhole()
    started = time.monotonic()
    with pytest.raises(StoreUnavailable, match="time"):
        open_database(url)
    assert time.monotonic() - started < 100
    proxy.heal()
    store = open_database(url)
    delivered(store)
    store.close()


# -- slow


def test_a_slow_database_has_one_batch_read_ahead_and_one_thread_more(
    postgres_database: str, start_proxy: StartProxy
) -> None:
    """However long the queue is: what waits for the database waits in the log."""
    proxy, url = through(start_proxy, postgres_database)
    store = open_database(url)
    store.accept(envelopes(200))
    proxy.delay(0.02)
    threads, taken, merged = threading.active_count(), 0, 0

    def counted(envelope: Envelope) -> Changes:
        nonlocal taken
        taken += 1
        return read(envelope)

    def look(batch: Merged) -> None:
        nonlocal merged
        merged += batch.envelopes
        assert merged <= taken <= merged + 10
        assert threading.active_count() <= threads + 1

    assert Merger(store, 10, read=counted).drain(on_batch=look).statements == merged == 200
    assert threading.active_count() == threads
    store.close()


# -- full


def fill(url: str) -> None:
    """Accept and apply until the disk is full; then nothing is broken, and all that was taken is there."""
    store = open_database(url)
    accepted = applied = 0
    statements = history(12, 4000)
    full = {"accept": False, "apply": False}
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
    for number, statement in enumerate(statements):
        try:
            accepted += store.accept([Envelope("openlineage", b"%d" % number + bytes(range(256)) * 20)]).stored
        except StoreUnavailable:
            full["accept"] = True
        try:
            applied += store.apply(Changes((statement,))).statements
        except StoreUnavailable:
            full["apply"] = True
        if all(full.values()):
            break
    assert all(full.values()), full
    status = store.status()
    assert (status.accepted, status.statements) == (accepted, applied)
    store.apply(Changes(()))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert store.accept([Envelope("openlineage", b"after")]).stored == 1
    store.apply(Changes(tuple(statements[:600])))
    assert store.status().accepted == accepted + 1
    store.close()


def test_a_full_disk_breaks_nothing_and_it_goes_on_when_there_is_space(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    assert processes.run(fill, url) == 0
    for name in ("catalog.db", "catalog-log.db"):
        connection = sqlite3.connect(tmp_path / name)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
    store = open_database(url)
    found = dump_of(store)
    assert {row[0] for row in found["statement"]} >= {statement.id for statement in history(12, 4000)[:600]}
    store.close()


@pytest.mark.parametrize("part", ["log", "store"])
def test_a_database_that_may_not_grow_refuses_and_goes_on(tmp_path: Path, part: str) -> None:
    store = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    engine = store._log_engine if part == "log" else store.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        connection.close()
    before, status = dump_of(store), store.status()

    def write() -> None:
        if part == "log":
            store.accept([Envelope("openlineage", b"%d" % number + bytes(range(256)) * 400) for number in range(10)])
        else:
            store.apply(Changes(tuple(history(12, 500))))

    with pytest.raises(StoreUnavailable, match="full"):
        write()
    assert (dump_of(store), store.status()) == (before, status)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
    write()
    assert store.status() != status
    store.close()


@pytest.mark.parametrize("call", ["accept", "apply"])
def test_a_server_that_hangs_is_given_up_on(
    start_postgres: StartPostgres, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """It neither answers nor closes: TCP is content, and the server's own time-outs do not run."""
    for limit in ("_LOG_SECONDS", "_MERGE_SECONDS"):
        monkeypatch.setattr(f"airflow_provider_catalog.store.sql.store.{limit}", 1.0)
    server = start_postgres()
    store = open_database(server.create_database("hanging"))
    letter = Envelope("openlineage", b"{}", "test")
    store.accept([letter])
    store.apply(Changes())
    server.pause()
    try:
        with pytest.raises(StoreUnavailable, match="no answer"):
            _ = store.accept([letter]) if call == "accept" else store.apply(Changes())
    finally:
        server.resume()
    assert store.accept([letter]).duplicates == 1
    assert store.apply(Changes(), merged_to=1).statements == 0
    store.close()
