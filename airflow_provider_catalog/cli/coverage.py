"""`coverage`: which tasks of Airflow have lineage, and why the others have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.cli.output import table

if TYPE_CHECKING:
    from airflow_provider_catalog.services.coverage import Coverage, Task


def register(subparsers: Subparsers) -> None:
    coverage = command(subparsers, "coverage", _coverage, "show which tasks have lineage, and why others have none")
    coverage.add_argument("--dag", default="", help="only the tasks of this DAG")
    coverage.add_argument("--without", action="store_true", help="list only the tasks without lineage")


def _coverage(context: Context) -> None:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.services.coverage import coverage

    args = context.args
    with context.store() as store, progress("jobs", None) as bar:
        found = coverage(store, dag=args.dag, without=args.without, on_page=lambda seen: bar.update(seen, seen))
    context.show(found.to_json(), lambda: _text(found, context))


def _text(found: Coverage, context: Context) -> str:
    style = context.style
    if not found.total:
        return "No task of Airflow is known yet: `airflow-catalog doctor` says why."
    operators = [(each.name or "unknown", each.tasks, each.with_lineage, each.without) for each in found.operators]
    parts = [table(("OPERATOR", "TASKS", "WITH LINEAGE", "WITHOUT"), operators, style)]
    if found.tasks:
        rows = [(task.job.id, _short(task.operator), _lineage(task)) for task in found.tasks]
        parts.append(table(("TASK", "OPERATOR", "LINEAGE"), rows, style))
    verdict = f"{found.with_lineage} of {found.total} tasks ({found.percent} %) have lineage"
    parts.append((style.good if found.with_lineage == found.total else style.bold)(verdict))
    return "\n\n".join(parts)


def _short(operator: str) -> str:
    return operator.rpartition(".")[2] or "unknown"


def _lineage(task: Task) -> str:
    return f"reads {task.reads}, writes {task.writes}" if task.has_lineage else f"none: {task.reason}"
