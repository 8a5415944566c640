"""`db`, `rebuild`, `retain`, `totals` and `status`: the upkeep of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, group, positive
from airflow_provider_catalog.cli.output import pairs, table

if TYPE_CHECKING:
    from airflow_provider_catalog.store.sql.rebuild import Difference


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "db", "the database of the catalog: bring it up to date, check it")
    command(verbs, "upgrade", _upgrade, "bring the tables up to date")
    command(verbs, "check", _check, "check that the database answers and its tables are up to date")
    rebuild = command(subparsers, "rebuild", _rebuild, "derive the store anew from its log and put it in place")
    rebuild.add_argument(
        "--diff", action="store_true", help="only show what would be different; exit code 1 if anything is"
    )
    retain = command(subparsers, "retain", _retain, "let go of old runs that only repeat what is known")
    retain.add_argument("--days", type=positive, help="keep so many (default: [catalog] log_retention_days)")
    command(subparsers, "totals", _totals, "count for every dataset what lies up and down of it")
    command(subparsers, "status", _status, "show how the store is doing")


def _upgrade(context: Context) -> None:
    from airflow_provider_catalog.store.sql.schema import upgrade

    done = upgrade(context.store_url)
    context.show({"done": done}, lambda: "\n".join(done) or "The tables are up to date.")


def _check(context: Context) -> None:
    from airflow_provider_catalog.store.sql.schema import check

    check(context.store_url)
    context.show({"up_to_date": True}, lambda: "The tables are up to date.")


def _rebuild(context: Context) -> int:
    from airflow_provider_catalog import sources
    from airflow_provider_catalog.store.sql.rebuild import rebuild

    only_show = context.args.diff
    with context.database() as store:
        found = rebuild(store, sources.read, apply=not only_show)
    context.show(_difference(found), lambda: _difference_text(found, context))
    return 1 if only_show and not found.equal else 0


def _difference(found: Difference) -> dict[str, Any]:
    tables = [
        {**each._asdict(), "examples": [{"side": side, "row": [_plain(v) for v in row]} for side, row in each.examples]}
        for each in found.tables
    ]
    return {"envelopes": found.envelopes, "equal": found.equal, "tables": tables}


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _difference_text(found: Difference, context: Context) -> str:
    style = context.style
    rows = [(each.table, each.rows, each.only_live, each.only_rebuilt) for each in found.tables]
    verdict = style.good("Both are equal.") if found.equal else style.warn("They differ.")
    examples = [f"  {side}: {each.table} {row}" for each in found.tables for side, row in each.examples[:3]]
    shown = table(("TABLE", "ROWS", "ONLY LIVE", "ONLY REBUILT"), rows, style)
    return "\n".join([shown, "", f"{found.envelopes} envelopes read. {verdict}", *examples])


def _retain(context: Context) -> None:
    from airflow_provider_catalog.store.sql.retention import retain

    with context.database() as store:
        gone = retain(store, context.args.days or context.settings.log_retention_days)._asdict()
    context.show(gone, lambda: "let go of\n" + pairs([*gone.items()], context.style))


def _totals(context: Context) -> None:
    with context.store() as store:
        counted = store.recompute_totals()
    context.show({"datasets": counted}, lambda: f"Counted for {counted} datasets.")


def _status(context: Context) -> None:
    with context.store() as store:
        found = store.status()._asdict()
    context.show(
        found, lambda: pairs([(name.replace("_", " "), count) for name, count in found.items()], context.style)
    )
