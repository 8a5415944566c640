"""Publishers that are killed, and several at once: what is outside ends as the catalog says, whatever happened between.

The outside is a file: a line for each dataset a target was told of, with all that the store said of it then.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.publish import Published, Publisher
from tests import processes
from tests.faults.test_killed import dying
from tests.store.conftest import EmptyUrl
from tests.store.histories import history
from tests.worker.targets import Shelf, say

pytestmark = pytest.mark.timeout(900)
STATEMENTS = history(21, 90)
POINTS, BATCH = 12, 15


class Ledger:
    """Writes down what it is told, at once and before it says so."""

    name = "ledger"

    def __init__(self, path: Path, reached: Callable[[str], None] = lambda _: None) -> None:
        self._path = path
        self._reached = reached

    def publish(self, store: Store, datasets: Sequence[Entity]) -> None:
        lines = [json.dumps([each.uid, seen(store, each)]) for each in datasets]
        self._reached("read, not written down")
        with self._path.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))
        self._reached("written down, not settled")

    def says(self) -> dict[int, str]:
        """The last word on each."""
        return dict(json.loads(line) for line in self._path.read_text().splitlines())


def seen(store: Store, dataset: Entity) -> str:
    """What anybody could publish of it, but for when it was last seen and recorded."""
    members = [member.uid for member in store.members(dataset.uid)]
    columns = [column.uid for column in store.columns_of(members)]
    facts = [fact._replace(recorded_at=0) for fact in store.facts([*members, *columns])]
    edges = store.neighbours([dataset.uid], "upstream") + store.neighbours(columns, "upstream", level="column")
    return repr([sorted(members), facts, sorted(map(repr, (edge._replace(last_seen=None) for edge in edges)))])


def work(url: str, ledger: str, point: str, nth: int, rest: str) -> None:
    """Apply and publish in turns. Dies at the nth time that it comes to the point."""
    counted, reached = dying(point, nth)
    store = open_database(url)
    processes.watch_sql(reached)
    publisher = Publisher(store, Ledger(Path(ledger), reached), page=3)
    for start in range(0, len(STATEMENTS), BATCH):
        store.apply(Changes(tuple(STATEMENTS[start : start + BATCH])))
        publisher.once()
        reached("published")
    if rest:
        Path(rest).write_text(json.dumps(counted))
    store.close()
    os._exit(0)


def go_on(store: SqlStore, ledger: Ledger) -> Published:
    """As the worker that comes next; it need not wait for the dead one's lease to end here."""
    store.release_lease("publish:ledger", store.leases().get("publish:ledger", ""))
    return Publisher(store, ledger, page=3).once()


def test_killed_anywhere_all_of_it_is_published(empty: EmptyUrl, tmp_path: Path) -> None:
    (tmp_path / "ledger").touch()
    assert processes.run(work, empty(), str(tmp_path / "ledger"), "", 0, str(tmp_path / "points")) == 0
    reached: Counter[str] = Counter(json.loads((tmp_path / "points").read_text()))
    rng = random.Random(5)
    ours = ["read, not written down", "written down, not settled", "published"]
    outbox = [name for name in reached if name.split()[-1] in {"catalog_outbox", "catalog_target", "catalog_refused"}]
    others = sorted(set(reached) - set(ours) - set(outbox))
    for point in [*ours, *outbox, *rng.sample(others, min(POINTS, len(others)))]:
        path = tmp_path / point.replace(" ", "_")
        path.touch()
        url = empty()
        assert processes.run(work, url, str(path), point, rng.randint(1, reached[point]), "") == processes.KILLED
        check(url, Ledger(path), point)


def check(url: str, ledger: Ledger, point: str) -> None:
    store = open_database(url)
    try:
        go_on(store, ledger)
        assert ledger.says().items() >= catalog(store).items(), point
        store.apply(Changes(tuple(STATEMENTS)))
        go_on(store, ledger)
        assert ledger.says().items() >= catalog(store).items(), point
        assert store.outbox.standing()[0][1:3] == (0, 0)
        assert go_on(store, ledger) == Published()
    finally:
        store.close()


def catalog(store: SqlStore) -> dict[int, str]:
    return {each.uid: seen(store, each) for each in store.scan("dataset") if each.node == each.uid}


def test_what_was_told_and_not_settled_is_told_again(empty: EmptyUrl, tmp_path: Path) -> None:
    url, ledger = empty(), Ledger(tmp_path / "ledger")
    assert processes.run(work, url, str(tmp_path / "ledger"), "written down, not settled", 1, "") == processes.KILLED
    lines = (tmp_path / "ledger").read_text().splitlines()
    assert len(lines) == 3
    store = open_database(url)
    go_on(store, ledger)
    assert (tmp_path / "ledger").read_text().splitlines()[3:6] == lines
    store.close()


def test_of_several_workers_one_at_a_time_publishes_and_nothing_is_left(empty: EmptyUrl) -> None:
    """While datasets change all the time, and workers come and go."""
    url, stop, at_it, overlaps = empty(), threading.Event(), threading.Lock(), []

    def alone(_: Sequence[Entity]) -> None:
        if not at_it.acquire(blocking=False):
            overlaps.append(time.monotonic())
            return
        time.sleep(0.01)
        at_it.release()

    stores = [open_database(url) for _ in range(4)]
    shelves = [Shelf(alone) for _ in stores[1:]]
    publishers = [Publisher(store, shelf, page=5) for store, shelf in zip(stores[1:], shelves, strict=True)]
    threads = [threading.Thread(target=publisher.follow, args=(stop,)) for publisher in publishers]
    for thread in threads:
        thread.start()
    for moment in range(1, 41):
        say(stores[0], *range(moment % 7, 30), time=moment)
        time.sleep(0.05)
    deadline = time.monotonic() + 60
    while stores[0].outbox.page("shelf", 1).due and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert overlaps == []
    assert {each for shelf in shelves for each in shelf.told} == set(range(30))
    assert stores[0].outbox.standing()[0][1:3] == (0, 0)
    for store in stores:
        store.close()


def test_a_dead_ones_target_is_taken_over_soon(empty: EmptyUrl, tmp_path: Path) -> None:
    url = empty()
    assert processes.run(work, url, str(tmp_path / "ledger"), "written down, not settled", 1, "") == processes.KILLED
    died = time.monotonic()
    store, stop = open_database(url), threading.Event()
    follower = threading.Thread(target=Publisher(store, Ledger(tmp_path / "ledger")).follow, args=(stop,))
    follower.start()
    while store.outbox.page("ledger", 1).due:
        assert time.monotonic() - died < 100
        time.sleep(0.05)
    stop.set()
    follower.join(30)
    store.close()
