"""Sources: a source turns one envelope into `Changes` and touches nothing else.

It imports the model and the errors, never Airflow, the store or the network, and gives the same `Changes` for the same
envelope wherever it runs: the store is derived from the log again by reading it again. What it cannot read it rejects
with `RejectedError`, whose reason says what is wrong and where; nothing else ever escapes.

A source is a function from `Envelope` to `Changes` in a module named after its kind, and a line in `_READERS`.

Who sent an envelope is in the details of what it says, as "sender": what the server knew, never what a payload claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import orjson

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.dbt import DBT
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.masking import mask_text
from airflow_provider_catalog.model.record import ASSET, DAG_RUN, TASK
from airflow_provider_catalog.model.statement import Changes, Statement
from airflow_provider_catalog.sources import (
    asset,
    checkpoint,
    columns,
    dag_run,
    dbt,
    edit,
    openlineage,
    register,
    statements,
    task,
)
from airflow_provider_catalog.sources.crawlers import database as crawled
from airflow_provider_catalog.sources.crawlers.glue import source as glue
from airflow_provider_catalog.sources.openlineage.details import dump

_READERS: dict[str, Callable[[Envelope], Changes]] = {
    "checkpoint": checkpoint.read,
    columns.KIND: columns.read,
    crawled.KIND: crawled.read,
    glue.KIND: glue.read,
    "edit": edit.read,
    "openlineage": openlineage.read,
    "register": register.read,
    "statements": statements.read,
    ASSET: asset.read,
    DAG_RUN: dag_run.read,
    DBT: dbt.read,
    TASK: task.read,
}
_CHECKS: dict[str, Callable[[Envelope], object]] = {"openlineage": openlineage.check}
"""Of kinds that come by the thousand: what tells sooner than reading whether an envelope can be read."""
_TRUSTED = "checkpoint"
"""Written by the store itself: who sent what is in it already, and nobody may send one."""
_WHOLE = "statements"
"""The payload has the details themselves, and so may claim anything."""


def read(envelope: Envelope) -> Changes:
    """What an envelope says."""
    reader = _READERS.get(envelope.kind)
    if reader is None:
        raise RejectedError(f"nobody reads envelopes of kind {envelope.kind[:100]!r}, only of {', '.join(_READERS)}")
    if envelope.sender and envelope.kind == _TRUSTED:
        raise RejectedError(f"envelopes of kind {_TRUSTED!r} are made by the store alone: send {_WHOLE!r}")
    with _rejecting():
        changes = reader(envelope)
        return _signed(changes, envelope.sender) if envelope.sender or envelope.kind == _WHOLE else changes


def check(envelope: Envelope) -> None:
    """Rejects what `read` would: who sends it is told so while they still have it."""
    with _rejecting():
        _CHECKS.get(envelope.kind, read)(envelope)


@contextmanager
def _rejecting() -> Iterator[None]:
    try:
        yield
    except RejectedError as error:
        raise RejectedError(mask_text(error.reason)) from error
    except Exception as error:
        raise RejectedError(mask_text(f"cannot be read: {type(error).__name__}: {error}"[:1_000])) from error


def _signed(changes: Changes, sender: str) -> Changes:
    return Changes(tuple(_with_sender(statement, sender) for statement in changes.statements))


def _with_sender(statement: Statement, sender: str) -> Statement:
    """Spelled as it was, since the id is made of it: of the two ways to write a float, the one that was taken."""
    if not sender and b'"sender"' not in statement.details:
        return statement
    details = orjson.loads(statement.details)
    spelled = dump if dump(details) == statement.details else codec.details
    details.pop("sender", None)
    return replace(statement, details=spelled(details | ({"sender": sender} if sender else {})))
