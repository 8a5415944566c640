"""How many calls a second are made: what an account may ask of AWS is for all who work in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_BURST_SECONDS = 1.0


class Budget:
    """For all threads together. Who has asked for nothing for a second may ask for a second's worth at once."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._apart = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = clock() - _BURST_SECONDS

    def take(self) -> None:
        """Returns when it is this call's turn."""
        with self._lock:
            now = self._clock()
            turn = max(self._next, now - _BURST_SECONDS)
            self._next = turn + self._apart
        if turn > now:
            self._sleep(turn - now)
