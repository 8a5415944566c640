"""F14: many writers at once on the same things. Nothing is lost, no error surfaces, no slow one is skipped."""

from __future__ import annotations

import random
import threading
import time
from multiprocessing.queues import Queue
from pathlib import Path
from typing import TypeAlias

import psycopg

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes, Statement
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.protocol import Store
from tests import processes
from tests.store.conftest import EmptyUrl
from tests.store.histories import dump_of, history

WRITERS, SECONDS = 8, 4.0
Told: TypeAlias = "Queue[tuple[str, int, int]]"


def write(url: str, number: int, told: Told) -> None:
    """Apply all of one history in batches of its own, over and over, and accept beside it."""
    rng = random.Random(number)
    store, applied, accepted, error = open_database(url), 0, 0, ""
    until = time.monotonic() + SECONDS
    try:
        statements = history(77, 300)
        rng.shuffle(statements)
        while statements or time.monotonic() < until:
            batch = statements[: rng.randrange(1, 20)] or rng.sample(history(77, 300), 10)
            del statements[: len(batch)]
            store.apply(Changes(tuple(batch)))
            applied += 1
            envelopes = [
                Envelope("openlineage", b"%d" % rng.randrange(10**9), key=f"{rng.randrange(500)}") for _ in range(9)
            ]
            accepted += store.accept(envelopes).stored
    except BaseException as caught:  # noqa: BLE001  whatever it is must be told
        error = repr(caught)
    told.put((error, applied, accepted))
    told.close()
    told.join_thread()
    store.close()


def test_eight_writers_on_the_same_things_lose_nothing(empty: EmptyUrl) -> None:
    url = empty()
    store = open_database(url)
    store.apply(Changes(tuple(history(77, 300))))
    wanted = dump_of(store)
    store.close()
    url = empty()
    store = open_database(url)
    told: Told = processes.CONTEXT.Queue()
    started = [processes.CONTEXT.Process(target=write, args=(url, number, told)) for number in range(WRITERS)]
    for process in started:
        process.start()
    results = [told.get(timeout=120) for _ in started]
    for process in started:
        process.join(60)
    assert [error for error, _, _ in results] == [""] * WRITERS
    assert all(applied > 5 for _, applied, _ in results)
    assert dump_of(store) == wanted
    assert store.status().accepted == sum(accepted for _, _, accepted in results) == len(store.envelopes(limit=10_000))
    store.close()


def accept_slowly(url: str, number: int, told: Told) -> None:
    store, error, count = open_database(url), "", 0
    until = time.monotonic() + SECONDS
    try:
        while time.monotonic() < until:
            slow = b"slow" if count % 5 == 0 else b"fast"
            store.accept([Envelope("openlineage", slow, key=f"{number} {count} {part}") for part in range(3)])
            count += 1
    except BaseException as caught:  # noqa: BLE001  whatever it is must be told
        error = repr(caught)
    told.put((error, count * 3, 0))
    told.close()
    told.join_thread()
    store.close()


SLOW = """
CREATE FUNCTION catalog_test_slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.key LIKE '%0 _' THEN PERFORM pg_sleep(0.02); END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_test_slow BEFORE INSERT ON catalog_envelope FOR EACH ROW EXECUTE FUNCTION catalog_test_slow();
"""


def test_a_reader_never_skips_a_writer_that_is_slow(store_url: str) -> None:
    """Numbers are handed out before a slow transaction is visible; whoever reads past them must have seen it."""
    store = open_database(store_url)
    if store_url.startswith("postgresql"):
        with psycopg.connect(store_url.replace("+psycopg", "")) as connection:
            connection.execute(SLOW.encode())
    told: Told = processes.CONTEXT.Queue()
    started = [processes.CONTEXT.Process(target=accept_slowly, args=(store_url, n, told)) for n in range(4)]
    for process in started:
        process.start()
    seen: list[Envelope] = []
    finished: list[tuple[str, int, int]] = []
    while len(finished) < len(started):
        seen += _read_on(store)
        while not told.empty():
            finished.append(told.get())
    for process in started:
        process.join(60)
    while page := _read_on(store):
        seen += page
    assert [error for error, _, _ in finished] == [""] * len(started)
    assert len(seen) == sum(count for _, count, _ in finished) == store.status().accepted
    assert [envelope.seq for envelope in seen] == sorted({envelope.seq for envelope in seen})
    store.close()


def _read_on(store: Store) -> list[Envelope]:
    """As a worker does: what is pending, and from then on only what comes after."""
    page = store.pending(50)
    if page:
        store.apply(Changes(), merged_to=page[-1].seq)
    return page


def test_a_store_may_be_used_by_many_threads(store: Store) -> None:
    statements = history(5, 200)
    parts: list[list[Statement]] = [statements[number::4] for number in range(4)]
    errors: list[BaseException] = []

    def write_part(part: list[Statement]) -> None:
        try:
            for statement in part:
                store.apply(Changes((statement,)))
                store.status()
                store.accept([Envelope("openlineage", statement.id)])
        except BaseException as error:  # noqa: BLE001  whatever it is must be told
            errors.append(error)

    threads = [threading.Thread(target=write_part, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    ids = {statement.id for statement in statements}
    assert (store.status().statements, store.status().accepted) == (len(ids), len(ids))


def test_merging_does_not_block_accepting_on_sqlite(tmp_path: Path) -> None:
    """The log is a file of its own: a long transaction on the store holds nobody up. One that waits gets an error."""
    store = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    with store.dialect.writing(store.engine):
        for number in range(50):
            store.accept([Envelope("openlineage", b"%d" % number)])
    store.close()
