"""The demo's folder: the environment of its Airflow, and the processes that run in it."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import psutil

_BUNDLES = [
    {"name": "catalog", "classpath": "airflow_provider_catalog.bundles.CatalogDagBundle", "kwargs": {}},
]
_LEAVE_SECONDS = 15


class Home:
    """`environment` is all that its Airflow differs by from another one on this machine."""

    def __init__(self, path: Path, port: int) -> None:
        self.path = path.absolute()
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def _session(self) -> Path:
        return self.path / "session"

    @property
    def log(self) -> Path:
        return self.path / "airflow.log"

    def environment(self) -> Mapping[str, str]:
        """Nothing of an Airflow that this shell knows of gets in."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        return clean | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean.get('PATH', '')}",
            "AIRFLOW_HOME": str(self.path),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__WORKERS": "1",
            # On a busy machine Airflow notices only with the next heartbeat that the process of a task has ended.
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(_BUNDLES),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(_free_port()),
            "AIRFLOW_CONN_EXAMPLE_SHOP": json.dumps({"conn_type": "sqlite", "host": str(self.path / "shop.db")}),
            "AIRFLOW_VAR_EXAMPLE_SHOP_FOLDER": str(self.path / "shop"),
        }

    def login(self) -> tuple[str, str]:
        """What `airflow standalone` made up."""
        found = json.loads((self.path / "simple_auth_manager_passwords.json.generated").read_text())
        name: str = next(iter(found))
        return name, found[name]

    def started(self, session: int) -> None:
        """Remember the session that all of its processes belong to."""
        self._session.write_text(f"{session} {psutil.Process(session).create_time()}")

    def processes(self) -> list[psutil.Process]:
        """All that run in this folder, whoever started them and whatever they call themselves: a process that takes
        another title may lose its environment, and is known by its session then.
        """
        session = self._known_session()
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                ours = os.getsid(process.pid) == session or process.environ().get("AIRFLOW_HOME") == str(self.path)
                if ours and process.pid != os.getpid():
                    found.append(process)
        return found

    def process(self, word: str) -> psutil.Process:
        """The one that has this word in its command or title."""
        named = [each for each in self.processes() if word in _words(each)]
        (found,) = (each for each in named if each.parent() not in named)  # a child begins with its parent's title
        return found

    def works(self) -> bool:
        """Whether a task has a process, which is a child of a child of the scheduler."""
        return len(self._scheduler.children(recursive=True)) > len(self._scheduler.children())

    @cached_property
    def _scheduler(self) -> psutil.Process:
        return self.process("scheduler")

    def _known_session(self) -> int | None:
        """None when its number belongs to somebody else by now."""
        try:
            number, begun = self._session.read_text().split()
        except (OSError, ValueError):
            return None
        try:
            leader = psutil.Process(int(number))
        except psutil.NoSuchProcess:
            return int(number)  # it is gone, and its number is not given again while others are left
        return int(number) if abs(leader.create_time() - float(begun)) < 1 else None

    def stop(self) -> int:
        """How many were ended: asked first, then killed."""
        processes = self.processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(processes, _LEAVE_SECONDS)
        for process in [*alive, *self.processes()]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, _LEAVE_SECONDS)
        return len(processes)


def _words(process: psutil.Process) -> list[str]:
    try:
        return " ".join(process.cmdline()).split()
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def taken(port: int) -> bool:
    """Whether somebody listens there already."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
