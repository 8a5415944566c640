"""`crawl`: what is in a system already, into the catalog."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, group
from airflow_provider_catalog.cli.output import table

if TYPE_CHECKING:
    from airflow_provider_catalog.cli.progress import Progress
    from airflow_provider_catalog.services.crawl import Crawled
    from airflow_provider_catalog.sources.crawlers.opening import Crawlable
    from airflow_provider_catalog.store.protocol import Store

_EPILOG = "A password in URL is seen by whoever lists processes: prefer --conn-id, or the driver's own password file."
_OUTSIDE_OF_TASKS = ("_AIRFLOW_PROCESS_CONTEXT", "server")
"""Airflow looks up connections in its own database then. `airflow connections test` says it in the same way."""

_HEADER = ("TABLES", "NEW", "CHANGED", "GONE", "UNCHANGED", "SKIPPED", "SECONDS")


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "crawl", "what is in a system already, into the catalog")
    db = command(verbs, "db", _db, "read the tables of a database: only what has changed is sent", epilog=_EPILOG)
    where = db.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "url", metavar="URL", nargs="?", help="as SQLAlchemy has it: postgresql://user@host:5432/database"
    )
    where.add_argument("--conn-id", metavar="ID", help="a connection of Airflow")
    db.add_argument(
        "--include",
        metavar="PATTERN",
        action="append",
        default=[],
        help="only such schema.table, as mart.*; repeatable",
    )
    db.add_argument("--exclude", metavar="PATTERN", action="append", default=[], help="not these; repeatable")
    db.add_argument("--dry-run", action="store_true", help="count what would be sent, and send nothing")
    db.add_argument("--no-merge", action="store_true", help="accept only; a worker merges it later")


def _db(context: Context) -> None:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.services.crawl import crawl
    from airflow_provider_catalog.sources.crawlers.tables import Selection

    args = context.args
    selection = Selection(tuple(args.include), tuple(args.exclude))
    with context.store() as store, progress("tables seen", None) as bar:
        with _opened(context) as (place, reader):
            done = crawl(store, place, reader, selection, dry_run=args.dry_run, tell=_telling(bar))
        if not (args.dry_run or args.no_merge):
            _merge(context, store, bar, done.plan.size)
    context.show(done.to_json(), lambda: _text(context, done))
    if done.unread:
        context.note(f"These schemas may not be read: {', '.join(done.unread)}")


def _opened(context: Context) -> AbstractContextManager[Crawlable]:
    if context.args.conn_id:
        os.environ.setdefault(*_OUTSIDE_OF_TASKS)
        from airflow_provider_catalog.hooks.database import by_conn_id

        return by_conn_id(context.args.conn_id)
    from airflow_provider_catalog.sources.crawlers.opening import by_url

    return by_url(context.args.url)


def _telling(bar: Progress) -> Callable[[str, int, int | None], None]:
    """A new bar when something else is counted."""
    shown = ["tables seen"]

    def tell(what: str, done: int, total: int | None) -> None:
        if what != shown[0]:
            shown[0] = what
            bar.begin(what, total)
        bar.update(done, done)

    return tell


def _merge(context: Context, store: Store, bar: Progress, size: int) -> None:
    """So that what follows knows of it."""
    from airflow_provider_catalog.errors import LeaseLost
    from airflow_provider_catalog.worker.batch import Merged
    from airflow_provider_catalog.worker.merge import Merger

    done = Merged()

    def count(merged: Merged) -> None:
        nonlocal done
        done = done.plus(merged)
        bar.update(done.envelopes, done.envelopes)

    bar.begin("merged", size)
    try:
        Merger(store).drain(on_batch=count)
    except LeaseLost as busy:
        context.note(f"Accepted; {busy.holder} is merging.")


def _text(context: Context, done: Crawled) -> str:
    found = done.to_json()
    return table(_HEADER, [[found[name.lower()] for name in _HEADER]], context.style)
