"""The merge role: what was accepted is read into the store, in batches, by one worker at a time.

Nothing is lost when it stops or dies anywhere: an envelope counts as merged in the same transaction that applies it,
and applying it once more changes nothing. The lease only keeps two workers from doing the same work.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from airflow_provider_catalog import sources
from airflow_provider_catalog.errors import LeaseLost, StoreError, StoreUnavailable
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.backoff import Backoff, patiently
from airflow_provider_catalog.worker.batch import Applier, Merged, Read

log = logging.getLogger(__name__)
ROLE = "merge"
_IDLE_FIRST, _IDLE_MOST = 0.05, 1.0


class Merger:
    """Reads the log into the store. `once` for one batch, `drain` for all there is, `follow` until stopped."""

    def __init__(
        self, store: Store, batch: int = 500, *, read: Read = sources.read, lease_seconds: float = 15.0
    ) -> None:
        self._store = store
        self._batch = batch
        self._stop = threading.Event()
        self._applier = Applier(store, read=read, wait=self._pause)
        self._lease_seconds = lease_seconds
        self._renew_at = 0.0
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def once(self) -> Merged:
        """The next batch. Waits out a store that is unavailable for a moment, then lets the error through."""
        return self._applier.apply(patiently(lambda: self._store.pending(self._batch), self._pause), advance=True)

    def drain(self, *, wait: float = 30.0, on_batch: Callable[[Merged], object] | None = None) -> Merged:
        """Everything that is pending. While another worker is at it this one waits, for so many seconds at most."""
        total = Merged()
        deadline = time.monotonic() + wait
        with self._leaving():
            while True:
                if (holder := self._lead()) != self.holder:
                    self._await(holder, deadline)
                    return total
                merged = self.once()
                if not merged.envelopes:
                    return total
                total = total.plus(merged)
                if on_batch:
                    on_batch(merged)

    def follow(self, stop: threading.Event) -> Merged:
        """Until `stop` is set: the batch at hand is finished first. Errors that do not pass by themselves end it."""
        self._stop = stop
        total, idle, trouble = Merged(), Backoff(_IDLE_FIRST, _IDLE_MOST), Backoff()
        with self._leaving():
            while not stop.is_set():
                try:
                    merged = self.once() if self._lead() == self.holder else Merged()
                except StoreUnavailable as error:
                    log.warning("The store is unavailable, trying again: %s", error)
                    stop.wait(trouble.next())
                    continue
                trouble.reset()
                total = total.plus(merged)
                if merged.envelopes:
                    idle.reset()
                else:
                    stop.wait(min(_IDLE_MOST, _IDLE_FIRST * 2.0 ** min(idle.tries, 10)))
                    idle.tries += 1
        return total

    def _lead(self) -> str:
        """Who holds the lease after we asked for it; asked again when a third of our time is over."""
        if time.monotonic() < self._renew_at:
            return self.holder
        holder = self._store.acquire_lease(ROLE, self.holder, self._lease_seconds)
        if holder == self.holder:
            self._renew_at = time.monotonic() + self._lease_seconds / 3
        return holder

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        """Give the lease back, so that the next worker need not wait for its end."""
        try:
            yield
        finally:
            self._renew_at = 0.0
            with suppress(StoreError):
                self._store.release_lease(ROLE, self.holder)

    def _await(self, holder: str, deadline: float) -> None:
        while self._store.pending(1):
            if time.monotonic() > deadline:
                raise LeaseLost(ROLE, holder)
            self._pause(0.1)

    def _pause(self, seconds: float) -> None:
        self._stop.wait(seconds)
