"""`worker` and `drain`: what waits in the spool and in the log, once or for as long as it runs."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.cli.output import pairs
from airflow_provider_catalog.errors import StoreUnavailable

_NICE = 5
"""Beside an api-server: people who ask, and tasks, come first; what is merged a moment later is as true."""


def register(subparsers: Subparsers) -> None:
    worker = command(
        subparsers, "worker", _worker, "drain the spool of this host, merge the log, publish, do the upkeep"
    )
    how = worker.add_mutually_exclusive_group(required=True)
    how.add_argument("--once", action="store_true", help="all that waits, then end")
    how.add_argument(
        "--follow", action="store_true", help="until SIGTERM or SIGINT; the batch at hand is finished first"
    )
    worker.add_argument("--embedded", action="store_true", help=argparse.SUPPRESS)
    command(subparsers, "drain", _drain, "hand over what waits in the spool of this host to the log")


def _worker(context: Context) -> None:
    with _stopping() as stop:
        if context.args.embedded:
            _embedded(context, stop)
        elif context.args.follow:
            _follow(context, stop)
        else:
            _once(context, stop)


def _once(context: Context, stop: threading.Event) -> None:
    from airflow_provider_catalog.worker.roles import Worker

    with context.database() as store:
        worker = Worker(store, context.settings)
        merged = worker.once()
        _show(context, merged._asdict() | worker.publish(stop)._asdict())


def _follow(context: Context, stop: threading.Event) -> None:
    from airflow_provider_catalog.worker.backoff import Backoff
    from airflow_provider_catalog.worker.roles import Worker

    trouble = Backoff()
    while not stop.is_set():
        try:
            with context.database() as store:
                worker = Worker(store, context.settings)
                context.note(f"Working as {worker.merger.holder}. SIGTERM or Ctrl-C ends it.")
                return _show(context, worker.follow(stop)._asdict())
        except StoreUnavailable as error:
            context.note(f"The store is unavailable, trying again: {error}")
            stop.wait(trouble.next())
    return None


def _embedded(context: Context, stop: threading.Event) -> None:
    """A child of the api-server, one a host."""
    from airflow_provider_catalog.worker.embedded import stop_with_parent, turn

    stop_with_parent(stop)
    with turn(Path(context.settings.spool_dir) / "embedded", stop) as mine:
        if mine:
            os.nice(_NICE)
            _follow(context, stop)


def _drain(context: Context) -> None:
    from airflow_provider_catalog.capture.spool import Spool
    from airflow_provider_catalog.worker.drain import Drainer

    spool = Spool.of(context.settings)
    with context.store() as store:
        found = {"delivered": Drainer(store, spool).once(), "waiting": spool.waiting().records}
    context.show(found, lambda: pairs([*found.items()], context.style))


def _show(context: Context, found: dict[str, int]) -> None:
    context.show(found, lambda: pairs([*found.items()], context.style))


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that is set when somebody asks us to stop."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
