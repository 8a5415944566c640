"""A lock among the processes of a host, as a file. It goes with its process, however that ends.

POSIX locks, since they are not passed on to children: Airflow forks, and a child that never ends would keep the lock
for ever. They do not keep threads of one process apart, so that is done here too.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_inside: dict[Path, threading.Lock] = {}
os.register_at_fork(after_in_child=_inside.clear)


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Whether it is ours for the time being. Never waits; where no file can be made it is nobody's."""
    inside = _inside.setdefault(path, threading.Lock())
    if not inside.acquire(blocking=False):
        yield False
        return
    descriptor = _taken(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)
        inside.release()


def _taken(path: Path) -> int | None:
    """Open for as long as it is held: closing gives it back."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        return None
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
