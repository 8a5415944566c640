"""The upkeep role: once an hour somebody counts the totals and lets go of what is old.

The lease is the schedule: whoever gets it has an hour before anybody else can.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from airflow_provider_catalog.errors import StoreError
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.holder import new_holder

log = logging.getLogger(__name__)
ROLE = "upkeep"
_EVERY_SECONDS = 3600.0
_LOOK_SECONDS = 60.0


class Upkeep:
    """`retain` lets go of what is old, and is called after the totals are counted."""

    def __init__(self, store: Store, retain: Callable[[], object]) -> None:
        self._store = store
        self._retain = retain
        self._again_at = 0.0
        self._holder = new_holder()

    def once(self) -> bool:
        """False when it was done within the hour."""
        if time.monotonic() < self._again_at:
            return False
        if self._store.acquire_lease(ROLE, self._holder, _EVERY_SECONDS) != self._holder:
            return False
        try:
            self._store.recompute_totals()
            self._retain()
        except BaseException:
            self._store.release_lease(ROLE, self._holder)
            raise
        self._again_at = time.monotonic() + _EVERY_SECONDS
        return True

    def follow(self, stop: threading.Event) -> None:
        """Trouble is told and tried again: nothing depends on this being done at once."""
        while not stop.wait(_LOOK_SECONDS):
            try:
                self.once()
            except StoreError as error:
                log.warning("Upkeep of the catalog has to wait: %s", error)
