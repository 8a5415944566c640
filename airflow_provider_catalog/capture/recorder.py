"""The recorder of one process: it keeps records in the spool and hands them over when there is time for that."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from airflow_provider_catalog.capture.destination import Destination, destination
from airflow_provider_catalog.capture.handover import Handover, hand_over
from airflow_provider_catalog.capture.payload import encoded
from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.settings import Settings, settings

log = logging.getLogger(__name__)
Count: TypeAlias = Callable[[str, float], None]
"""Told what happened and how often, or for how many seconds: captured, spooled, delivered, dropped, seconds."""


class Recorder:
    """`keep` costs a file of a few kilobytes; `hand_over` no more than the seconds it is given."""

    def __init__(self, chosen: Settings, count: Count) -> None:
        self.settings = chosen
        self.spool = Spool.of(chosen)
        self._count = count
        self._ours: list[Path] = []
        self._unsaved: list[Envelope] = []
        self._told = ""
        self._behind: threading.Thread | None = None
        self._pid = os.getpid()

    def keep(self, kind: str, record: Mapping[str, Any]) -> None:
        """Where the spool cannot be written, in memory: there is one more chance when it is handed over."""
        payload = encoded(record)
        self._count("captured", 1)
        try:
            self._ours.append(self.spool.append(kind, payload))
        except OSError as error:
            log.warning("The catalog's spool %s cannot be written: %s", self.spool.path, error)
            self._unsaved.append(Envelope(kind, payload))
        else:
            self._count("spooled", 1)

    def hand_over(self, seconds: float) -> Handover:
        """What waits on this host goes into the log, unless a worker sees to that. What neither the spool nor the log
        has taken in the end is lost, and counted.
        """
        if not self._unsaved and (not self._ours or self.spool.is_drained()):
            return Handover()
        begun = time.monotonic()
        done = hand_over(self.spool, _connect, seconds, ours=self._ours, unsaved=self._unsaved)
        self._count("seconds", time.monotonic() - begun)
        self._count("delivered", done.delivered)
        if done.problem and done.problem != self._told:
            log.warning("The catalog's store does not take records, they wait in the spool: %s", done.problem)
        self._told = done.problem
        self._settle(done)
        return done

    def _settle(self, done: Handover) -> None:
        self._ours = [] if not done.problem else [file for file in self._ours if file.exists()]
        if self._unsaved and done.delivered < len(self._unsaved):
            self._count("dropped", len(self._unsaved))
            log.warning("%d records of the catalog are lost: no spool, and no store", len(self._unsaved))
        self._unsaved = []

    def hand_over_behind(self, seconds: float) -> None:
        """In a process that serves others and must not wait: in one thread, and never in two."""
        if self._pid != os.getpid():
            self._behind, self._pid = None, os.getpid()
        if self._behind is None or not self._behind.is_alive():
            self._behind = threading.Thread(target=partial(self._quietly, seconds), name="catalog-behind", daemon=True)
            self._behind.start()

    def _quietly(self, seconds: float) -> None:
        try:
            self.hand_over(seconds)
        except Exception:
            log.warning("The catalog could not hand over", exc_info=True)


def _connect() -> Destination:
    """Asked only now: what is secret may come from a command, which takes its time."""
    return destination(settings())
