"""A real Airflow in a folder of a test's own, on free ports of 127.0.0.1: `airflow standalone` and its REST API."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import psutil

from demo.home import Home

T = TypeVar("T")
_POLL = 0.1
_UP_SECONDS = 120.0
_QUICK = {
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
}


class Standalone(Home):
    """While it is entered, it is up and knows its DAGs."""

    def __init__(self, path: Path, dags: Path, options: Mapping[str, str]) -> None:
        super().__init__(path, _free_port())
        self._dags = dags
        self._options = options
        self._api = httpx.Client(base_url=f"{self.url}/api/v2", timeout=30)

    def environment(self) -> Mapping[str, str]:
        local = "airflow.dag_processing.bundles.local.LocalDagBundle"
        bundle = {"name": "dags", "classpath": local, "kwargs": {"path": str(self._dags)}}
        bundles = {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle])}
        return {**super().environment(), **_QUICK, **bundles, **self._options}

    def __enter__(self) -> Self:
        self.path.mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "airflow", "standalone"],
                cwd=self.path,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started(process.pid)
        try:
            self._await_start(process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()
        self.stop()

    def _await_start(self, process: subprocess.Popen[bytes]) -> None:
        def answers() -> bool:
            assert process.poll() is None, self.told()
            try:
                return self._api.get("/monitor/health").status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        self.until(answers, _UP_SECONDS)
        name, password = self.login()
        token = self._api.post(f"{self.url}/auth/token", json={"username": name, "password": password})
        self._api.headers["Authorization"] = f"Bearer {token.raise_for_status().json()['access_token']}"

    # -- its REST API

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self._api.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def trigger(self, dag: str, run: str) -> None:
        """As soon as it is known."""
        self.until(lambda: self._api.get(f"/dags/{dag}").is_success)
        self.ask("POST", f"/dags/{dag}/dagRuns", {"dag_run_id": run, "logical_date": None})

    def await_run(self, dag: str, run: str, state: str) -> None:
        """Until it has ended, which must be in this state."""
        ended = self.until(lambda: self._run_state(dag, run) in ("success", "failed") and self._run_state(dag, run))
        assert ended == state, self.told()

    def _run_state(self, dag: str, run: str) -> str:
        return str(self.ask("GET", f"/dags/{dag}/dagRuns/{run}")["state"])

    def task(self, dag: str, run: str, task: str) -> dict[str, Any]:
        return dict(self.ask("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}"))

    def await_task(self, dag: str, run: str, task: str, state: str) -> dict[str, Any]:
        return self.until(lambda: (found := self.task(dag, run, task))["state"] == state and found)

    def until(self, found: Callable[[], T | bool], seconds: float = 90, poll: float = _POLL) -> T:
        """What it finds in the end."""
        deadline = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < deadline, self.told()
            time.sleep(poll)
        return answer  # type: ignore[return-value]  # it is not False

    def told(self) -> str:
        """The end of what Airflow printed."""
        return self.log.read_text(errors="replace")[-5_000:]

    # -- its processes

    def process(self, *words: str) -> psutil.Process:
        """The one whose command has these words."""
        return next(iter(self._with(words)))

    def _with(self, words: Iterable[str]) -> list[psutil.Process]:
        return [each for each in self.processes() if set(words) <= set(" ".join(each.cmdline()).split())]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
