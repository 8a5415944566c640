"""A worker as the child of a process that does something else: it starts with it and ends with it, however that ends.

The child reads its standard input, which is ours to keep open: when we are gone, it ends. Of several on one host, such
as beside each process of an api-server, one works, and the others wait without having loaded anything.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from airflow_provider_catalog.capture.lock import try_lock
from airflow_provider_catalog.worker.backoff import Backoff

log = logging.getLogger(__name__)
_COMMAND = (sys.executable, "-m", "airflow_provider_catalog.cli", "worker", "--follow", "--embedded")
_STANDBY_SECONDS = 1.0
_LEAVE_SECONDS = 10.0


class Embedded:
    """While this is entered, there is a worker. One that ends by itself is started again, later and later."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="catalog-worker-keeper", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_LEAVE_SECONDS)

    def _keep(self) -> None:
        trouble = Backoff(1.0, 60.0)
        while not self._stop.is_set():
            with subprocess.Popen(_COMMAND, stdin=subprocess.PIPE) as child:  # noqa: S603  a command of ours
                self._wait(child)
            if not self._stop.is_set():
                log.warning("The catalog's worker ended with exit code %s, starting it again", child.returncode)
                self._stop.wait(trouble.next())

    def _wait(self, child: subprocess.Popen[bytes]) -> None:
        while child.poll() is None and not self._stop.wait(0.5):
            pass
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()


def stop_with_parent(stop: threading.Event) -> None:
    """In the child: `stop` is set when nobody holds our standard input any more."""

    def wait() -> None:
        sys.stdin.buffer.read()
        stop.set()

    threading.Thread(target=wait, name="catalog-parent", daemon=True).start()


@contextmanager
def turn(lock: Path, stop: threading.Event) -> Iterator[bool]:
    """Waits until no other embedded worker of this host is at it; false when we were asked to stop before that."""
    while not stop.is_set():
        with try_lock(lock) as mine:
            if mine:
                yield True
                return
        stop.wait(_STANDBY_SECONDS)
    yield False
