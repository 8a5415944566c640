"""`lineage` and `impact`: what a dataset is made of, and what depends on it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, moment, natural, positive
from airflow_provider_catalog.cli.output import Style, clean, table

if TYPE_CHECKING:
    from airflow_provider_catalog.services.lineage import Filters, Impact, LineageAnswer
    from airflow_provider_catalog.store.protocol import Store

_DATASET = "its id, such as postgres://host:5432/db.schema.table, or the last parts of its name"
_EXAMPLES = """examples:
  airflow-catalog lineage orders
  airflow-catalog lineage orders#amount --direction upstream
  airflow-catalog lineage orders --as-of 7d --output mermaid"""


def register(subparsers: Subparsers) -> None:
    lineage = command(
        subparsers,
        "lineage",
        _lineage,
        "show what a dataset or column is made of and what is made of it",
        formats=("tree", "json", "yaml", "mermaid", "table"),
        epilog=_EXAMPLES,
    )
    _add_dataset(lineage)
    lineage.add_argument("--direction", "-d", choices=("upstream", "downstream", "both"), default="both")
    lineage.add_argument("--depth", type=positive, default=3, help="hops in each direction (default: 3)")
    lineage.add_argument("--limit", type=positive, default=1000, help="datasets, the nearest (default: 1000)")
    lineage.add_argument("--children", type=natural, default=10, help="of one dataset in a tree; 0: all (default: 10)")
    lineage.add_argument(
        "--as-of", type=moment, metavar="TIME", help="as it was then: 2025-02-04, 2025-02-04T10:00Z, 3d"
    )
    lineage.add_argument(
        "--columns", action="store_true", help="with the column edges between the datasets (json, yaml)"
    )
    _add_filters(lineage)
    impact = command(subparsers, "impact", _impact, "show who and what depends on a dataset or column")
    _add_dataset(impact)
    impact.add_argument("--limit", type=positive, default=1000, help="datasets, and jobs only reading (default: 1000)")


def _add_dataset(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET[#COLUMN]", help=_DATASET)
    parser.add_argument("--column", help="the column, if its name or the dataset's has a # in it")


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--platform", action="append", default=[], help="show datasets of this platform only; repeatable"
    )
    parser.add_argument(
        "--namespace", action="append", default=[], help="show datasets of this namespace only; repeatable"
    )
    parser.add_argument(
        "--name", default="", metavar="PATTERN", help="show datasets whose id or name matches, as *.orders"
    )
    parser.add_argument("--min-confidence", type=float, default=0.0, help="follow edges at least so certain (0 to 1)")
    add_direct(parser)


def add_direct(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--direct", action="store_true", help="columns: follow values only, not what has its say in one or in the rows"
    )


def _lineage(context: Context) -> None:
    from airflow_provider_catalog.services.lineage import walk

    args = context.args
    with context.store() as store:
        dataset, column = dataset_and_column(store, args.dataset, args.column)
        answer = walk(
            store,
            dataset,
            direction=args.direction,
            depth=args.depth,
            limit=args.limit,
            as_of=args.as_of,
            level="column" if column else "table",
            column=column,
            columns=args.columns,
            explain=2 * args.limit,
            filters=_filters(args),
        )
    show(answer, context)


def show(answer: LineageAnswer, context: Context) -> None:
    """In the form that was asked for."""
    from airflow_provider_catalog.cli.tree import mermaid, tree

    args = context.args
    if args.output == "mermaid":
        context.write(mermaid(answer))
    elif args.output == "table":
        context.write(_rows(answer, context))
    else:
        context.show(
            answer.to_json() if args.output != "tree" else None, lambda: tree(answer, context.style, args.children)
        )


def dataset_and_column(store: Store, text: str, column: str | None) -> tuple[str, str]:
    """`DATASET#COLUMN`, unless a dataset is called just so."""
    from airflow_provider_catalog.errors import NotFoundError
    from airflow_provider_catalog.services.identity import find_dataset

    dataset, sharp, rest = text.rpartition("#")
    if column or not sharp:
        return text, column or ""
    try:
        found = find_dataset(store, text)
    except NotFoundError:
        return dataset, rest
    return (text, "") if found.name.lower().endswith(f"#{rest}".lower()) else (dataset, rest)


def _filters(args: argparse.Namespace) -> Filters:
    from airflow_provider_catalog.services.lineage import Filters

    return Filters(args.platform, args.namespace, args.name, args.min_confidence, influences=not args.direct)


def _rows(answer: LineageAnswer, context: Context) -> str:
    sides = (("upstream", answer.upstream), ("downstream", answer.downstream))
    rows = [
        (side, node.distance, node.label.id, node.column, node.transformation.job_id if node.transformation else None)
        for side, nodes in sides
        for node in nodes
    ]
    return table(("DIRECTION", "HOPS", "DATASET", "COLUMN", "JOB"), rows, context.style)


def _impact(context: Context) -> None:
    from airflow_provider_catalog.services.lineage import impact

    args = context.args
    with context.store() as store:
        dataset, column = dataset_and_column(store, args.dataset, args.column)
        found = impact(store, dataset, level="column" if column else "table", column=column, limit=args.limit)
    context.show(found.to_json(), lambda: _impact_text(found, context))


def _impact_text(found: Impact, context: Context) -> str:
    from airflow_provider_catalog.services.lineage import criticality

    answer, style = found.lineage, context.style
    start = answer.start.label.id if answer.start.column is None else f"{answer.start.label.id}#{answer.start.column}"
    score = f"impact {answer.impact_score:.2f} {criticality(answer.impact_score)}"
    platforms = ", ".join(f"{count} {name}" for name, count in found.platforms.items())
    lines = [f"{style.bold(clean(start))}  {style.dim(score)}", ""]
    lines += [f"{answer.total_downstream.count} downstream{f': {platforms}' if platforms else ''}; {_jobs(found)}"]
    if found.owners:
        lines += ["", _owners(found, style)]
    owner_of = {dataset: who for who, theirs in found.owned.items() for dataset in theirs}
    rows = [
        (
            node.distance,
            node.label.id,
            node.column,
            node.transformation.job_id if node.transformation else "",
            owner_of.get(node.label.id),
        )
        for node in answer.downstream
    ]
    if rows:
        lines += ["", table(("HOPS", "DATASET", "COLUMN", "JOB", "OWNER"), rows, style)]
    if found.readers:
        lines += ["", _readers(found, style)]
    return "\n".join(lines)


def _jobs(found: Impact) -> str:
    only = found.total_readers
    return f"{len(found.jobs) - len(found.readers) + only} jobs{f', {only} only reading' if only else ''}"


def _owners(found: Impact, style: Style) -> str:
    """A column of jobs where any is told of."""
    if not found.readers:
        return table(("OWNER", "DATASETS"), [(who, len(theirs)) for who, theirs in found.owned.items()], style)
    rows = [
        (who, len(found.owned.get(who, ())), sum(who in reader.owners for reader in found.readers))
        for who in found.owners
    ]
    return table(("OWNER", "DATASETS", "JOBS"), rows, style)


def _readers(found: Impact, style: Style) -> str:
    rows = [(each.job, each.type, _nearest(each.reads), ", ".join(each.owners)) for each in found.readers]
    return table(("JOB", "TYPE", "READS", "OWNER"), rows, style)


def _nearest(datasets: Sequence[str]) -> str:
    more = len(datasets) - 1
    return f"{datasets[0]} and {more} more" if more else datasets[0]
