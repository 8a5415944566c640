"""Handing over: the whole spool of this host into the log, by one process at a time, within a deadline.

While the store does not answer a breaker lies beside the spool: until its time is over nobody tries, so that a dead
store costs one task the deadline and the others nothing.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from airflow_provider_catalog.capture.destination import Destination
from airflow_provider_catalog.capture.spool import Batch, Spool
from airflow_provider_catalog.model.envelope import Envelope

_FIRST, _MOST = 15.0, 60.0
_POLL = 0.01


class Handover(NamedTuple):
    """`delivered`: records that the log has now. `problem`: why there may be more."""

    delivered: int = 0
    problem: str = ""


class _State(NamedTuple):
    """Until when, after how long a wait, and why."""

    until: float = 0.0
    wait: float = 0.0
    problem: str = ""


class Breaker:
    """Open: do not even try. Kept in a file, since each task is a process of its own."""

    def __init__(self, spool: Spool) -> None:
        self._file = spool.path / "breaker"

    def problem(self) -> str:
        """Why it is open; nothing when it is not."""
        state = self._read()
        return state.problem if state.until > time.time() else ""

    def trip(self, problem: str) -> None:
        """Twice as long as the last time. Where it cannot be written, the next one tries."""
        wait = min(_MOST, self._read().wait * 2 or _FIRST)
        being_written = self._file.with_suffix(f".{threading.get_native_id()}")
        with suppress(OSError):
            being_written.write_text(json.dumps(_State(time.time() + wait, wait, problem)))
            being_written.rename(self._file)

    def reset(self) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _read(self) -> _State:
        try:
            return _State(*json.loads(self._file.read_text()))
        except (OSError, ValueError, TypeError):
            return _State()


def hand_over(
    spool: Spool,
    connect: Callable[[], Destination],
    seconds: float,
    *,
    ours: Sequence[Path] = (),
    unsaved: Sequence[Envelope] = (),
) -> Handover:
    """Never takes longer than `seconds` (and a little): what does not answer is left alone in a thread of its own.

    `ours`: once these are gone, whoever took them, there is nothing left for us to do. `unsaved`: what the spool did
    not take.
    """
    breaker = Breaker(spool)
    if problem := breaker.problem():
        _tidy(spool)
        return Handover(problem=problem)
    attempt = _Attempt(spool, connect, time.monotonic() + seconds, ours, unsaved)
    attempt.start()
    attempt.join(seconds)
    if attempt.is_alive() and attempt.has_turn:
        attempt.problem = f"no answer within {seconds:g} s"
        breaker.trip(attempt.problem)
    return Handover(attempt.delivered, attempt.problem)


class _Attempt(threading.Thread):
    def __init__(
        self,
        spool: Spool,
        connect: Callable[[], Destination],
        deadline: float,
        ours: Sequence[Path],
        unsaved: Sequence[Envelope],
    ) -> None:
        super().__init__(name="catalog-hand-over", daemon=True)
        self._spool = spool
        self._connect = connect
        self._deadline = deadline
        self._ours = ours
        self._unsaved = unsaved
        self.has_turn = False
        self.delivered = 0
        self.problem = ""

    def run(self) -> None:
        try:
            while not self._turn():
                if self._done() or time.monotonic() > self._deadline:
                    return
                time.sleep(_POLL)
        except BaseException as error:  # noqa: BLE001  a thread of ours in a process that is not
            self.problem = _shown(error)

    def _turn(self) -> bool:
        """False when it is somebody else's. What the spool did not take needs no turn."""
        with self._spool.locked() as mine:
            if mine or self._unsaved:
                self.has_turn = True
                self._deliver(self._spool.batches() if mine else iter(()))
            return self.has_turn

    def _done(self) -> bool:
        return bool(self._ours) and not any(file.exists() for file in self._ours)

    def _deliver(self, spooled: Iterator[Batch]) -> None:
        try:
            destination = self._connect()
            for batch in chain([Batch([*self._unsaved], [])] if self._unsaved else [], spooled):
                if (left := self._deadline - time.monotonic()) <= 0:
                    return
                destination.accept(batch.envelopes, left)
                self._spool.remove(batch)
                self.delivered += len(batch.envelopes)
            Breaker(self._spool).reset()
        except BaseException as error:  # noqa: BLE001  as above
            self.problem = _shown(error)
            Breaker(self._spool).trip(self.problem)
            with suppress(OSError):
                self._spool.tidy()


def _tidy(spool: Spool) -> None:
    with spool.locked() as mine:
        if mine:
            spool.tidy()


def _shown(error: BaseException) -> str:
    """Of one line, and short: it may come from anywhere."""
    from airflow_provider_catalog.model.masking import mask_text

    return " ".join(mask_text(f"{type(error).__name__}: {error}").split())[:500]
