"""Sources: a source turns one envelope into `Changes` and touches nothing else.

It imports the model and the errors, never Airflow, the store or the network, and gives the same `Changes` for the same
envelope wherever it runs: the store is derived from the log again by reading it again. What it cannot read it rejects
with `RejectedError`, whose reason says what is wrong and where; nothing else ever escapes.

A source is a function from `Envelope` to `Changes` in a module named after its kind, and a line in `_READERS`.
"""

from __future__ import annotations

from collections.abc import Callable

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.masking import mask_text
from airflow_provider_catalog.model.record import ASSET, DAG_RUN, TASK
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources import (
    asset,
    checkpoint,
    dag_run,
    edit,
    openlineage,
    register,
    statements,
    task,
)

_READERS: dict[str, Callable[[Envelope], Changes]] = {
    "checkpoint": checkpoint.read,
    "edit": edit.read,
    "openlineage": openlineage.read,
    "register": register.read,
    "statements": statements.read,
    ASSET: asset.read,
    DAG_RUN: dag_run.read,
    TASK: task.read,
}


def read(envelope: Envelope) -> Changes:
    """What an envelope says."""
    reader = _READERS.get(envelope.kind)
    if reader is None:
        raise RejectedError(f"nobody reads envelopes of kind {envelope.kind[:100]!r}, only of {', '.join(_READERS)}")
    try:
        return reader(envelope)
    except RejectedError as error:
        raise RejectedError(mask_text(error.reason)) from error
    except Exception as error:
        raise RejectedError(mask_text(f"cannot be read: {type(error).__name__}: {error}"[:1_000])) from error
