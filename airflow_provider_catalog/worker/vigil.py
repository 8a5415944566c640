"""What is to be done while somebody else's code works for us and may never come back."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from airflow_provider_catalog.errors import StoreError
from airflow_provider_catalog.worker.lease import Lease

_LEAVE_SECONDS = 5.0


class Left(Exception):  # noqa: N818  what happened
    """We were asked to stop, and it went on and on."""


class Vigil:
    """Called again and again: keeps the lease, calls `late` once after so many seconds, and raises Left a moment after
    the stop.
    """

    def __init__(self, lease: Lease, stop: threading.Event, patience: float, late: Callable[[], object]) -> None:
        self._lease = lease
        self._stop = stop
        self._late = late
        self._late_at = time.monotonic() + patience
        self._leave_at = math.inf

    def __call__(self) -> None:
        with suppress(StoreError):
            self._lease.ask()
        moment = time.monotonic()
        if moment > self._late_at:
            self._late_at = math.inf
            self._late()
        if self._stop.is_set():
            self._leave_at = min(self._leave_at, moment + _LEAVE_SECONDS)
        if moment > self._leave_at:
            raise Left
