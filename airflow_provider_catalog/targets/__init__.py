"""Where the catalog is carried to. `[catalog] publish` names targets: one of ours, or the dotted path of any class.

A target is made without arguments and does nothing then: no connection, no look elsewhere. It is told of datasets that
changed, at least once each, and sees to it that what is outside says the same as the store does now. So it must not
count on being told of every step, and to be told again must change nothing. Datasets are canonical ones: what is merged
into another is told of as that other, whose names `store.members` tells.

* It returns what it could not publish, and why (`Refusal`). The others are done with.
* It raises `errors.TargetUnavailable`, or any OSError, when nothing can be published now: all of it is told again.
* It has time limits of its own for whatever it waits for.

It is called by one thread at a time. A worker is that thread, and where there are several only one of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from airflow_provider_catalog.store.protocol import Entity, Store


class Refusal(NamedTuple):
    """Why a dataset was not published. `retryable`: trying again may help; if not, it waits until it changes."""

    reason: str
    retryable: bool = True


class Target(Protocol):
    """`name`: what is remembered of it goes by that, whatever its class is called. `publish` returns refusals by the
    numbers of the datasets; nothing, or None, when there are none.
    """

    @property
    def name(self) -> str: ...
    def publish(self, store: Store, datasets: Sequence[Entity]) -> Mapping[int, Refusal] | None: ...
