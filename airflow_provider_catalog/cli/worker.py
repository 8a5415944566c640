"""`worker`: merge what was accepted, once or for as long as it runs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.cli.output import pairs


def register(subparsers: Subparsers) -> None:
    worker = command(subparsers, "worker", _worker, "merge what was accepted into the catalog")
    how = worker.add_mutually_exclusive_group(required=True)
    how.add_argument("--once", action="store_true", help="all that is pending, then end")
    how.add_argument(
        "--follow", action="store_true", help="until SIGTERM or SIGINT; the batch at hand is finished first"
    )


def _worker(context: Context) -> None:
    from airflow_provider_catalog.worker.aliases import declare
    from airflow_provider_catalog.worker.merge import Merger

    with context.store() as store, _stopping() as stop:
        declare(store, context.settings.namespace_aliases)
        merger = Merger(store)
        if context.args.follow:
            context.note(f"Merging as {merger.holder}. SIGTERM or Ctrl-C ends it.")
        merged = merger.follow(stop) if context.args.follow else merger.drain()
    found = merged._asdict()
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
