"""F1: killed at any step of accepting and merging, nothing is lost and nothing is there twice.

A child process accepts envelopes and merges them. It writes down outside of the store what was accepted when it was
told so, and kills itself (SIGKILL) before or after a statement, or where an answer was just given. Then another process
goes on.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from airflow_provider_catalog.model.codec import statement_to_json
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes, Statement
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.store.sql.rebuild import rebuild
from airflow_provider_catalog.store.sql.retention import retain
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.merge import Merger
from tests import processes
from tests.store.conftest import EmptyUrl
from tests.store.histories import LONG_AGO, accept, dump_of, history, long_history, merge

pytestmark = pytest.mark.timeout(900)

POINTS, RUNS = 20, 5
"""On either database."""
BATCH = 8
LET_GO = {"statement", "run"}
ENVELOPES = [
    Envelope("statements", json.dumps([statement_to_json(one) for one in history(9, 48)[start : start + 2]]).encode())
    for start in range(0, 48, 2)
] + [Envelope("openlineage", b"not JSON %d" % number) for number in range(3)]


def dying(point: str, nth: int) -> tuple[Counter[str], Callable[[str], None]]:
    """How often each point was reached, and what to call there."""
    seen: Counter[str] = Counter()

    def reached(name: str) -> None:
        seen[name] += 1
        if name == point and seen[name] == nth:
            processes.die()

    return seen, reached


def work(url: str, ledger: str, point: str, nth: int, rest: str) -> None:
    """Accept and merge everything in turns. Dies at the nth time that it comes to the point."""
    seen, reached = dying(point, nth)
    store = open_store(url)
    processes.watch_sql(reached)
    merger = Merger(store, BATCH)
    for start in range(0, len(ENVELOPES), BATCH):
        batch = ENVELOPES[start : start + BATCH]
        store.accept(batch)
        reached("accepted, not written down")
        with Path(ledger).open("ab", buffering=0) as file:
            file.write(b"".join(envelope.id.hex().encode() + b"\n" for envelope in batch))
        reached("accepted and written down")
        merger.once()
        reached("merged")
    merger.drain()
    reached("drained")
    if rest:
        Path(rest).write_text(json.dumps(seen))
    store.close()
    os._exit(0)


def go_on(store: Store) -> None:
    """Deliver everything again, as a sender that got no answer does, and merge what is pending."""
    store.accept(ENVELOPES)
    Merger(store, BATCH).drain(wait=0)


def take_lease(store: Store) -> None:
    """The dead one's lease would end by itself; a test does not wait for it."""
    holder = store.acquire_lease("merge", "", 0)
    store.release_lease("merge", holder)


def test_killed_anywhere_nothing_is_lost_and_nothing_is_there_twice(empty: EmptyUrl, tmp_path: Path) -> None:
    url = empty()
    assert processes.run(work, url, str(tmp_path / "ledger"), "", 0, str(tmp_path / "points")) == 0
    reached = json.loads((tmp_path / "points").read_text())
    store = open_store(url)
    wanted = dump_of(store)
    assert store.status().dead_letters == 3
    assert store.status().pending == 0
    store.close()
    rng = random.Random(url.startswith("sqlite"))
    answers = [name for name in reached if " " not in name or name.startswith(("accepted", "drained"))]
    points = answers + rng.sample(sorted(set(reached) - set(answers)), POINTS - len(answers))
    for point in points:
        for number in range(RUNS):
            ledger = tmp_path / f"{point}-{number}".replace(" ", "_")
            ledger.touch()
            url = empty()
            assert processes.run(work, url, str(ledger), point, rng.randint(1, reached[point]), "") == processes.KILLED
            _check(url, ledger, wanted)


def _check(url: str, ledger: Path, wanted: dict[str, list[tuple[object, ...]]]) -> None:
    store = open_store(url)
    try:
        accepted = {envelope.id.hex() for envelope in store.envelopes(limit=1000)}
        assert set(ledger.read_text().split()) <= accepted
        take_lease(store)
        Merger(store, BATCH).drain(wait=0)
        told = {statement.id for envelope in store.envelopes(limit=1000) for statement in _statements(envelope)}
        assert store.status().statements == len(told)
        go_on(store)
        status = store.status()
        assert (status.accepted, status.pending) == (len(ENVELOPES), 0)
        assert dump_of(store) == wanted
    finally:
        store.close()


def _statements(envelope: Envelope) -> tuple[Statement, ...]:
    return read(envelope).statements if envelope.kind == "statements" else ()


def let_go(url: str, point: str, nth: int, rest: str) -> None:
    """Retention. Dies at the nth time that it comes to the point."""
    seen, reached = dying(point, nth)
    store = SqlStore(url)
    processes.watch_sql(reached)
    retain(store, days=1)
    if rest:
        Path(rest).write_text(json.dumps(seen))
    store.close()
    os._exit(0)


def test_killed_while_it_lets_go_history_is_what_it_was(empty: EmptyUrl, tmp_path: Path) -> None:
    """Statements go before their envelopes do: until the next pass the log may say again what the store let go of."""
    told_long_ago(url := empty())
    wanted = lasting(url, set())
    assert processes.run(let_go, url, "", 0, str(tmp_path / "points")) == 0
    reached = json.loads((tmp_path / "points").read_text())
    rng = random.Random(4)
    for point in rng.sample(sorted(reached), min(POINTS, len(reached))):
        told_long_ago(url := empty())
        assert processes.run(let_go, url, point, rng.randint(1, reached[point]), "") == processes.KILLED
        assert lasting(url, LET_GO) == wanted, point
        assert processes.run(let_go, url, "", 0, "") == 0
        assert lasting(url, set()) == wanted, point


def told_long_ago(url: str) -> None:
    store = open_store(url)
    accept(store, long_history(2), LONG_AGO)
    merge(store, 500)
    store.close()


def lasting(url: str, said_again: set[str]) -> dict[str, list[tuple[object, ...]]]:
    """What retention must not change, and the log must give; of some tables it may give more."""
    store = SqlStore(url)
    try:
        for found in rebuild(store, read).tables:
            assert found.only_live == 0
            assert found.only_rebuilt == 0 or found.table in said_again
        return {name: rows for name, rows in dump_of(store).items() if name not in LET_GO}
    finally:
        store.close()


def test_a_backlog_is_merged_after_a_kill(store: Store) -> None:
    payloads = [json.dumps([statement_to_json(one)]).encode() for one in history(3, 1000)]
    store.accept([Envelope("statements", payload) for payload in payloads])
    Merger(store).drain()
    assert store.status().pending == 0


def test_a_dead_letter_is_kept_in_the_same_step_as_its_number(store: Store) -> None:
    store.accept([Envelope("openlineage", b"x")])
    [envelope] = store.pending(1)
    with pytest.raises(AttributeError):
        store.apply(Changes((None,)), merged_to=envelope.seq, rejected=[DeadLetter(envelope, "bad")])  # type: ignore[arg-type]
    assert (store.status().pending, store.status().dead_letters) == (1, 0)
