"""What one api-server process keeps for the API: the store, the threads that ask it, and the one that writes.

Everything is made when first asked for, so that Airflow's server starts without us, and a store that is away is found
when it is back.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

from fastapi import Request

from airflow_provider_catalog.api.accepting import Acceptor
from airflow_provider_catalog.services.tokens import Keyring
from airflow_provider_catalog.settings import Settings, settings
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.sql.store import SqlStore

T = TypeVar("T")
_THREADS = 4
"""Few: they share the interpreter with Airflow's own answers, and the threads of its framework are Airflow's."""


class State:
    """One per application."""

    def __init__(self, chosen: Settings | None = None) -> None:
        self._chosen = chosen
        self._opening = threading.Lock()
        self._store: SqlStore | None = None

    @cached_property
    def settings(self) -> Settings:
        return self._chosen or settings()

    @property
    def embedded_worker(self) -> bool:
        """Asked while Airflow's server starts, so no command is run."""
        return (self._chosen or settings(commands=False)).embedded_worker

    @property
    def store(self) -> SqlStore:
        with self._opening:
            if self._store is None:
                self._store = open_store(self.settings.store_url, patience=self.settings.edge_patience)
            return self._store

    @cached_property
    def acceptor(self) -> Acceptor:
        return Acceptor(self.store)

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(self.store.tokens)

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_THREADS, "catalog-api")

    async def run(self, work: Callable[[], T]) -> T:
        """In one of our threads."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    def close(self) -> None:
        made = vars(self)
        if "acceptor" in made:
            self.acceptor.close()
        if "threads" in made:
            self.threads.shutdown(cancel_futures=True)
        if self._store is not None:
            self._store.close()


def state_of(request: Request) -> State:
    found: State = request.app.state.catalog
    return found
