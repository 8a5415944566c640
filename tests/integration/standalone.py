"""A real Airflow in a folder of a test's own, on free ports of 127.0.0.1: `airflow standalone` and its REST API."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx

from demo.home import Home

_POLL_SECONDS, _PATIENCE_SECONDS = 0.1, 90.0
_TOLD = 5_000
_TRIES = 5
_ENDED = ("success", "failed", "skipped", "upstream_failed")
_QUICK = {
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
}


class Standalone(Home):
    """Entered, it is up. `options` are what its environment has besides."""

    def __init__(self, path: Path, dags: Path, options: Mapping[str, str]) -> None:
        super().__init__(path, _free_port())
        self._dags = dags
        self._options = options
        self._api = httpx.Client(base_url=f"{self.url}/api/v2", timeout=30)

    def environment(self) -> Mapping[str, str]:
        local = "airflow.dag_processing.bundles.local.LocalDagBundle"
        bundles = [{"name": "tests", "classpath": local, "kwargs": {"path": str(self._dags)}}]
        found = {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles)}
        return {**super().environment(), **_QUICK, **found, **self._options}

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "airflow", "standalone"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.path,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started(self._process.pid)
        try:
            self.until(self._answers)
            self._log_in()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()
        self.stop()
        self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.told()
        try:
            return self._api.get("/monitor/health").is_success
        except httpx.TransportError:
            return False

    def _log_in(self) -> None:
        name, password = self.login()
        answer = self._api.post(f"{self.url}/auth/token", json={"username": name, "password": password})
        self._api.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    # -- what it is asked

    def ask(self, method: str, path: str, **body: object) -> Any:
        """Airflow writes its audit log before it does anything, and on SQLite may block itself at that: then again."""
        answer = self._api.request(method, path, json=body or None)
        for _ in range(_TRIES):
            if answer.status_code != httpx.codes.INTERNAL_SERVER_ERROR:
                break
            time.sleep(1)
            answer = self._api.request(method, path, json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    def trigger(self, dag: str, run: str) -> None:
        """As soon as the DAG is known."""
        self.until(lambda: self._api.get(f"/dags/{dag}").is_success)
        self.ask("POST", f"/dags/{dag}/dagRuns", dag_run_id=run, logical_date=None)

    def await_run(self, dag: str, run: str) -> str:
        """The state in which it has ended, once none of its tasks has a process any more."""
        state = partial(self.ask, "GET", f"/dags/{dag}/dagRuns/{run}")
        self.until(lambda: state()["state"] in _ENDED and not self.works())
        return str(state()["state"])

    def unfinished(self, dag: str, run: str) -> set[str]:
        """The tasks that have not ended."""
        instances = self.ask("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return {each["task_id"] for each in instances if each["state"] not in _ENDED}

    def await_task(self, dag: str, run: str, task: str, state: str) -> dict[str, Any]:
        instance = partial(self.ask, "GET", f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}")
        self.until(lambda: instance()["state"] == state)
        return dict(instance())

    def until(
        self, true: Callable[[], object], seconds: float = _PATIENCE_SECONDS, poll: float = _POLL_SECONDS
    ) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, self.told()
            time.sleep(poll)

    def told(self) -> str:
        """The end of what it printed."""
        return self.log.read_text(errors="replace")[-_TOLD:]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
