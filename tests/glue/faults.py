"""What goes wrong between a client and the service, decided by a generator with a seed: as often as asked.

    Faults(seed=7, shares={"throttled": 0.2, "broken_after": 0.05}, only={"UpdateTable"})

A fault comes before the effect, or after it: then what was asked has happened, and the client is not told so.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Container, Mapping
from typing import NamedTuple


class Fault(NamedTuple):
    """Without a code it is no error of the API: a page of whatever stands before it, or the connection just ends."""

    code: str | None
    message: str
    status: int
    after: bool = False


KINDS = {
    "throttled": Fault("ThrottlingException", "Rate exceeded", 400),
    "too_many": Fault("TooManyRequestsException", "Too Many Requests", 429),
    "broken": Fault("InternalServiceException", "We encountered an internal error. Please try again.", 500),
    "broken_after": Fault("InternalServiceException", "We encountered an internal error. Please try again.", 500, True),
    "unavailable": Fault("ServiceUnavailableException", "Service is unavailable.", 503),
    "timed_out": Fault("OperationTimeoutException", "The operation timed out.", 400),
    "timed_out_after": Fault("OperationTimeoutException", "The operation timed out.", 400, True),
    "conflicted": Fault("ConcurrentModificationException", "Table being modified concurrently.", 400),
    "bad_gateway": Fault(None, "Bad Gateway", 502),
    "hung_up": Fault(None, "", 0),
    "hung_up_after": Fault(None, "", 0, True),
}


class Faults:
    """`shares` of all calls, or of those `only` names; `drawn` counts what went wrong."""

    def __init__(
        self, seed: int = 0, shares: Mapping[str, float] | None = None, only: Container[str] | None = None
    ) -> None:
        self.shares = dict(shares or {})
        self.drawn: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._only = only
        if unknown := set(self.shares) - set(KINDS):
            raise ValueError(f"no such faults: {sorted(unknown)}")
        if sum(self.shares.values()) > 1:
            raise ValueError("more than all calls cannot go wrong")

    def draw(self, operation: str) -> Fault | None:
        if not self.shares or (self._only is not None and operation not in self._only):
            return None
        lot = self._random.random()
        for kind, share in self.shares.items():
            lot -= share
            if lot < 0:
                self.drawn[kind] += 1
                return KINDS[kind]
        return None
