"""Waiting longer each time, and never all at once: exponential with full jitter."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from airflow_provider_catalog.errors import StoreUnavailable

_T = TypeVar("_T")


@dataclass(slots=True)
class Backoff:
    """Delays in seconds; `reset` after a success."""

    first: float = 0.1
    most: float = 30.0
    tries: int = 0

    def next(self) -> float:
        ceiling = min(self.most, self.first * 2.0 ** min(self.tries, 30))
        self.tries += 1
        return random.uniform(0, ceiling)  # noqa: S311  spreads retries, protects nothing

    def reset(self) -> None:
        self.tries = 0


def patiently(call: Callable[[], _T], wait: Callable[[float], object], attempts: int = 6) -> _T:
    """The call's result, tried again while the store is unavailable; the last failure is the caller's."""
    backoff = Backoff(most=5.0)
    for _ in range(attempts - 1):
        try:
            return call()
        except StoreUnavailable:
            wait(backoff.next())
    return call()
