"""`crawl`: what is in a system already, into the catalog."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.merging import merge
from airflow_provider_catalog.cli.options import Subparsers, command, group
from airflow_provider_catalog.cli.output import table

if TYPE_CHECKING:
    from airflow_provider_catalog.cli.progress import Progress
    from airflow_provider_catalog.services.crawl import Crawled
    from airflow_provider_catalog.sources.crawlers.glue.opening import CrawlableGlue
    from airflow_provider_catalog.sources.crawlers.opening import Crawlable
    from airflow_provider_catalog.sources.crawlers.tables import Selection
    from airflow_provider_catalog.store.protocol import Store

_EPILOG = "A password in URL is seen by whoever lists processes: prefer --conn-id, or the driver's own password file."
_GLUE_EPILOG = "Credentials are those that boto3 finds (environment, profile, role), or those of --conn-id."
_OUTSIDE_OF_TASKS = ("_AIRFLOW_PROCESS_CONTEXT", "server")
"""Airflow looks up connections in its own database then. `airflow connections test` says it in the same way."""

_WITHOUT_CHATTER = ("AIRFLOW__LOGGING__NAMESPACE_LEVELS", "airflow.providers.amazon=WARNING")
"""Airflow writes to where the answer goes."""

_HEADER = ("TABLES", "NEW", "CHANGED", "GONE", "UNCHANGED", "SKIPPED", "SECONDS")


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "crawl", "what is in a system already, into the catalog")
    db = command(verbs, "db", _db, "read the tables of a database: only what has changed is sent", epilog=_EPILOG)
    where = db.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "url", metavar="URL", nargs="?", help="as SQLAlchemy has it: postgresql://user@host:5432/database"
    )
    where.add_argument("--conn-id", metavar="ID", help="a connection of Airflow")
    _add_selection(db, "only such schema.table, as mart.*; repeatable")
    glue = command(verbs, "glue", _glue, "read AWS Glue: only what has changed is sent", epilog=_GLUE_EPILOG)
    glue.add_argument("--region", metavar="R", help="a region of AWS, unless the profile or the connection says one")
    glue.add_argument("--catalog-id", metavar="ID", help="whose Data Catalog; without it that of the caller's account")
    glue.add_argument("--conn-id", metavar="ID", help="an AWS connection of Airflow")
    _add_selection(glue, "only such database.table, as mart.*; repeatable")
    glue.add_argument("--versions", action="store_true", help="also the columns that tables had before")
    glue.add_argument("--partitions", action="store_true", help="also how many partitions each table has")
    glue.add_argument("--registries", action="store_true", help="also the schemas of the Schema Registry")


def _add_selection(parser: argparse.ArgumentParser, include: str) -> None:
    for option, help_ in (("--include", include), ("--exclude", "not these; repeatable")):
        parser.add_argument(option, metavar="PATTERN", action="append", default=[], help=help_)
    parser.add_argument("--dry-run", action="store_true", help="count what would be sent, and send nothing")
    parser.add_argument("--no-merge", action="store_true", help="accept only; a worker merges it later")


# -- a database


def _db(context: Context) -> None:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.services.crawl import crawl

    selection, args = _selection(context), context.args
    with context.store() as store, progress("tables seen", None) as bar:
        with _opened(context) as (place, reader):
            done = crawl(store, place, reader, selection, dry_run=args.dry_run, tell=_telling(bar))
        merge(context, store, bar, done.plan.size)
    context.show(done.to_json(), lambda: table(_HEADER, [_row(done)], context.style))
    if done.unread:
        context.note(f"These schemas may not be read: {', '.join(done.unread)}")


def _opened(context: Context) -> AbstractContextManager[Crawlable]:
    if context.args.conn_id:
        os.environ.setdefault(*_OUTSIDE_OF_TASKS)
        from airflow_provider_catalog.hooks.database import by_conn_id

        return by_conn_id(context.args.conn_id)
    from airflow_provider_catalog.sources.crawlers.opening import by_url

    return by_url(context.args.url)


# -- AWS Glue


def _glue(context: Context) -> None:
    from airflow_provider_catalog.cli.progress import progress

    with context.store() as store, progress("tables seen", None) as bar:
        with _opened_glue(context) as found:
            done = _crawl_glue(context, store, found, bar)
        merge(context, store, bar, sum(each.plan.size for each in done.values()))
    context.show(_document(done), lambda: _rows(context, done))
    for what, each in done.items():
        if each.unread:
            context.note(f"These {_CLOSED[what]} may not be read: {', '.join(each.unread)}")


_CLOSED = {
    "tables": "databases (glue:GetTables)",
    "schemas": "registries (glue:ListSchemas, glue:GetSchema)",
}
"""What was closed to us, and what IAM calls that."""


def _crawl_glue(context: Context, store: Store, found: CrawlableGlue, bar: Progress) -> dict[str, Crawled]:
    from airflow_provider_catalog.services.crawl import crawl

    how: dict[str, Any] = {"dry_run": context.args.dry_run, "tell": _telling(bar)}
    done = {"tables": crawl(store, found.catalog, found.tables, _selection(context), **how)}
    if context.args.registries:
        done["schemas"] = crawl(store, found.registries, found.schemas, _selection(context), **how)
    return done


def _opened_glue(context: Context) -> AbstractContextManager[CrawlableGlue]:
    from airflow_provider_catalog.sources.crawlers.glue.tables import Asked

    args = context.args
    asked = Asked(_selection(context), versions=args.versions, partitions=args.partitions)
    if args.conn_id:
        os.environ.setdefault(*_OUTSIDE_OF_TASKS)
        os.environ.setdefault(*_WITHOUT_CHATTER)
        from airflow_provider_catalog.hooks.aws import glue_by_conn_id

        return glue_by_conn_id(args.conn_id, args.region, args.catalog_id, asked)
    from airflow_provider_catalog.sources.crawlers.glue.opening import by_default

    return by_default(args.region, args.catalog_id, asked)


def _document(done: dict[str, Crawled]) -> dict[str, Any]:
    """That of the tables, as of any database; what else was read is in it."""
    tables, *others = done
    return done[tables].to_json() | {what: done[what].to_json() for what in others}


def _rows(context: Context, done: dict[str, Crawled]) -> str:
    if len(done) == 1:
        return table(_HEADER, [_row(each) for each in done.values()], context.style)
    return table(("", *_HEADER), [(what, *_row(each)) for what, each in done.items()], context.style)


# -- whatever it is


def _selection(context: Context) -> Selection:
    from airflow_provider_catalog.sources.crawlers.tables import Selection

    return Selection(tuple(context.args.include), tuple(context.args.exclude))


def _row(done: Crawled) -> list[object]:
    found = done.to_json()
    return [found[name.lower()] for name in _HEADER]


def _telling(bar: Progress) -> Callable[[str, int, int | None], None]:
    """A new bar when something else is counted."""
    shown = ["tables seen"]

    def tell(what: str, done: int, total: int | None) -> None:
        if what != shown[0]:
            shown[0] = what
            bar.begin(what, total)
        bar.update(done, done)

    return tell
