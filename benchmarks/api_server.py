"""Airflow's api-server in a folder of its own, with the catalog in it, on a free port of 127.0.0.1."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx

from airflow_provider_catalog.services import tokens
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from demo.home import Home

_PATIENCE_SECONDS = 90.0
_TOLD = 5_000


class ApiServer(Home):
    """Entered, it is up. `options` are what its environment has besides; `users` have the roles of their names."""

    def __init__(self, path: Path, *, options: Mapping[str, str] | None = None, users: str = "admin:admin") -> None:
        super().__init__(path, free_port())
        self._options = options or {}
        self._users = users
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def catalog(self) -> str:
        """What a client of OpenLineage calls its URL."""
        return f"{self.url}/catalog/"

    @property
    def store_url(self) -> str:
        return self._options.get("AIRFLOW__CATALOG__STORE_URL", f"sqlite:///{self.path / 'catalog.db'}")

    def environment(self) -> Mapping[str, str]:
        ours = {
            "AIRFLOW__CATALOG__STORE_URL": self.store_url,
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": self._users,
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }
        return {**super().environment(), **ours, **self._options}

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        self.airflow("db", "migrate")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._process is not None:
            self._process.wait()

    def airflow(self, *args: str) -> str:
        """The output of a command of Airflow's."""
        command = [sys.executable, "-m", "airflow", *args]
        done = subprocess.run(
            command, cwd=self.path, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-_TOLD:])
        return done.stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "airflow", "api-server"],
                cwd=self.path,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started(self._process.pid)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.told())
            time.sleep(0.1)

    def kill(self) -> None:
        """All of it at once, as when its machine goes."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.catalog}api/v1/health", timeout=5).is_success
        except httpx.TransportError:
            return False

    def told(self) -> str:
        """The end of what it printed."""
        return self.log.read_text(errors="replace")[-_TOLD:]

    # -- who asks

    def open(self) -> SqlStore:
        return open_database(self.store_url)

    def token(self, *scopes: str, **limits: Any) -> str:
        """A machine token of a name of its own."""
        with closing(self.open()) as store:
            name = f"{'-'.join(scopes)}-{time.monotonic_ns()}"
            return tokens.create(store.tokens, name, scopes, created_by="test", **limits)[1]

    def user_token(self, name: str = "admin") -> str:
        """Airflow's own, of one of its users."""
        body = {"username": name, "password": self._passwords[name]}
        answer = httpx.post(f"{self.url}/auth/token", json=body, timeout=30).raise_for_status()
        return str(answer.json()["access_token"])

    @cached_property
    def _passwords(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.path / "simple_auth_manager_passwords.json.generated").read_text())
        return found

    def client(self, token: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.catalog}api/v1", headers=headers, timeout=30)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
