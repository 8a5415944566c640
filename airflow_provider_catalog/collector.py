"""Python's garbage collector, kept off where there is much to do and nothing for it to find.

Large answers are thousands of small values, and what a worker remembers between batches is a million, all without
circles. The collector walks them again and again: a fifth to a third of all time, in pauses of a tenth of a second.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_EVERY = 20_000
_answering = Lock()


@contextmanager
def waiting() -> Iterator[None]:
    """While one answer is made. Of several at a time only the first one counts, so that there is always an end."""
    if not gc.isenabled() or not _answering.acquire(blocking=False):
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        _answering.release()


def started() -> None:
    """When a server has loaded what it will keep until its end: that is walked no more. Of the third of a second that
    a full collection takes in Airflow's server, during which it answers nobody, hardly anything is left.
    """
    gc.collect()
    gc.freeze()


class Collector:
    """Ask it after every batch; it collects when enough has been merged."""

    def __init__(self) -> None:
        self._since = 0

    def merged(self, envelopes: int) -> None:
        self._since += envelopes
        if self._since >= _EVERY:
            self.collect()

    def collect(self) -> None:
        self._since = 0
        gc.collect()
        gc.freeze()


@contextmanager
def by_hand() -> Iterator[Collector]:
    """For a process that does little else: what has come since is collected now and then, what survives that is not
    looked at again, and in the end all is as it was.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield Collector()
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()
