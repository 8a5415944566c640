"""`undo`: takes back what the catalog did to another system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, group
from airflow_provider_catalog.cli.output import clean, table
from airflow_provider_catalog.errors import CatalogError

if TYPE_CHECKING:
    from airflow_provider_catalog.targets.glue.plan import Plan

_DONE = {"update": "put back as it was", "delete": "deleted, since the catalog had made it"}
_PLANNED = {"update": "to put back as it was", "delete": "to delete, since the catalog had made it"}
_NOTHING = "is as it was before the catalog changed it first, as far as it remembers"
_EXAMPLES = """examples:
  airflow-catalog undo glue sales.orders --dry-run
  airflow-catalog undo glue sales.orders

The catalog goes on wanting what it wants: correct it there, too, or the table is written again with the next change."""


class UndoError(CatalogError):
    """Somebody else changed it since, or nothing is known of it."""


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "undo", "take back what the catalog did to another system")
    glue = command(verbs, "glue", _glue, "put a table of AWS Glue back as it was", epilog=_EXAMPLES)
    glue.add_argument("table", metavar="DATABASE.TABLE", help="again for the change before the last one")
    glue.add_argument("--catalog-id", metavar="ACCOUNT", help="whose Data Catalog (default: that of the credentials)")
    glue.add_argument("--region", help="default: boto3's own")
    glue.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")


def _glue(context: Context) -> None:
    from airflow_provider_catalog.targets.glue.mapping import GlueMapping, GluePlace
    from airflow_provider_catalog.targets.glue.target import Glue

    args = context.args
    database, _, name = args.table.partition(".")
    if not database or not name:
        raise UndoError(f"{args.table}: a table is DATABASE.TABLE")
    place = GluePlace(database.lower(), name.lower(), catalog_id=args.catalog_id, region=args.region)
    with context.store() as store:
        plan = Glue(GlueMapping([])).undo(store, place, dry_run=args.dry_run)
    if plan.kind == "refuse":
        raise UndoError(f"{database}.{name}: {plan.reason}")
    changes = [change._asdict() for change in plan.changes]
    document = {"dry_run": args.dry_run, "database": place.database, "table": place.table, "state": plan.kind}
    context.show({**document, "changes": changes}, lambda: _text(plan, context))


def _text(plan: Plan, context: Context) -> str:
    words, *head = (_PLANNED, "IS", "TO BE") if context.args.dry_run else (_DONE, "WAS", "IS")
    rows = [(clean(each.member), clean(_shown(each.before)), clean(_shown(each.after))) for each in plan.changes]
    shown = [table(("WHAT", *head), rows, context.style)] if rows else []
    return "\n\n".join([clean(f"{plan.database}.{plan.name} {words.get(plan.kind, _NOTHING)}"), *shown])


def _shown(value: object) -> str:
    return "" if value is None else str(value)
