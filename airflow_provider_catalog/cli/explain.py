"""`explain`: what was captured of a task in one run, what was used of it and what was not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, natural, positive
from airflow_provider_catalog.cli.output import clean, pairs, table, when

if TYPE_CHECKING:
    from airflow_provider_catalog.services.capture import Capture
    from airflow_provider_catalog.services.mentions import Mention

_EXAMPLES = """examples:
  airflow-catalog explain shop load
  airflow-catalog explain shop load scheduled__2026-01-01T00:00:00+00:00 --map-index 3 --try 2"""


def register(subparsers: Subparsers) -> None:
    explain = command(
        subparsers,
        "explain",
        _explain,
        "show what was captured of a task in a run, and why nothing came of the rest",
        epilog=_EXAMPLES,
    )
    explain.add_argument("dag", metavar="DAG")
    explain.add_argument("task", metavar="TASK", help="its id, with those of its task groups: group.task")
    explain.add_argument(
        "dag_run", metavar="RUN", nargs="?", default="", help="Airflow's run id, or OpenLineage's (default: the latest)"
    )
    explain.add_argument("--namespace", help="of the Airflow (default: [catalog] namespace)")
    explain.add_argument("--map-index", type=natural, metavar="N", help="of a mapped task (default: the latest)")
    explain.add_argument("--try", type=positive, dest="try_number", metavar="N", help="default: the latest")


def _explain(context: Context) -> None:
    from airflow_provider_catalog.model.identity import JobId
    from airflow_provider_catalog.services.capture import explain

    args = context.args
    task = JobId(args.namespace or context.settings.namespace, f"{args.dag}.{args.task}")
    with context.store() as store:
        found = explain(store, task, run=args.dag_run, map_index=args.map_index, try_number=args.try_number)
        context.show(found.to_json(), lambda: _text(found, context))


def _text(found: Capture, context: Context) -> str:
    style = context.style
    mentions = [row for mention in found.told.mentions for row in _mention(mention)]
    edges = [
        (
            e.source,
            e.target,
            e.said.rule.name.lower(),
            f"{e.said.confidence:g}",
            e.said.producer,
            when(e.said.valid_from),
        )
        for e in found.edges
    ]
    parts = [
        style.bold(clean(found.run.job.id)),
        pairs(_head(found), style),
        table(("MECHANISM", "WHAT", "CONNECTION", "DATASET OR TABLE", "USED"), mentions, style) if mentions else "",
        style.warn(clean(f"Nothing came of it: {nothing}.")) if (nothing := found.told.why_nothing) else "",
        table(("SOURCE", "TARGET", "RULE", "CONFIDENCE", "SAID BY", "SINCE"), edges, style)
        if edges
        else style.dim("The task has no edges now."),
    ]
    return "\n\n".join(part for part in parts if part)


def _head(found: Capture) -> list[tuple[str, object]]:
    airflow, run = found.told.airflow, found.run.run
    mapped = airflow.get("map_index", -1)
    return [
        ("run", airflow.get("run_id")),
        ("map index", mapped if mapped != -1 else None),
        ("try", airflow.get("try_number")),
        ("openlineage", run.run_id),
        ("state", airflow.get("state")),
        ("started", when(run.started_at)),
        ("ended", when(run.ended_at)),
        ("operator", found.told.operator),
        ("error", found.run.error),
        ("sql", found.run.sql),
        ("complete", "yes" if found.complete else "no, so no edge closes by it"),
        *(("incomplete", lack) for lack in found.told.incomplete),
        ("versions", ", ".join(f"{name} {version}" for name, version in found.told.versions.items())),
        ("said by", ", ".join(found.producers)),
    ]


def _mention(mention: Mention) -> Iterator[tuple[str, str, str, str, str]]:
    """A line for each dataset, the rest only on the first."""
    more = [f"and {mention.more} more"] if mention.more else []
    first, *others = [*mention.names, *more] or [""]
    yield mention.mechanism, mention.what, mention.connection, first, _verdict(mention)
    yield from (("", "", "", other, "") for other in others)


def _verdict(mention: Mention) -> str:
    if mention.used:
        return f"yes, confidence {mention.confidence:g}: {mention.note}" if mention.note else "yes"
    return f"no: {mention.reason}" + (f" ({mention.note})" if mention.note else "")
