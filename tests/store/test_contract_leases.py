"""Leases: whoever holds one is alone, whoever dies loses it, and nobody ever gets an error for asking."""

from __future__ import annotations

import multiprocessing
import os
import time
from itertools import pairwise
from multiprocessing.queues import Queue

from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from tests.store.conftest import OpenStore


def test_whoever_comes_first_holds_the_lease(store: Store, open_again: OpenStore) -> None:
    assert store.acquire_lease("merge", "ann", 60) == "ann"
    assert open_again().acquire_lease("merge", "bob", 60) == "ann"
    assert store.acquire_lease("merge", "ann", 60) == "ann"


def test_roles_have_leases_of_their_own(store: Store) -> None:
    assert (store.acquire_lease("merge", "ann", 60), store.acquire_lease("publish", "bob", 60)) == ("ann", "bob")


def test_a_lease_given_back_is_free(store: Store) -> None:
    store.acquire_lease("merge", "ann", 60)
    store.release_lease("merge", "ann")
    assert store.acquire_lease("merge", "bob", 60) == "bob"


def test_nobody_gives_back_what_another_holds(store: Store) -> None:
    store.acquire_lease("merge", "ann", 60)
    store.release_lease("merge", "bob")
    store.release_lease("no such role", "bob")
    assert store.acquire_lease("merge", "bob", 60) == "ann"


def test_a_lease_ends_and_somebody_else_takes_over(store: Store) -> None:
    store.acquire_lease("merge", "ann", 0.2)
    assert store.acquire_lease("merge", "bob", 60) == "ann"
    time.sleep(0.25)
    assert store.acquire_lease("merge", "bob", 60) == "bob"
    assert store.acquire_lease("merge", "ann", 60) == "bob"


def test_to_ask_again_is_to_hold_longer(store: Store) -> None:
    for _ in range(3):
        assert store.acquire_lease("merge", "ann", 0.4) == "ann"
        time.sleep(0.2)
        assert store.acquire_lease("merge", "bob", 60) == "ann"


def test_of_many_processes_never_two_hold_it(contract_url: str, store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    results: Queue[tuple[str, list[tuple[float, float]]]] = context.Queue()
    processes = [context.Process(target=_contend, args=(contract_url, f"holder-{n}", results)) for n in range(4)]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert [error for error, _ in found] == [""] * len(processes)
    held = sorted(span for _, spans in found for span in spans)
    assert len(held) > 4
    assert all(one[1] <= other[0] for one, other in pairwise(held))


def _contend(url: str, holder: str, results: Queue[tuple[str, list[tuple[float, float]]]]) -> None:
    """Take the lease and give it back as often as possible; clocks are of one machine, so their times compare."""
    store, held = open_store(url), []
    until = time.monotonic() + 1.5
    try:
        while time.monotonic() < until:
            if store.acquire_lease("merge", holder, 5) == holder:
                start = time.monotonic()
                time.sleep(0.002 * (os.getpid() % 3))
                held.append((start, time.monotonic()))
                store.release_lease("merge", holder)
        results.put(("", held))
    except BaseException as error:  # noqa: BLE001  what a worker must never see
        results.put((repr(error), held))
    finally:
        store.close()
