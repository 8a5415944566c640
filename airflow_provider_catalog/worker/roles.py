"""One worker: all its roles side by side, each under its own lock or lease, until it is asked to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial

from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.errors import ConfigError, TargetUnavailable
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store.sql.retention import retain
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.loading import load
from airflow_provider_catalog.worker.aliases import declare
from airflow_provider_catalog.worker.batch import Merged
from airflow_provider_catalog.worker.columns import PAGE, Columns
from airflow_provider_catalog.worker.drain import Drainer
from airflow_provider_catalog.worker.merge import Merger
from airflow_provider_catalog.worker.publish import Published, Publisher
from airflow_provider_catalog.worker.upkeep import Upkeep

log = logging.getLogger(__name__)
_ROUNDS = 5
"""What a target finds may be news for another one. One that always finds something is not waited for."""


class Worker:
    """Drains the spool of this host, merges the log, reads SQL again, publishes, keeps the store in order."""

    def __init__(self, store: SqlStore, chosen: Settings) -> None:
        self._store = store
        self._settings = chosen
        self.merger = Merger(store)
        self.drainer = Drainer(store, Spool.of(chosen))
        self.columns = Publisher(store, Columns(), page=PAGE)
        self.upkeep = Upkeep(store, partial(retain, store, chosen.log_retention_days))

    @cached_property
    def publishers(self) -> list[Publisher]:
        return [Publisher(self._store, target) for target in load(self._settings.publish)]

    def once(self) -> Merged:
        """All that waits in the spool and in the log, and what SQL comes to when that is known."""
        declare(self._store, self._settings.namespace_aliases)
        self.drainer.once()
        total = self.merger.drain()
        while self.columns.once().published and (merged := self.merger.drain()).envelopes:
            total = total.plus(merged)
        return total

    def publish(self, stop: threading.Event | None = None) -> Published:
        """All that is due, to every target, and what follows from what targets found and told the catalog."""
        total = self._published(stop)
        for _ in range(_ROUNDS):
            if (stop and stop.is_set()) or not self.once().envelopes:
                break
            total = total.plus(self._published(stop))
        return total

    def _published(self, stop: threading.Event | None) -> Published:
        """One that is down is told of when the others have got theirs."""
        total, down = Published(), None
        for publisher in self.publishers:
            try:
                total = total.plus(publisher.once(stop))
            except TargetUnavailable as error:
                down = down or error
        if down:
            raise down
        return total

    def follow(self, stop: threading.Event) -> Merged:
        """Until `stop` is set. The merge role runs here, and its end is the end of the others."""
        declare(self._store, self._settings.namespace_aliases)
        with _beside([self.drainer.follow, self.upkeep.follow, self.columns.follow, *self._publishing()], stop):
            return self.merger.follow(stop)

    def _publishing(self) -> list[Callable[[threading.Event], object]]:
        """A setting that names no target costs nothing but publishing."""
        try:
            return [publisher.follow for publisher in self.publishers]
        except ConfigError as error:
            log.error("Nothing is published until the worker starts anew: %s", error)  # noqa: TRY400  it says all
            return []


@contextmanager
def _beside(roles: list[Callable[[threading.Event], object]], stop: threading.Event) -> Iterator[None]:
    """Each in a thread. One that ends by a mistake ends them all: half a worker looks like a whole one."""

    def run(role: Callable[[threading.Event], object]) -> None:
        try:
            role(stop)
        except BaseException:
            log.exception("A role of the worker ended by a mistake of ours")
            stop.set()

    threads = [threading.Thread(target=run, args=(role,), name=f"catalog-{role.__qualname__}") for role in roles]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
