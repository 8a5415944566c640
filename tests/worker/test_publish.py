"""The publish role: every target is told of everything that changed, whatever it does meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.errors import (
    ConfigError,
    StoreOutdated,
    StoreUnavailable,
    TargetUnavailable,
    TooManyRequestsError,
)
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store.protocol import Entity
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets import Refusal
from airflow_provider_catalog.worker import vigil
from airflow_provider_catalog.worker.publish import Published, Publisher
from airflow_provider_catalog.worker.roles import Worker
from tests.store.saying import merged
from tests.worker.events import envelopes
from tests.worker.targets import Library, Pit, Ruin, Shelf, number, say, tables, until


@contextmanager
def following(*publishers: Publisher) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=publisher.follow, args=(stop,)) for publisher in publishers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)


def eventually(holds: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refuse(*numbers: int, retryable: bool = True) -> Callable[[Sequence[Entity]], dict[int, Refusal]]:
    return lambda datasets: {
        each.uid: Refusal(f"no {number(each)}", retryable) for each in datasets if number(each) in numbers
    }


def fail(error: BaseException, *numbers: int) -> Callable[[Sequence[Entity]], None]:
    """Raise when told of one of these; of any, if none is named."""

    def answer(datasets: Sequence[Entity]) -> None:
        if not numbers or {number(each) for each in datasets} & set(numbers):
            raise error

    return answer


# -- what is told


def test_a_target_is_told_of_everything_once_and_then_of_what_changes(store: SqlStore) -> None:
    shelf = Shelf()
    publisher = Publisher(store, shelf)
    say(store, 1, 2, 3)
    assert publisher.once() == Published(3, 0)
    say(store, 2, time=2)
    say(store, 2, 4, time=3)
    assert publisher.once() == Published(2, 0)
    assert publisher.once() == Published(0, 0)
    assert sorted(shelf.told) == [1, 2, 2, 3, 4]


def test_it_is_told_in_pages(store: SqlStore) -> None:
    shelf = Shelf()
    say(store, *range(10))
    assert Publisher(store, shelf, page=4).once() == Published(10, 0)
    assert [len(call) for call in shelf.calls] == [4, 4, 2]


def test_it_gets_the_store_and_canonical_datasets(store: SqlStore) -> None:
    said: list[Any] = []

    class Reader(Shelf):
        def publish(self, store: Any, datasets: Sequence[Entity]) -> None:
            said.extend(fact.value for fact in store.facts([each.uid for each in datasets]))
            said.extend(each.uid == each.node for each in datasets)

    say(store, 1)
    Publisher(store, Reader()).once()
    assert said == [{"description": "1"}, True]


def test_what_is_merged_away_while_its_page_waits_is_told_as_the_other(store: SqlStore) -> None:
    say(store, 1, 2)
    page = store.outbox.page

    def late(name: str, limit: int) -> Any:
        found = page(name, limit)
        store.apply(Changes((merged(9, *tables(1, 2)),)))
        return found

    shelf = Shelf()
    publisher = Publisher(store, shelf)
    store.outbox.page = late  # type: ignore[method-assign]
    publisher.once()
    assert (shelf.calls[0], set(shelf.told)) == ([2], {2})


def test_what_changes_while_it_is_told_is_told_again(store: SqlStore) -> None:
    def change(_: Sequence[Entity]) -> None:
        if len(shelf.calls) == 1:
            say(store, 2, time=5)

    shelf = Shelf(change)
    say(store, 1, 2)
    Publisher(store, shelf).once()
    assert [sorted(call) for call in shelf.calls] == [[1, 2], [2]]


def test_following_tells_what_is_merged_within_seconds(store: SqlStore) -> None:
    shelf = Shelf()
    with following(Publisher(store, shelf)):
        for each in range(3):
            say(store, each)
            eventually(lambda each=each: each in shelf.told, 5)  # type: ignore[misc]
    assert store.acquire_lease("publish:shelf", "next", 1) == "next"


# -- what it refuses


def test_what_is_refused_is_kept_with_the_reason_and_the_others_are_done_with(store: SqlStore) -> None:
    shelf = Shelf(refuse(2))
    publisher = Publisher(store, shelf)
    say(store, 1, 2, 3)
    assert publisher._step() == Published(2, 1)
    (refused,) = store.outbox.refused("shelf")
    assert (refused.node, refused.attempts, refused.reason) == (tables(2)[0].uid, 1, "no 2")
    shelf.answer = None
    store.outbox.retry()
    assert publisher.once() == Published(1, 0)
    assert (sorted(shelf.told), store.outbox.refused()) == ([1, 2, 3], [])


def test_it_is_tried_again_later_and_later(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_catalog.worker.backoff.random.uniform", lambda _, most: most)
    publisher = Publisher(store, Shelf(refuse(1)))
    say(store, 1)
    waits = []
    for _ in range(12):
        store.outbox.retry()
        at = time.time_ns() // 1000
        publisher._step()
        (refused,) = store.outbox.refused()
        waits.append(round(((refused.not_before or 0) - at) / 10_000_000))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    assert publisher._step() is None


def test_what_trying_again_does_not_help_waits_until_it_changes(store: SqlStore) -> None:
    shelf = Shelf(refuse(1, retryable=False))
    publisher = Publisher(store, shelf)
    say(store, 1)
    publisher.once()
    assert store.outbox.refused()[0].not_before is None
    shelf.answer = None
    assert publisher.once() == Published()
    say(store, 1, time=2)
    assert publisher.once() == Published(1, 0)
    assert store.outbox.refused() == []


def test_what_it_was_not_told_of_it_cannot_refuse(store: SqlStore) -> None:
    say(store, 1)
    assert Publisher(store, Shelf(lambda _: {12345: Refusal("?")})).once() == Published(1, 0)


def test_reasons_are_kept_without_secrets_and_not_without_end(store: SqlStore) -> None:
    reason = "cannot reach https://me:hunter2@h/x \0 " + "x" * 5000
    say(store, 1)
    Publisher(store, Shelf(lambda datasets: {datasets[0].uid: Refusal(reason, retryable=False)})).once()
    (refused,) = store.outbox.refused()
    assert "hunter2" not in refused.reason
    assert len(refused.reason) == 1000
    with pytest.raises(TargetUnavailable, match="reach") as caught:
        Publisher(store, Shelf(fail(ConnectionError(reason)), "other")).once()
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in store.outbox.standing()[0].reason


# -- what it raises

DOWN = [
    ConnectionError("no route"),
    TimeoutError("no route"),
    TargetUnavailable("me", "no route"),
    TooManyRequestsError("no route", 3),
]


@pytest.mark.parametrize("error", DOWN, ids=lambda error: type(error).__name__)
def test_while_it_is_down_nothing_is_settled_and_then_all_is_told(store: SqlStore, error: Exception) -> None:
    shelf = Shelf(fail(error))
    publisher = Publisher(store, shelf)
    say(store, 1, 2)
    with pytest.raises(TargetUnavailable, match="the target shelf takes nothing: no route"):
        publisher.once()
    (standing,) = store.outbox.standing()
    assert (standing.waiting, standing.refused, standing.down_since is None) == (2, 0, False)
    shelf.answer = None
    assert publisher.once() == Published(2, 0)
    assert store.outbox.standing()[0].down_since is None


def test_following_waits_for_it_and_says_so_once(store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf(fail(ConnectionError("no route")))
    say(store, 1)
    with following(Publisher(store, shelf)):
        eventually(lambda: len(shelf.calls) > 2)
        shelf.answer = None
        eventually(lambda: shelf.told)
    assert caplog.text.count("Publishing to shelf waits") == 1


def test_who_cannot_reach_it_makes_room_for_who_can(store: SqlStore) -> None:
    here, there = Shelf(fail(ConnectionError("no route"))), Shelf()
    say(store, *range(5))
    with following(Publisher(store, here)):
        eventually(lambda: here.calls)
        with following(Publisher(store, there)):
            eventually(lambda: len(there.told) == 5)
    assert here.told == []


@pytest.mark.parametrize("poison", [0, 77, 127])
def test_a_mistake_over_one_costs_only_that_one(store: SqlStore, caplog: pytest.LogCaptureFixture, poison: int) -> None:
    shelf = Shelf(fail(KeyError("oops"), poison))
    publisher = Publisher(store, shelf, page=128)
    say(store, *range(128))
    assert publisher.once() == Published(127, 1)
    assert sorted(shelf.told) == [each for each in range(128) if each != poison]
    assert [each.reason for each in store.outbox.refused()] == ["KeyError: 'oops'"]
    assert len(shelf.calls) <= 8 + 9
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_mistakes_over_everything_are_taken_for_its_being_down(store: SqlStore) -> None:
    shelf = Shelf(fail(ValueError("of another kind")))
    publisher = Publisher(store, shelf)
    say(store, *range(100))
    with pytest.raises(TargetUnavailable, match="ValueError: of another kind"):
        publisher.once()
    assert len(shelf.calls) < 12
    (standing,) = store.outbox.standing()
    assert (standing.waiting, standing.refused, standing.reason) == (98, 2, "ValueError: of another kind")
    shelf.answer = None
    store.outbox.retry()
    assert publisher.once() == Published(100, 0)


def test_several_that_it_stumbles_over_in_a_row_stop_it_for_a_while_only(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airflow_provider_catalog.worker.backoff.random.uniform", lambda _, most: most / 100)
    shelf = Shelf(fail(ValueError("oops"), 3, 4, 5, 6))
    for each in range(10):
        say(store, each)
    with following(Publisher(store, shelf, page=4)):
        eventually(lambda: {0, 1, 2, 7, 8, 9} <= set(shelf.told))
    assert store.outbox.standing()[0].waiting == 0


@pytest.mark.parametrize("answer", [[1], {1: "no"}, "no"])
def test_an_answer_of_another_form_is_a_mistake(store: SqlStore, answer: Any) -> None:
    class Wrong(Shelf):
        def publish(self, store: Any, datasets: Sequence[Entity]) -> Any:
            return answer

    say(store, 1)
    Publisher(store, Wrong())._step()
    assert "publish returned no mapping" in store.outbox.refused()[0].reason


def test_one_that_ends_its_thread_does_not_end_ours(store: SqlStore) -> None:
    say(store, 1)
    Publisher(store, Shelf(fail(SystemExit(3))))._step()
    assert store.outbox.refused()[0].reason == "SystemExit: 3"


def test_a_store_that_is_away_is_no_fault_of_the_target(store: SqlStore) -> None:
    shelf = Shelf(fail(StoreUnavailable("away")))
    say(store, 1)
    with pytest.raises(StoreUnavailable):
        Publisher(store, shelf).once()
    assert store.outbox.standing() == []
    with following(Publisher(store, shelf)):
        eventually(lambda: len(shelf.calls) > 1)
        shelf.answer = None
        eventually(lambda: shelf.told)


def test_an_error_of_the_store_that_does_not_pass_ends_following(store: SqlStore) -> None:
    say(store, 1)
    with pytest.raises(StoreOutdated):
        Publisher(store, Shelf(fail(StoreOutdated("1", "2")))).follow(threading.Event())
    assert store.acquire_lease("publish:shelf", "next", 1) == "next"


# -- one that hangs


def test_one_that_hangs_keeps_the_lease_is_shown_as_down_and_is_settled_when_it_comes_back(store: SqlStore) -> None:
    let_go = threading.Event()
    shelf, other = Shelf(until(let_go)), Shelf()
    say(store, 1)
    with following(Publisher(store, shelf, lease_seconds=0.6, patience=0.5)):
        eventually(lambda: any(each.down_since for each in store.outbox.standing()))
        time.sleep(1.5)
        assert Publisher(store, other).once() == Published()
        assert store.outbox.standing()[0].reason == "it has not answered for 0.5 s"
        let_go.set()
        eventually(lambda: store.outbox.standing()[0].waiting == 0)
    assert store.outbox.standing()[0].down_since is None
    assert (len(shelf.calls), other.calls) == (1, [])


def test_one_that_hangs_does_not_keep_a_worker_from_ending(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vigil, "_LEAVE_SECONDS", 0.3)
    let_go = threading.Event()
    shelf = Shelf(until(let_go))
    say(store, 1)
    with following(Publisher(store, shelf)):
        eventually(lambda: shelf.calls)
        started = time.monotonic()
    assert time.monotonic() - started < 50
    assert Publisher(store, Shelf()).once() == Published(1, 0)
    let_go.set()


def test_once_does_not_wait_for_ever(store: SqlStore) -> None:
    let_go = threading.Event()
    say(store, 1)
    with pytest.raises(TargetUnavailable, match="not answered"):
        Publisher(store, Shelf(until(let_go)), patience=0.3).once()
    let_go.set()


# -- several workers, several targets


def test_only_who_holds_the_lease_publishes(store: SqlStore) -> None:
    say(store, 1)
    store.acquire_lease("publish:shelf", "somebody", 60)
    assert Publisher(store, Shelf()).once() == Published()
    assert Publisher(store, Shelf(name="other")).once() == Published(1, 0)


def test_a_lease_that_ran_out_is_taken_over(store: SqlStore) -> None:
    store.acquire_lease("publish:shelf", "dead", 0.5)
    say(store, 1)
    shelf = Shelf()
    with following(Publisher(store, shelf)):
        eventually(lambda: shelf.told, 10)


def test_who_lost_its_lease_while_it_told_has_it_told_again(store: SqlStore) -> None:
    """It may have put an older picture over a newer one."""
    quick = Shelf()

    def overtaken(_: Sequence[Entity]) -> None:
        if len(slow.calls) == 1:
            store.release_lease("publish:shelf", publisher._lease.holder)
            say(store, 1, time=7)
            assert Publisher(store, quick).once() == Published(2, 0)

    slow = Shelf(overtaken)
    publisher = Publisher(store, slow)
    say(store, 1, 2)
    publisher.once()
    assert [sorted(call) for call in slow.calls] == [[1, 2], [1, 2]]


def worker(store: SqlStore, folder: Path, *targets: str) -> Worker:
    chosen = Settings(store_url=str(store.url), spool_dir=str(folder / "spool"))
    return Worker(store, Settings(**{**_fields(chosen), "publish": tuple(targets)}))


def _fields(chosen: Settings) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in ("store_url", "spool_dir")}


def test_a_worker_with_targets_publishes_and_one_that_is_down_or_hangs_holds_up_none(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vigil, "_LEAVE_SECONDS", 0.1)
    Pit.let_go.clear()
    found = worker(store, tmp_path, *(f"{Shelf.__module__}.{each.__name__}" for each in (Ruin, Pit, Library)))
    stop = threading.Event()
    thread = threading.Thread(target=found.follow, args=(stop,))
    thread.start()
    for each in range(3):
        store.accept(envelopes(1, each))
        eventually(lambda each=each: len(Library.made[-1].calls) > each, 10)  # type: ignore[misc]
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    Pit.let_go.set()
    waiting = {each.target: each.waiting for each in store.outbox.standing() if each.target in {"library", "ruin"}}
    assert waiting == {"library": 0, "ruin": 6}


def test_once_tells_every_target_and_then_of_the_one_that_is_down(store: SqlStore, tmp_path: Path) -> None:
    found = worker(store, tmp_path, *(f"{Shelf.__module__}.{each.__name__}" for each in (Ruin, Library)))
    store.accept(envelopes(1))
    found.once()
    with pytest.raises(TargetUnavailable, match="ruin"):
        found.publish()
    assert len(Library.made[-1].told) == 2


def test_without_targets_a_worker_publishes_nothing(store: SqlStore, tmp_path: Path) -> None:
    found = worker(store, tmp_path)
    assert (found.publishers, found.publish()) == ([], Published())


def test_a_target_that_is_none_costs_nothing_but_publishing(
    store: SqlStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = worker(store, tmp_path, "nowhere")
    store.accept(envelopes(1))
    found.once()
    with pytest.raises(ConfigError, match="publish"):
        found.publish()
    store.accept(envelopes(2))
    stop = threading.Event()
    thread = threading.Thread(target=found.follow, args=(stop,))
    thread.start()
    eventually(lambda: not store.pending(1))
    stop.set()
    thread.join()
    assert "there is no target 'nowhere'" in caplog.text
