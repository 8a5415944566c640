"""The merge role: all that was accepted gets into the store, whatever happens on the way."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable
from typing import cast

import pytest

from airflow_provider_catalog import sources
from airflow_provider_catalog.errors import LeaseLost, StoreError, StoreOutdated, StoreUnavailable
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.batch import Applier, Merged
from airflow_provider_catalog.worker.merge import ROLE, Merger
from tests.worker.events import Broken, envelopes, event, jobs_of, line


def jobs(store: Store) -> set[str]:
    return {entity.name for entity in store.scan("job", limit=10_000)}


def names(numbers: Iterable[int]) -> set[str]:
    return {f"job{number}" for number in numbers}


def merger(store: object, batch_size: int = 200) -> Merger:
    return Merger(cast("Store", store), batch_size)


def test_batches_are_merged_until_nothing_is_pending(store: SqlStore) -> None:
    store.accept(envelopes(25))
    found = Merger(store, batch=10)
    assert [found.once().envelopes for _ in range(4)] == [10, 10, 5, 0]
    assert jobs(store) == names(range(25))
    assert store.pending(10) == []


def test_draining_counts_what_was_done(store: SqlStore) -> None:
    store.accept([*envelopes(5), Envelope("openlineage", b"{"), Envelope("openlineage", line(0, extra=1))])
    seen: list[Merged] = []
    assert Merger(store, batch=3).drain(on_batch=seen.append) == (7, 5, 1, 1)
    assert [merged.envelopes for merged in seen] == [3, 3, 1]
    assert Merger(store).drain() == (0, 0, 0, 0)


def test_what_cannot_be_read_is_a_dead_letter_and_its_neighbours_are_merged(store: SqlStore) -> None:
    bad = [b"", b"nonsense", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"eventTime":"x"}']
    mixed = envelopes(3) + [Envelope("openlineage", payload) for payload in bad] + [Envelope("no such kind", b"{}")]
    store.accept(mixed)
    assert Merger(store).drain().rejected == len(bad) + 1
    assert jobs(store) == names(range(3))
    letters = store.dead_letters()
    assert len(letters) == len(bad) + 1
    assert all(letter.reason for letter in letters)


def test_a_mistake_of_ours_while_reading_costs_one_envelope_only(store: SqlStore) -> None:
    def read(envelope: Envelope) -> Changes:
        if b"job1" in envelope.payload:
            raise ZeroDivisionError("oops")
        return sources.read(envelope)

    store.accept(envelopes(3))
    assert Merger(store, read=read).drain().rejected == 1
    assert jobs(store) == names([0, 2])
    assert "ZeroDivisionError" in store.dead_letters()[0].reason


@pytest.mark.parametrize("poison", [0, 1, 99, 127])
def test_what_the_store_refuses_is_found_in_halves_and_its_neighbours_are_kept(store: SqlStore, poison: int) -> None:
    def fail(changes: Changes) -> None:
        if f"job{poison}" in jobs_of(changes):
            raise StoreError("cannot hold this")

    store.accept(envelopes(128))
    broken = Broken(store, fail)
    merged = merger(broken).drain()
    assert (merged.envelopes, merged.rejected) == (128, 1)
    assert jobs(store) == names(range(128)) - {f"job{poison}"}
    assert store.dead_letters()[0].reason == "cannot hold this"
    refused = broken.tries - len(broken.applied)
    assert refused <= math.log2(128) + 1


def test_several_that_are_refused_are_each_found(store: SqlStore) -> None:
    def fail(changes: Changes) -> None:
        if jobs_of(changes) & names([3, 4, 40]):
            raise ValueError("a mistake of ours")

    store.accept(envelopes(64))
    assert merger(Broken(store, fail)).drain().rejected == 3
    assert jobs(store) == names(set(range(64)) - {3, 4, 40})


def test_a_store_that_is_away_for_a_moment_costs_nothing(store: SqlStore) -> None:
    left = [StoreUnavailable("away")] * 3

    def fail(changes: Changes) -> None:
        if left:
            raise left.pop()

    store.accept(envelopes(5))
    broken = Broken(store, fail)
    applier = Applier(cast("Store", broken), wait=lambda seconds: None)
    assert applier.apply(store.pending(10), advance=True).statements == 5
    assert (broken.tries, store.dead_letters()) == (4, [])


def test_a_store_that_stays_away_is_an_error_and_everything_stays_pending(store: SqlStore) -> None:
    def fail(changes: Changes) -> None:
        raise StoreUnavailable("away")

    store.accept(envelopes(5))
    applier = Applier(cast("Store", Broken(store, fail)), wait=lambda seconds: None)
    with pytest.raises(StoreUnavailable):
        applier.apply(store.pending(10), advance=True)
    assert (len(store.pending(10)), store.dead_letters()) == (5, [])
    assert Merger(store).drain().statements == 5


@pytest.mark.parametrize("error", [StoreOutdated("1", "2"), MemoryError()])
def test_what_is_no_fault_of_an_envelope_makes_no_dead_letters(store: SqlStore, error: BaseException) -> None:
    def fail(changes: Changes) -> None:
        raise error

    store.accept(envelopes(5))
    with pytest.raises(type(error)):
        merger(Broken(store, fail)).drain()
    assert (len(store.pending(10)), store.dead_letters()) == (5, [])


def test_a_store_that_refuses_everything_is_an_error_and_nothing_is_buried(store: SqlStore) -> None:
    def fail(changes: Changes) -> None:
        raise StoreError("read only")

    store.accept(envelopes(8))
    with pytest.raises(StoreError, match="read only"):
        merger(Broken(store, fail)).drain()
    assert (len(store.pending(10)), store.dead_letters()) == (8, [])


def test_following_merges_what_comes_and_stops_when_told(store: SqlStore) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=Merger(store).follow, args=(stop,))
    worker.start()
    for start in range(3):
        store.accept(envelopes(10, start * 10))
        await_merged(store)
    stop.set()
    worker.join(10)
    assert not worker.is_alive()
    assert jobs(store) == names(range(30))
    assert store.acquire_lease(ROLE, "next", 1) == "next"


def await_merged(store: Store) -> None:
    deadline = time.monotonic() + 20
    while store.pending(1):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_following_outlives_a_store_that_is_away(store: SqlStore) -> None:
    left = [StoreUnavailable("away")] * 8

    def fail(changes: Changes) -> None:
        if left:
            raise left.pop()

    stop = threading.Event()
    worker = threading.Thread(target=merger(Broken(store, fail)).follow, args=(stop,))
    worker.start()
    store.accept(envelopes(3))
    await_merged(store)
    stop.set()
    worker.join(10)
    assert (worker.is_alive(), left, jobs(store)) == (False, [], names(range(3)))


def test_an_error_that_does_not_pass_ends_following(store: SqlStore) -> None:
    def fail(changes: Changes) -> None:
        raise StoreOutdated("1", "2")

    store.accept(envelopes(1))
    with pytest.raises(StoreOutdated):
        merger(Broken(store, fail)).follow(threading.Event())
    assert store.acquire_lease(ROLE, "next", 1) == "next"


def test_only_who_holds_the_lease_merges(store: SqlStore) -> None:
    store.acquire_lease(ROLE, "somebody", 60)
    store.accept(envelopes(1))
    with pytest.raises(LeaseLost, match="somebody"):
        Merger(store).drain(wait=0.2)
    assert len(store.pending(10)) == 1
    store.release_lease(ROLE, "somebody")
    assert Merger(store).drain().statements == 1


def test_a_lease_that_ran_out_is_taken_over(store: SqlStore) -> None:
    store.acquire_lease(ROLE, "dead", 0.3)
    store.accept(envelopes(2))
    stop = threading.Event()
    worker = threading.Thread(target=Merger(store).follow, args=(stop,))
    worker.start()
    await_merged(store)
    stop.set()
    worker.join(10)
    assert jobs(store) == names(range(2))


def test_whoever_waits_for_another_worker_is_done_when_that_one_is(store: SqlStore) -> None:
    store.acquire_lease(ROLE, "somebody", 60)
    store.accept(envelopes(1))
    other = threading.Timer(0.3, lambda: Applier(store).apply(store.pending(10), advance=True))
    other.start()
    assert Merger(store).drain(wait=20) == (0, 0, 0, 0)
    other.join()
    assert jobs(store) == names([0])


def test_events_without_a_name_for_the_job_do_not_stop_the_rest(store: SqlStore) -> None:
    store.accept([Envelope("openlineage", line(0, job={"namespace": "x"})), *envelopes(1, 1)])
    assert event(1)["job"]["name"] == "job1"
    Merger(store).drain()
    assert "job1" in jobs(store)


def test_whoever_waits_for_another_worker_takes_over_when_that_one_is_gone(store: SqlStore) -> None:
    store.acquire_lease(ROLE, "somebody", 1.5)
    store.accept(envelopes(3))
    assert Merger(store).drain(wait=20).statements == 3
