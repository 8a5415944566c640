"""`push`: carries the catalog to a target now, whatever `[catalog] publish` says; first it shows what it would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.cli import push_lineage
from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, group
from airflow_provider_catalog.cli.output import clean, table

if TYPE_CHECKING:
    from airflow_provider_catalog.store.protocol import Entity, Store
    from airflow_provider_catalog.targets.glue.writer import Outcome

_PAGE = 1000
_DONE = {"create": "created", "update": "updated", "nothing": "unchanged"}
_PLANNED = {"create": "to create", "update": "to update", "nothing": "unchanged"}
_EXAMPLES = """examples:
  airflow-catalog push glue --dry-run
  airflow-catalog push glue s3://lake/sales/orders
  airflow-catalog push glue --lineage"""


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "push", "carry the catalog to another system now")
    glue = command(verbs, "glue", _glue, "register datasets as tables of AWS Glue", epilog=_EXAMPLES)
    glue.add_argument("datasets", metavar="DATASET", nargs="*", help="these only; without any, all that a rule knows")
    glue.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")
    push_lineage.add_options(glue)


def _glue(context: Context) -> int:
    if context.args.lineage:
        return push_lineage.push_lineage(context, _datasets)
    push_lineage.refuse_without(context.args)
    return _registered(context)


def _registered(context: Context) -> int:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.targets.glue.target import Glue

    args, target = context.args, Glue()
    found: list[Outcome] = []
    with context.store() as store, progress("tables", None) as bar:
        for outcome in target.push(store, _datasets(store, args.datasets), dry_run=args.dry_run):
            found.append(outcome)
            bar.update(len(found), len(found))
    words = _PLANNED if args.dry_run else _DONE
    document = {"dry_run": args.dry_run, "tables": [_as_json(each, words) for each in found]}
    context.show(document, lambda: _text(found, words, context))
    return 1 if any(each.reason for each in found) else 0


def _datasets(store: Store, named: list[str]) -> Iterator[Entity]:
    """Partitions of a table lie side by side when they are ordered by name."""
    from airflow_provider_catalog.services.identity import find_entity

    if named:
        found = (find_entity(store, name) for name in named)
        yield from (store.entities([each.node]).get(each.node, each) for each in found)
        return
    yield from sorted(_scanned(store), key=lambda each: (each.namespace, each.name))


def _scanned(store: Store) -> Iterator[Entity]:
    after = 0
    while page := store.scan("dataset", after=after, limit=_PAGE):
        yield from (each for each in page if each.node == each.uid)
        after = page[-1].uid


def _as_json(outcome: Outcome, words: dict[str, str]) -> dict[str, Any]:
    place, plan = outcome.table.place, outcome.plan
    return {
        "catalog_id": place.catalog_id,
        "region": place.region,
        "database": place.database,
        "table": place.table,
        "state": _state(outcome, words),
        "partitions": outcome.partitions,
        "changes": [change._asdict() for change in plan.changes] if plan else [],
        "notes": list(plan.notes) if plan else [],
        "reason": outcome.reason or None,
    }


def _state(outcome: Outcome, words: dict[str, str]) -> str:
    return words[outcome.plan.kind] if outcome.plan and outcome.plan.kind in words and not outcome.reason else "refused"


def _text(found: list[Outcome], words: dict[str, str], context: Context) -> str:
    if not found:
        return "No dataset is a table of Glue: `[catalog] glue_mapping` says which are."
    rows = [
        (
            clean(f"{each.table.place.database}.{each.table.place.table}"),
            _state(each, words),
            each.partitions or "",
            clean(each.reason or _changes(each)),
        )
        for each in found
        if _state(each, words) != words["nothing"] or each.partitions
    ]
    counts = Counter(_state(each, words) for each in found)
    verdict = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    shown = [table(("TABLE", "STATE", "PARTITIONS", "WHAT"), rows, context.style)] if rows else []
    return "\n\n".join([*shown, verdict])


def _changes(outcome: Outcome) -> str:
    """Which members differ; what is new differs in all."""
    plan = outcome.plan
    if plan is None or plan.kind != "update":
        return ""
    return ", ".join(dict.fromkeys(change.member for change in plan.changes))
