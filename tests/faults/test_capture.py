"""F2, F16, F18, F19: whatever happens to spool, store and worker, tasks do not notice and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from airflow_provider_catalog import listener
from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.drain import Drainer
from airflow_provider_catalog.worker.merge import Merger

ROOT = Path(__file__).parents[2]
HOOKS = ("running", "end", "stopping")
DEADLINE = 2
"""Seconds that the end of a task may wait for the store."""
TASKS = int(os.environ.get("CATALOG_TASKS", "300"))
"""While the worker is killed: each is a process of its own. `CATALOG_TASKS=1000` takes some minutes."""


class Place(NamedTuple):
    """A folder with a spool and a store of its own."""

    folder: Path
    store_url: str

    @property
    def spool(self) -> Spool:
        return Spool(self.folder / "spool", 1 << 30)

    def environment(self, **options: str) -> dict[str, str]:
        chosen = {"STORE_URL": self.store_url, "SPOOL_DIR": str(self.folder / "spool"), **options}
        return {
            **os.environ,
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW_CONN_BENCH_DB": json.dumps({"conn_type": "sqlite", "host": str(self.folder / "bench.db")}),
            "PYTHONPATH": str(ROOT),
            **{f"AIRFLOW__CATALOG__{name}": value for name, value in chosen.items()},
        }

    def tasks(self, state: str, count: int, at_once: int = 1, **options: str) -> list[dict[str, Any]]:
        line = [sys.executable, "-m", "tests.faults.capturing", state, str(count), str(at_once)]
        done = subprocess.run(
            line, env=self.environment(**options), cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return [json.loads(told) for told in done.stdout.splitlines() if told.startswith("{")]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    open_database(url).close()
    return Place(tmp_path, url)


def merged(place: Place) -> SqlStore:
    """The store after all that waits is in it."""
    store = open_database(place.store_url)
    Drainer(store, place.spool).once()
    Merger(store).drain()
    assert place.spool.waiting().records == 0
    return store


@pytest.mark.parametrize("state", ["success", "failed", "skipped"])
def test_a_store_that_never_answers_costs_no_hook_more_than_it_may(tmp_path: Path, state: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = Place(tmp_path, f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none")
        first, *others = place.tasks(state, 6)
    assert {told["exit"] for told in (first, *others)} == {0}
    assert first["running"] < DEADLINE
    assert first["end"] < DEADLINE
    assert first["stopping"] < 10 * DEADLINE
    assert all(told[hook] < DEADLINE for told in others for hook in HOOKS)
    assert place.spool.waiting().records == 12


def test_what_was_spooled_while_the_store_was_away_arrives_when_it_is_back(tmp_path: Path) -> None:
    away = Place(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    away.tasks("success", 5)
    assert away.spool.waiting().records == 10
    store = merged(away)
    assert (store.status().runs, store.status().edges) == (5, 5)
    store.close()


def test_two_hundred_tasks_that_end_at_once_all_arrive(place: Place) -> None:
    told = place.tasks("success", 200, at_once=200)
    assert {each["exit"] for each in told} == {0}
    assert max(each["cpu"] for each in told) < DEADLINE
    store = merged(place)
    assert (store.log.count(), store.status().edges, store.status().dead_letters) == (400, 200, 0)
    store.close()


def test_a_spool_that_cannot_be_written_is_passed_over(place: Place) -> None:
    blocked = place.folder / "file"
    blocked.write_text("no directory")
    told = place.tasks("success", 2, SPOOL_DIR=str(blocked / "spool"))
    assert {each["exit"] for each in told} == {0}
    store = open_database(place.store_url)
    assert store.log.count() == 4
    store.close()


def test_without_spool_and_store_a_task_ends_as_it_would(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    place = Place(tmp_path, f"sqlite:///{tmp_path / 'none.db'}")
    assert [each["exit"] for each in place.tasks("failed", 1, SPOOL_DIR=str(blocked / "spool"))] == [0]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_tasks_while_the_worker_is_killed_arrive_exactly_once(place: Place) -> None:
    stop = threading.Event()
    killed: list[int] = []

    def work() -> None:
        """A worker that is killed every few seconds, at any moment, and started again."""
        while not stop.is_set():
            line = [sys.executable, "-m", "airflow_provider_catalog.cli", "worker", "--follow"]
            with subprocess.Popen(line, env=place.environment(), stdout=subprocess.DEVNULL) as worker:
                stop.wait(5)
                worker.send_signal(signal.SIGKILL)
                killed.append(worker.wait())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        told = place.tasks("success", TASKS, at_once=2)
    finally:
        stop.set()
        thread.join()
    assert {each["exit"] for each in told} == {0}
    assert len(killed) >= 3
    store = merged(place)
    status = store.status()
    assert (store.log.count(), status.statements, status.dead_letters) == (2 * TASKS, 2 * TASKS, 0)
    assert (status.edges, status.runs) == (TASKS, TASKS)
    store.close()


class Unexpected(BaseException):
    """What nobody catches by accident."""


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, SystemExit, Unexpected, RecursionError])
def test_nothing_that_goes_wrong_in_a_hook_gets_out_of_it(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error("of ours")

    monkeypatch.setattr(listener, "recorder", fail)
    hooks: list[Callable[..., None]] = [
        listener.on_task_instance_running,
        listener.on_task_instance_success,
        listener.on_task_instance_skipped,
    ]
    for hook in hooks:
        hook(task_instance=SimpleNamespace())
    listener.on_task_instance_failed(task_instance=SimpleNamespace(), error="x")
    listener.before_stopping()
    for dag_hook in (listener.on_dag_run_running, listener.on_dag_run_success, listener.on_dag_run_failed):
        dag_hook(dag_run=SimpleNamespace())


def test_ctrl_c_is_not_ours_to_hold_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(listener, "recorder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        listener.on_task_instance_success(task_instance=SimpleNamespace())
