"""What goes wrong with Glue, as Airflow has it: a task that is tried again where that may help, and fails where not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.errors import CatalogError

_TOLD = 20


class Failure(NamedTuple):
    """Of one thing of many."""

    name: str
    reason: str
    retryable: bool = False


@contextmanager
def telling() -> Iterator[None]:
    try:
        yield
    except CatalogError as error:
        raise _exception(str(error), retryable=error.retryable) from error


def failed(failures: Sequence[Failure]) -> AirflowException:
    """All of them in one. Another try is worth while when it may help any of them."""
    lines = [f"{each.name}: {each.reason}" for each in failures[:_TOLD]]
    more = [f"and {len(failures) - _TOLD} more"] if len(failures) > _TOLD else []
    return _exception("; ".join((*lines, *more)), retryable=any(each.retryable for each in failures))


def _exception(message: str, *, retryable: bool) -> AirflowException:
    return (AirflowException if retryable else AirflowFailException)(message)
