"""`push glue --lineage`: tells tables that Glue has what they are made of."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import positive
from airflow_provider_catalog.cli.output import clean, table

if TYPE_CHECKING:
    from airflow_provider_catalog.store.protocol import Entity, Store
    from airflow_provider_catalog.targets.glue.lineage.pushing import Pushed

Datasets: TypeAlias = "Callable[[Store, list[str]], Iterable[Entity]]"
_NONE = "No dataset is a table of Glue: `[catalog] glue_mapping` says which are."


def add_options(parser: argparse.ArgumentParser) -> None:
    lineage = parser.add_argument_group("lineage")
    lineage.add_argument(
        "--lineage", action="store_true", help="register nothing: tell tables that are there their lineage"
    )
    lineage.add_argument("--no-parameters", action="store_true", help="leave the parameters of the tables as they are")
    lineage.add_argument("--no-description", action="store_true", help="leave their descriptions as they are")
    lineage.add_argument("--depth", type=positive, metavar="HOPS", help="of datasets (default: 50, which is the most)")


def refuse_without(args: argparse.Namespace) -> None:
    """What is said of lineage means nothing for a registration."""
    stated = {"--no-parameters": args.no_parameters, "--no-description": args.no_description, "--depth": args.depth}
    if alone := [option for option, value in stated.items() if value]:
        raise ValueError(f"{alone[0]} goes with --lineage")


def push_lineage(context: Context, datasets: Datasets) -> int:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.targets.glue.lineage import pushing
    from airflow_provider_catalog.targets.glue.lineage.upstream import DEPTH
    from airflow_provider_catalog.targets.glue.target import Glue

    args, glue = context.args, Glue()
    found: list[Pushed] = []
    with context.store() as store, progress("tables", None) as bar:
        for each in pushing.push_lineage(
            store,
            datasets(store, args.datasets),
            glue.mapping,
            glue.account_of,
            set_parameters=not args.no_parameters,
            set_description=not args.no_description,
            dry_run=args.dry_run,
            depth=args.depth or DEPTH,
        ):
            found.append(each)
            bar.update(len(found), len(found))
    document = {**pushing.summary(found, dry_run=args.dry_run), "pushed": [_as_json(each) for each in found]}
    context.show(document, lambda: _text(found, document, context))
    return 1 if document["errors"] or pushing.hopeless(found) else 0


def _as_json(pushed: Pushed) -> dict[str, Any]:
    place, plan = pushed.place, pushed.plan
    return {
        "catalog_id": place.catalog_id,
        "region": place.region,
        "database": place.database,
        "table": place.table,
        "state": pushed.state,
        "hops": pushed.hops,
        "truncated": pushed.truncated,
        "changes": [change._asdict() for change in plan.changes] if plan else [],
        "notes": list(plan.notes) if plan else [],
        "reason": pushed.reason or None,
    }


def _text(found: Sequence[Pushed], document: dict[str, Any], context: Context) -> str:
    if not found:
        return _NONE
    rows = [
        (clean(each.table), _state(each, context), each.hops, clean(each.reason or _changes(each)))
        for each in found
        if each.state != "unchanged"
    ]
    shown = [table(("TABLE", "STATE", "HOPS", "WHAT"), rows, context.style)] if rows else []
    updated = "to update" if context.args.dry_run else "updated"
    words = {"updated": updated, "unchanged": "unchanged", "skipped": "skipped", "errors": "not told"}
    return "\n\n".join([*shown, ", ".join(f"{document[key]} {word}" for key, word in words.items() if document[key])])


def _state(pushed: Pushed, context: Context) -> str:
    return "to update" if context.args.dry_run and pushed.state == "updated" else pushed.state


def _changes(pushed: Pushed) -> str:
    return ", ".join(change.member for change in pushed.plan.changes) if pushed.plan else ""
