"""What one api-server process keeps for the API: the store, the threads that ask it, and the one that writes.

Everything is made when first asked for, so that Airflow's server starts without us, and a store that is away is found
when it is back. The server's loop never waits for a store: it is opened in a thread.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

from fastapi import Request

from airflow_provider_catalog.api.accepting import Acceptor
from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.tokens import Keyring
from airflow_provider_catalog.settings import Settings, openlineage_namespace, settings
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore

T = TypeVar("T")
_THREADS = 4
"""Few: they share the interpreter with Airflow's own answers, and the threads of its framework are Airflow's."""
_TRY_AGAIN_SECONDS = 1.0
_POLL_FIRST, _POLL_MOST = 0.02, 0.25


class State:
    """One per application."""

    def __init__(self, chosen: Settings | None = None) -> None:
        self._chosen = chosen
        self._opening = threading.Lock()
        self._store: SqlStore | None = None
        self._trouble: tuple[float, CatalogError] | None = None

    @cached_property
    def settings(self) -> Settings:
        return self._chosen or settings()

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Of this Airflow's jobs: as we call them, and as the OpenLineage provider does."""
        return frozenset({self.settings.namespace, openlineage_namespace()})

    @property
    def embedded_worker(self) -> bool:
        """Asked while Airflow's server starts, so no command is run."""
        return (self._chosen or settings(commands=False)).embedded_worker

    @property
    def store(self) -> SqlStore:
        with self._opening:
            return self._open() if self._store is None else self._store

    def _open(self) -> SqlStore:
        """While it cannot be opened, not every request tries."""
        if self._trouble and time.monotonic() < self._trouble[0]:
            raise self._trouble[1]
        try:
            store = self._store = open_database(self.settings.store_url, patience=self.settings.edge_patience)
        except CatalogError as error:
            self._trouble = (time.monotonic() + _TRY_AGAIN_SECONDS, error)
            raise
        return store

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(self.store.tokens)

    @cached_property
    def _acceptor(self) -> Acceptor:
        return Acceptor(self.store)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_THREADS, "catalog-api")

    async def opened(self) -> None:
        """After this, what is made of the store is made at once."""
        if self._store is None:
            await self.run(lambda: self.store)

    async def run(self, work: Callable[[], T]) -> T:
        """In one of our threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def accept(self, envelopes: Sequence[Envelope]) -> None:
        """Returns when they are durable, together with what others sent at the same time."""
        await self.opened()
        await self._acceptor.accept(envelopes)

    async def merged(self, envelope_ids: Collection[bytes], seconds: float) -> bool:
        """Waits so long at most until a worker has merged all of these."""
        deadline, pause = time.monotonic() + seconds, _POLL_FIRST
        while await self.run(lambda: self.store.unmerged(envelope_ids)):
            if time.monotonic() + pause > deadline:
                return False
            await asyncio.sleep(pause)
            pause = min(_POLL_MOST, pause * 1.5)
        return True

    def close(self) -> None:
        made = vars(self)
        if "_acceptor" in made:
            self._acceptor.close()
        if "keyring" in made:
            self.keyring.close()
        if "_threads" in made:
            self._threads.shutdown(cancel_futures=True)
        if self._store is not None:
            self._store.close()


def state_of(request: Request) -> State:
    found: State = request.app.state.catalog
    return found
