"""`path`, `root-cause` and `diff`: how things are connected, what went wrong, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, moment, positive
from airflow_provider_catalog.cli.output import clean, table, when

if TYPE_CHECKING:
    from airflow_provider_catalog.services.lineage import Diff, PathAnswer, RootCause
    from airflow_provider_catalog.services.lineage.diff import Change


def register(subparsers: Subparsers) -> None:
    path = command(subparsers, "path", _path, "show the shortest ways from one dataset to another")
    path.add_argument("source", metavar="A")
    path.add_argument("target", metavar="B")
    path.add_argument("--paths", type=positive, default=5, help="how many of the shortest (default: 5)")
    path.add_argument("--as-of", type=moment, metavar="TIME")
    cause = command(
        subparsers, "root-cause", _root_cause, "show failed and late jobs before a dataset, the nearest first"
    )
    cause.add_argument("dataset", metavar="DATASET")
    cause.add_argument("--depth", type=positive, default=10, help="hops upstream (default: 10)")
    cause.add_argument("--all", action="store_true", help="list the jobs that are well, too")
    diff = command(subparsers, "diff", _diff, "show what changed around a dataset between two times")
    diff.add_argument("dataset", metavar="DATASET")
    diff.add_argument("before", metavar="T1", type=moment, help="2025-02-04, 2025-02-04T10:00Z, or how long ago: 7d")
    diff.add_argument("after", metavar="T2", type=moment, nargs="?", help="now if left out")
    diff.add_argument("--depth", type=positive, default=3, help="hops in each direction (default: 3)")


def _path(context: Context) -> int:
    from airflow_provider_catalog.services.lineage import path

    args = context.args
    with context.store() as store:
        found = path(store, args.source, args.target, paths=args.paths, as_of=args.as_of)
    context.show(found.to_json(), lambda: _path_text(found, context))
    return 0 if found.paths else 1


def _path_text(found: PathAnswer, context: Context) -> str:
    style = context.style
    if not found.paths:
        sure = "" if found.complete else " within reach of the search"
        return f"Nothing leads from {clean(found.source.id)} to {clean(found.target.id)} or back{sure}."
    lines: list[str] = []
    if found.direction == "upstream":
        lines.append(style.dim("Data flows the other way round."))
    arrow = "→" if style.unicode else "->"
    for hops in found.paths:
        lines += ["", style.bold(clean(hops[0].source.id))]
        lines += [f"  {arrow} {clean(hop.target.id)}  {style.dim(clean(hop.transformation.job_id))}" for hop in hops]
    return "\n".join(lines).lstrip("\n")


def _root_cause(context: Context) -> None:
    from airflow_provider_catalog.services.lineage import root_cause

    with context.store() as store:
        found = root_cause(store, context.args.dataset, depth=context.args.depth)
    context.show(found.to_json(), lambda: _root_cause_text(found, context))


def _root_cause_text(found: RootCause, context: Context) -> str:
    style = context.style
    shown = found.suspects if context.args.all else found.problems
    count = len(found.problems)
    verdict = (
        f"{count} of {len(found.suspects)} jobs upstream failed or are late" if count else "all jobs upstream are well"
    )
    if not found.suspects:
        verdict = "no job is known that makes it"
    lines = [f"{style.bold(clean(found.dataset.id))}  {(style.bad if count else style.good)(verdict)}"]
    for suspect in shown:
        run = suspect.judgement.run
        last = max((t for t in (run.started_at, run.ended_at) if t is not None), default=None) if run else None
        colour = {"failed": style.bad, "late": style.warn}.get(suspect.judgement.health, style.dim)
        distance = "makes it" if not suspect.distance else f"{suspect.distance} up"
        lines += ["", f"{colour(suspect.judgement.health)}  {style.bold(clean(suspect.job.id))}  {style.dim(distance)}"]
        lines.append(f"  {clean(suspect.judgement.reason)}{f', {when(last)}' if last is not None else ''}")
        lines += [f"  {style.bad(clean(suspect.error)[:500])}"] if suspect.error else []
        lines.append(f"  {style.dim('writes ' + ', '.join(clean(d.id) for d in suspect.datasets))}")
        lines += [f"  {style.dim(f'run {run.run_id}')}"] if run else []
    return "\n".join(lines)


def _diff(context: Context) -> None:
    from airflow_provider_catalog.services.lineage import diff
    from airflow_provider_catalog.services.times import now

    args = context.args
    with context.store() as store:
        found = diff(
            store, args.dataset, args.before, args.after if args.after is not None else now(), depth=args.depth
        )
    context.show(found.to_json(), lambda: _diff_text(found, context))


def _diff_text(found: Diff, context: Context) -> str:
    arrow = "→" if context.style.unicode else "->"
    rows = [
        *((sign, "dataset", one, "") for sign, some in _signed(found.datasets) for one in some),
        *((sign, "edge", f"{a} {arrow} {b}", job) for sign, some in _signed(found.edges) for a, b, job in some),
        *((sign, "column", one, "") for sign, some in _signed(found.columns) for one in some),
    ]
    return table(("", "WHAT", "WHICH", "JOB"), rows, context.style) if rows else "Nothing changed."


def _signed(change: Change) -> list[tuple[str, tuple[Any, ...]]]:
    return [("+", change.added), ("-", change.removed)]
