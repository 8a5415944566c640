"""Python's garbage collector while much is merged.

What a worker remembers between batches is a million long-lived objects without circles; the collector walks them again
and again, for a fifth to a third of all time. While merging it is off; now and then what has come since is collected by
hand, and what survives that is not looked at again before the end.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_EVERY = 20_000


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
    """For a process that does little else: the collector as it was comes back in the end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield Collector()
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()
