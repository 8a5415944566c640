"""The drain role: what waits in the spool of this host goes into the log.

Each host has a spool of its own, so this role needs no lease in the store: the spool's lock tells who may take out.
"""

from __future__ import annotations

import logging
import threading

from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.errors import StoreUnavailable
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.backoff import Backoff

log = logging.getLogger(__name__)
_POLL = 0.25
_TROUBLE_FIRST, _TROUBLE_MOST = 0.5, 15.0


class Drainer:
    """`once` for what is there, `follow` until stopped."""

    def __init__(self, store: Store, spool: Spool) -> None:
        self._store = store
        self._spool = spool

    def once(self) -> int:
        """How many were delivered. None is, when another process is at it."""
        delivered = 0
        with self._spool.locked() as mine:
            if mine:
                delivered = self._drain()
        return delivered

    def _drain(self) -> int:
        """While the store is away, what waits is kept in bounds."""
        delivered = 0
        try:
            for batch in self._spool.batches():
                self._store.accept(batch.envelopes)
                self._spool.remove(batch)
                delivered += len(batch.envelopes)
        except StoreUnavailable:
            self._spool.tidy()
            raise
        return delivered

    def follow(self, stop: threading.Event) -> int:
        """Tasks hand nothing over themselves while this goes well: the spool says so."""
        total, trouble = 0, Backoff(_TROUBLE_FIRST, _TROUBLE_MOST)
        while not stop.is_set():
            try:
                total += self.once()
                self._spool.drained()
            except (StoreUnavailable, OSError) as error:
                log.warning("The spool waits: %s", error)
                stop.wait(trouble.next())
            else:
                trouble.reset()
                stop.wait(_POLL)
        return total
