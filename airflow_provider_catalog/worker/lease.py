"""A role that one worker of many has at a time, for as long as it goes on asking."""

from __future__ import annotations

import time
from contextlib import suppress

from airflow_provider_catalog.errors import StoreError
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.holder import new_holder

SECONDS = 8.0
"""Whoever dies is followed by another before ten are over."""


class Lease:
    """One role, for one that may have it. Not for several threads."""

    def __init__(self, store: Store, role: str, seconds: float = SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._again_at = 0.0
        self.role = role
        self.holder = new_holder()

    def ask(self) -> str:
        """Who has it, after we asked for it; asked again when a third of our time is over."""
        if time.monotonic() < self._again_at:
            return self.holder
        holder = self._store.acquire_lease(self.role, self.holder, self._seconds)
        if holder == self.holder:
            self._again_at = time.monotonic() + self._seconds / 3
        return holder

    @property
    def mine(self) -> bool:
        return self.ask() == self.holder

    def give_back(self) -> None:
        """So that the next one need not wait for its end."""
        self._again_at = 0.0
        with suppress(StoreError):
            self._store.release_lease(self.role, self.holder)
