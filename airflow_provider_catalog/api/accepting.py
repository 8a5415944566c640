"""Accepting: what many requests bring at once is written by one commit, and each is answered when that is durable.

A commit waits for the disk, so one for each request would be all that a server does.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from airflow_provider_catalog.errors import TooManyRequestsError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.protocol import Store

_MOST_BYTES = 64 * 1024 * 1024
_MOST_TOGETHER = 1_000


class _Waiting(NamedTuple):
    envelopes: Sequence[Envelope]
    size: int
    answer: asyncio.Future[None]


class Acceptor:
    """One thread that writes. What waits for it is bounded: a store that is slower than what comes says so."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: deque[_Waiting] = deque()
        self._bytes = 0
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="catalog-accept", daemon=True)
        self._thread.start()

    async def accept(self, envelopes: Sequence[Envelope]) -> None:
        """Returns when they are durable."""
        if not envelopes:
            return
        waiting = _Waiting(
            envelopes, sum(len(e.payload) for e in envelopes), asyncio.get_running_loop().create_future()
        )
        with self._wake:
            if self._queue and self._bytes + waiting.size > _MOST_BYTES:
                raise TooManyRequestsError("the store is slower than what is sent to it", 1.0)
            self._queue.append(waiting)
            self._bytes += waiting.size
            self._wake.notify()
        await waiting.answer

    def close(self) -> None:
        """What was asked for is done first."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            try:
                self._store.accept([envelope for waiting in batch for envelope in waiting.envelopes])
            except BaseException as error:  # noqa: BLE001  each of those who wait is told
                self._tell(batch, error)
            else:
                self._tell(batch, None)

    def _next(self) -> list[_Waiting]:
        with self._wake:
            self._wake.wait_for(lambda: self._queue or self._closed)
            batch: list[_Waiting] = []
            count = 0
            while self._queue and count < _MOST_TOGETHER:
                waiting = self._queue.popleft()
                self._bytes -= waiting.size
                count += len(waiting.envelopes)
                batch.append(waiting)
            return batch

    @staticmethod
    def _tell(batch: Sequence[_Waiting], error: BaseException | None) -> None:
        """A client that has gone leaves an answer that nobody awaits, and perhaps a loop that has ended."""
        for waiting in batch:
            loop = waiting.answer.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, waiting, error)


def _settle(waiting: _Waiting, error: BaseException | None) -> None:
    if waiting.answer.done():
        return
    if error is None:
        waiting.answer.set_result(None)
    else:
        waiting.answer.set_exception(error)
