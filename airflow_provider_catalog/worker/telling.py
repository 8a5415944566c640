"""Telling a target, whatever it does then: it takes all, refuses some, is away, stumbles over one, or never comes back.

It works in a thread of its own, so whoever waits for it can do something else meanwhile, or leave it behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from functools import partial

from airflow_provider_catalog.errors import CatalogError, StoreOutdated, StoreUnavailable, TargetUnavailable
from airflow_provider_catalog.model.grammar import storable
from airflow_provider_catalog.model.masking import mask_prose
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.targets import Refusal, Target

_LOOK_SECONDS = 0.25
_LONGEST = 1000
_Answer = Mapping[int, Refusal] | None


class Stumbled(Exception):  # noqa: N818  what happened; nobody but the publisher meets it
    """The target made a mistake, probably over one dataset."""

    def __init__(self, mistake: BaseException) -> None:
        super().__init__(_shown(f"{type(mistake).__name__}: {mistake}"))
        self.kind = type(mistake)


def tell(
    target: Target, store: Store, datasets: Sequence[Entity], meanwhile: Callable[[], object]
) -> Mapping[int, Refusal]:
    """What it could not publish. `meanwhile` is called again and again until it is done; what that raises is raised."""
    done = _begun(partial(target.publish, store, datasets))
    while not wait([done], _LOOK_SECONDS).done:
        meanwhile()
    error = done.exception()
    if error is None:
        return _refusals(done.result(), datasets)
    if isinstance(error, StoreUnavailable | StoreOutdated):
        raise error
    if isinstance(error, OSError) or (isinstance(error, CatalogError) and error.retryable):
        reason = error.reason if isinstance(error, TargetUnavailable) else str(error)
        raise TargetUnavailable(target.name, _shown(reason or type(error).__name__)) from error
    raise Stumbled(error) from error


def _begun(call: Callable[[], _Answer]) -> Future[_Answer]:
    """Nobody waits for the thread when the process ends."""
    done: Future[_Answer] = Future()

    def run() -> None:
        try:
            done.set_result(call())
        except BaseException as error:  # noqa: BLE001  whatever it is, who waits for it has to know
            done.set_exception(error)

    threading.Thread(target=run, name="catalog-target", daemon=True).start()
    return done


def _refusals(answer: object, datasets: Sequence[Entity]) -> Mapping[int, Refusal]:
    """Of those it was told of. An answer of another form is a mistake like any other."""
    if answer is None:
        return {}
    if not isinstance(answer, Mapping) or not all(isinstance(each, Refusal) for each in answer.values()):
        raise Stumbled(TypeError("publish returned no mapping of numbers to Refusal"))
    refused = {dataset.uid: answer[dataset.uid] for dataset in datasets if dataset.uid in answer}
    return {uid: Refusal(_shown(str(each.reason)), bool(each.retryable)) for uid, each in refused.items()}


def _shown(text: str) -> str:
    """What a client says when it fails may hold its password."""
    return storable(mask_prose(text))[:_LONGEST]
