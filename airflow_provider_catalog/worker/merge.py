"""The merge role: what was accepted is read into the store, in batches, by one worker at a time.

Nothing is lost when it stops or dies anywhere: an envelope counts as merged in the same transaction that applies it,
and applying it once more changes nothing. The lease only keeps two workers from doing the same work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from airflow_provider_catalog import sources
from airflow_provider_catalog.collector import by_hand
from airflow_provider_catalog.errors import LeaseLost, StoreError, StoreUnavailable
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.backoff import Backoff, patiently
from airflow_provider_catalog.worker.batch import Applier, Item, Merged, Read
from airflow_provider_catalog.worker.lease import SECONDS, Lease

log = logging.getLogger(__name__)
ROLE = "merge"
_IDLE_FIRST, _IDLE_MOST = 0.05, 1.0
_BATCH = 1000
"""An eighth more new events a second than with 500, on either database."""


class _Ahead:
    """The batch after the one that is being written, read meanwhile: the database works on the one, we on the other."""

    def __init__(self, store: Store, batch: int, applier: Applier) -> None:
        self._store = store
        self._batch = batch
        self._applier = applier
        self._reader: ThreadPoolExecutor | None = None
        self._next: Future[list[Item]] | None = None

    def start(self, after: int) -> None:
        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, "catalog-read-ahead")
        self._next = self._reader.submit(self._read, after)

    def _read(self, after: int) -> list[Item]:
        return self._applier.read(self._store.envelopes(after, self._batch))

    def take(self) -> list[Item]:
        """What was read; nothing when that went wrong: it is asked for again then, and told of."""
        ahead, self._next = self._next, None
        try:
            return ahead.result() if ahead else []
        except StoreError:
            return []

    def forget(self) -> None:
        """Leave no thread behind."""
        self._next = None
        if self._reader is not None:
            self._reader.shutdown(cancel_futures=True)
            self._reader = None


class Merger:
    """Reads the log into the store. `once` for one batch, `drain` for all there is, `follow` until stopped."""

    def __init__(
        self, store: Store, batch: int = _BATCH, *, read: Read = sources.read, lease_seconds: float = SECONDS
    ) -> None:
        self._store = store
        self._batch = batch
        self._stop = threading.Event()
        self._applier = Applier(store, read=read, wait=self._pause)
        self._ahead = _Ahead(store, batch, self._applier)
        self._lease = Lease(store, ROLE, lease_seconds)
        self.holder = self._lease.holder

    def once(self) -> Merged:
        """The next batch. Waits out a store that is unavailable for a moment, then lets the error through."""
        return self._merge(read_ahead=False)

    def _merge(self, *, read_ahead: bool) -> Merged:
        items = self._ahead.take() or self._applier.read(
            patiently(lambda: self._store.pending(self._batch), self._pause)
        )
        if read_ahead and self._store.remote and len(items) == self._batch:
            self._ahead.start(items[-1].envelope.seq)
        try:
            return self._applier.write(items, advance=True)
        except BaseException:
            self._ahead.forget()
            raise

    def drain(self, *, wait: float = 30.0, on_batch: Callable[[Merged], object] | None = None) -> Merged:
        """Everything that is pending. While another worker is at it this one waits, for so many seconds at most."""
        total = Merged()
        deadline = time.monotonic() + wait
        with self._leaving(), by_hand() as collector:
            while True:
                if (holder := self._lease.ask()) != self.holder:
                    if self._await(holder, deadline):
                        return total
                    continue
                merged = self._merge(read_ahead=True)
                if not merged.envelopes:
                    return total
                total = total.plus(merged)
                collector.merged(merged.envelopes)
                if on_batch:
                    on_batch(merged)

    def follow(self, stop: threading.Event) -> Merged:
        """Until `stop` is set: the batch at hand is finished first. Errors that do not pass by themselves end it."""
        self._stop = stop
        total, idle, trouble = Merged(), Backoff(_IDLE_FIRST, _IDLE_MOST), Backoff()
        with self._leaving(), by_hand() as collector:
            while not stop.is_set():
                try:
                    merged = self._merge(read_ahead=True) if self._lease.mine else Merged()
                except StoreUnavailable as error:
                    log.warning("The store is unavailable, trying again: %s", error)
                    stop.wait(trouble.next())
                    continue
                trouble.reset()
                total = total.plus(merged)
                collector.merged(merged.envelopes)
                if merged.envelopes:
                    idle.reset()
                else:
                    stop.wait(min(_IDLE_MOST, _IDLE_FIRST * 2.0 ** min(idle.tries, 10)))
                    idle.tries += 1
        return total

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._ahead.forget()
            self._lease.give_back()

    def _await(self, holder: str, deadline: float) -> bool:
        """True when nothing is left to do; else after a second, when the other one may be gone."""
        again = time.monotonic() + 1
        while self._store.pending(1):
            if time.monotonic() > deadline:
                raise LeaseLost(ROLE, holder)
            if time.monotonic() > again:
                return False
            self._pause(0.1)
        return True

    def _pause(self, seconds: float) -> None:
        self._stop.wait(seconds)
