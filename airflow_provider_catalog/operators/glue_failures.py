"""What goes wrong with Glue, as Airflow has it: a task that is tried again where that may help, and fails where not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.errors import CatalogError


@contextmanager
def told() -> Iterator[None]:
    try:
        yield
    except CatalogError as error:
        raise (AirflowException if error.retryable else AirflowFailException)(str(error)) from error
