"""Child processes of the ingest benchmark: writers beside each other, and one whose memory is watched."""

from __future__ import annotations

import multiprocessing
import time
import traceback
from collections.abc import Iterator
from itertools import islice
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from random import Random
from typing import NamedTuple, TypeAlias

import psutil
import sqlalchemy as sa

from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.store import open_store
from benchmarks import events
from benchmarks.ours import OurWriter, scan

_SPAWN = multiprocessing.get_context("spawn")
_JOBS = 200


class Written(NamedTuple):
    """By all writers together."""

    rate: float
    errors: int


Result: TypeAlias = tuple[float, float, str]


def run(url: str, writers: int, count: int) -> Written:
    """So many processes, each with as many events: runs in turn of the same jobs, which nobody knows at first."""
    open_store(url).close()
    barrier, results = _SPAWN.Barrier(writers), _SPAWN.Queue()
    children = [
        _SPAWN.Process(target=_write, args=(url, number, writers, count, barrier, results)) for number in range(writers)
    ]
    for child in children:
        child.start()
    found: list[Result] = [results.get(timeout=600) for _ in children]
    for child in children:
        child.join()
    seconds = max(end for _, end, _ in found) - min(begun for begun, _, _ in found)
    failed = [error for _, _, error in found if error]
    for error in failed:
        print(error)
    return Written(writers * count / seconds, len(failed))


def _write(url: str, number: int, writers: int, count: int, barrier: Barrier, results: Queue[Result]) -> None:
    payloads = list(islice(_shared(number, writers), count))
    error = ""
    with OurWriter(url, 100) as ours:
        barrier.wait()
        begun = time.time()
        try:
            ours.write(payloads)
        except Exception:  # noqa: BLE001  whatever it is, it is counted and shown
            error = traceback.format_exc()
        results.put((begun, time.time(), error))


def _shared(number: int, writers: int) -> Iterator[bytes]:
    """The runs of one writer: whole runs of all jobs, the writers' in turn as time goes on."""
    turn = 0
    while True:
        yield from events.events(range(_JOBS), turn * writers + number)
        turn += 1


def complete(url: str) -> int:
    """How many events the store has: in its log, and among them as statements."""
    store = open_store(url)
    try:
        status = store.status()
        jobs = [entity.uid for entity in scan(store, "job")]
        runs = store.runs(jobs, limit=1_000_000)
        done = sum(run.state is Event.COMPLETE for run in runs)
        assert status.accepted == status.statements
        assert len(runs) == done == (status.statements + 1) // 2
        return status.statements
    finally:
        store.close()


def deadlocks(url: str) -> int:
    """As PostgreSQL itself counts them, also those that were tried again."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            return int(connection.exec_driver_sql(query).scalar_one())
    finally:
        engine.dispose()


def memory(url: str, count: int) -> tuple[float, float]:
    """MB of a process of its own after a tenth of the events, and after all."""
    results: Queue[tuple[float, float]] = _SPAWN.Queue()
    child = _SPAWN.Process(target=_watched, args=(url, count, results))
    child.start()
    found = results.get(timeout=1800)
    child.join()
    return found


def _watched(url: str, count: int, results: Queue[tuple[float, float]]) -> None:
    stream = _mixed()
    with OurWriter(url) as ours:
        ours.write(islice(stream, count // 10))
        early = _megabytes()
        ours.write(islice(stream, count - count // 10))
        results.put((early, _megabytes()))


def _mixed() -> Iterator[bytes]:
    """Runs of jobs chosen at random, one in ten of a job nobody knows yet."""
    random, known, number = Random(3), 1, 0
    while True:
        known += number % 10 == 0
        yield from events.run(events.job(random.randrange(known) if number % 10 else known - 1), number)
        number += 1


def _megabytes() -> float:
    """Memory of our own: without the file pages that SQLite maps and the system may take back."""
    found = psutil.Process().memory_info()
    return (found.rss - found.shared) / 1e6
