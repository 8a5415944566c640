"""Is a job well? Judged by its last runs alone, without any I/O.

* failed: the newest finished run failed or was aborted, and nothing has succeeded since;
* late: the newest run takes much longer than this job's runs take, or took much longer than them, or a run is overdue:
  the next data interval has ended, and more time has passed than usually does between its end and the end of the run.

"Much" is twice the median of the earlier runs and at least five minutes more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeAlias

from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.services.times import duration
from airflow_provider_catalog.store.protocol import RunRow

Health: TypeAlias = Literal["failed", "late", "ok", "unknown"]
_GRACE = 5 * 60 * 1_000_000
_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a job is, why we say so, and the run that shows it."""

    health: Health
    reason: str
    run: RunRow | None


def judge(runs: Sequence[RunRow], now: int) -> Judgement:
    """`runs` in any order."""
    newest_first = sorted(runs, key=_moment, reverse=True)
    if not newest_first:
        return Judgement("unknown", "no run is known", None)
    finished = next((run for run in newest_first if run.state.terminal), None)
    if finished and finished.state in {Event.FAIL, Event.ABORT}:
        return Judgement("failed", "failed" if finished.state == Event.FAIL else "was aborted", finished)
    return _slow(newest_first, now) or _overdue(newest_first, now) or _well(newest_first[0])


def _well(run: RunRow) -> Judgement:
    return Judgement("ok", "succeeded" if run.state == Event.COMPLETE else "is running", run)


def _slow(runs: Sequence[RunRow], now: int) -> Judgement | None:
    run, *earlier = runs
    usual = [took for took in map(_took, earlier) if took is not None]
    took = _took(run) if run.state.terminal else None if run.started_at is None else now - run.started_at
    if took is None or not usual or took <= _much(median(usual)):
        return None
    verb = "took" if run.state.terminal else "has been running for"
    return Judgement("late", f"{verb} {duration(took)}, usually {duration(int(median(usual)))}", run)


def _overdue(runs: Sequence[RunRow], now: int) -> Judgement | None:
    """Only for jobs that run at intervals, which their nominal times tell."""
    run = runs[0]
    lags = [r.ended_at - r.nominal_end for r in runs if r.ended_at is not None and r.nominal_end is not None]
    if not run.state.terminal or run.nominal_start is None or run.nominal_end is None or not lags:
        return None
    interval = run.nominal_end - run.nominal_start
    waited = now - (run.nominal_end + interval)
    if interval <= 0 or waited <= _much(max(0.0, median(lags))):
        return None
    return Judgement("late", f"the next run is overdue by {duration(waited - int(max(0.0, median(lags))))}", run)


def _much(usual: float) -> float:
    return max(usual * _FACTOR, usual + _GRACE)


def _took(run: RunRow) -> int | None:
    return None if run.started_at is None or run.ended_at is None else run.ended_at - run.started_at


def _moment(run: RunRow) -> tuple[int, str]:
    known = [time for time in (run.nominal_end, run.ended_at, run.started_at) if time is not None]
    return ((run.started_at if run.started_at is not None else max(known, default=0)), run.run_id)
