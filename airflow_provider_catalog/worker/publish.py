"""The publish role: what is in the outbox goes to a target, by one worker at a time.

Each target has a thread and a lease of its own, so one that is down, slow or hangs is waited for by itself alone.
Killed at any point, nothing is lost: a page that was told and not settled is told again.

* Down: nothing is settled. The lease goes to whoever may have a better way there, and it is tried later and later.
* Refused: what a target returns is kept with the reason, and tried again later, or when it changes.
* A mistake of the target: the page is halved until the dataset to blame is alone and counts as refused. Two in a row
  are no accident: it is taken for down, and each try sets one more aside, so that it goes on whatever it is.
* Hanging: it is waited for, shown as down, and left behind when the worker ends. The lease is kept meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from airflow_provider_catalog.errors import StoreError, StoreUnavailable, TargetUnavailable
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.store.protocol import Entity
from airflow_provider_catalog.store.sql.outbox import Due, Page, Refused
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets import Refusal, Target
from airflow_provider_catalog.worker.backoff import Backoff
from airflow_provider_catalog.worker.lease import SECONDS, Lease
from airflow_provider_catalog.worker.pace import Pace
from airflow_provider_catalog.worker.telling import Stumbled, tell
from airflow_provider_catalog.worker.vigil import Left, Vigil

log = logging.getLogger(__name__)
_PAGE = 200
_IDLE_SECONDS = 1.0
_AGAIN_FIRST, _AGAIN_MOST = 10.0, 3600.0
_PATIENCE_SECONDS = 300.0


class Published(NamedTuple):
    """How many datasets a target was told of and took, and how many it refused."""

    published: int = 0
    refused: int = 0

    def plus(self, other: Published) -> Published:
        return Published(*(a + b for a, b in zip(self, other, strict=True)))


class Publisher:
    """Of one target. `once` for all that is due, `follow` until stopped."""

    def __init__(
        self,
        store: SqlStore,
        target: Target,
        *,
        page: int = _PAGE,
        lease_seconds: float = SECONDS,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self.name = target.name
        self._store = store
        self._target = target
        self._pace = Pace(page)
        self._patience = patience
        self._lease = Lease(store, f"publish:{target.name}", lease_seconds)
        self._stop = threading.Event()
        self._following = False
        self._mistakes: set[type] = set()
        self._warned = False

    def once(self, stop: threading.Event | None = None) -> Published:
        """Nothing while another worker is at it. Raises TargetUnavailable when the target is down."""
        self._stop = stop or self._stop
        total = Published()
        try:
            while not self._stop.is_set() and self._lease.mine and (done := self._step()) is not None:
                total = total.plus(done)
        except TargetUnavailable as error:
            self._down(error.reason)
            raise
        finally:
            self._lease.give_back()
        return total

    def follow(self, stop: threading.Event) -> Published:
        """Errors of the store that do not pass by themselves end it."""
        self._stop, self._following = stop, True
        total, trouble = Published(), Backoff(1.0)
        try:
            while not stop.is_set():
                try:
                    done = self._step() if self._lease.mine else None
                except (StoreUnavailable, TargetUnavailable) as error:
                    self._wait_out(error, trouble)
                    continue
                trouble.reset()
                total = total.plus(done or Published())
                if done is None:
                    stop.wait(_IDLE_SECONDS)
        finally:
            self._lease.give_back()
        return total

    def _wait_out(self, error: StoreUnavailable | TargetUnavailable, trouble: Backoff) -> None:
        if not self._warned:
            log.warning("Publishing to %s waits: %s", self.name, error)
        self._warned = True
        if isinstance(error, TargetUnavailable):
            self._down(error.reason)
        self._lease.give_back()
        self._stop.wait(trouble.next())

    def _down(self, reason: str) -> None:
        with suppress(StoreError):
            self._store.outbox.down(self.name, reason)

    # -- one page

    def _step(self) -> Published | None:
        """None: nothing is due."""
        page = self._store.outbox.page(self.name, self._pace.size)
        if not page.due:
            return None
        datasets = self._nodes(page)
        refusals = self._told(datasets) if datasets else {}
        if refusals is None:
            return Published()
        failed = [self._failed(due, refusals[due.node]) for due in page.due if due.node in refusals]
        self._store.outbox.settle(page, failed)
        if failed and self._pace.in_a_row > 1:
            raise TargetUnavailable(self.name, failed[0].reason)
        self._warned = False
        return Published(len(datasets) - len(failed), len(failed))

    def _nodes(self, page: Page) -> list[Entity]:
        """What was merged away a moment ago comes again as what it is now."""
        found = self._store.entities([due.node for due in page.due])
        return [found[due.node] for due in page.due if due.node in found and found[due.node].node == due.node]

    def _told(self, datasets: Sequence[Entity]) -> Mapping[int, Refusal] | None:
        """None: that has to be told again, in parts or by the next worker."""
        vigil = Vigil(self._lease, self._stop, self._patience, self._late)
        try:
            refusals = tell(self._target, self._store, datasets, vigil)
        except Left:
            return None
        except Stumbled as mistake:
            return self._blamed(datasets, mistake)
        self._pace.went_well(len(datasets))
        return refusals

    def _blamed(self, datasets: Sequence[Entity], mistake: Stumbled) -> Mapping[int, Refusal] | None:
        if mistake.kind not in self._mistakes:
            log.error("The target %s stumbled: %s", self.name, mistake, exc_info=mistake.__cause__)
            self._mistakes.add(mistake.kind)
        alone = self._pace.stumbled(len(datasets))
        return {datasets[0].uid: Refusal(str(mistake))} if alone else None

    def _failed(self, due: Due, refusal: Refusal) -> Refused:
        wait = Backoff(_AGAIN_FIRST, _AGAIN_MOST, due.attempts).next()
        not_before = now() + int(wait * 1_000_000) if refusal.retryable else None
        return Refused(due.node, self.name, due.attempts + 1, not_before, refusal.reason)

    def _late(self) -> None:
        """Whoever follows waits on: a second call beside the first would make nothing better."""
        reason = f"it has not answered for {self._patience:g} s"
        if not self._following:
            raise TargetUnavailable(self.name, reason)
        log.warning("Publishing to %s waits: %s", self.name, reason)
        self._down(reason)
