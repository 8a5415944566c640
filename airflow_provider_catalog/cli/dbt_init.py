"""`dbt init`: makes the bare `on-run-end: "{{ export_lineage_to_catalog() }}"` of a project work.

dbt finds a macro of a package by its name alone only if the package is dbt's own. So the project gets a macro of that
name which calls ours, or our folder among those where it looks for macros of its own. What is to be done is planned
first and then written, and what is there already is left alone, so that a second time does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.dbt_project import MACRO, PROJECT, DbtProject, nearest
from airflow_provider_catalog.cli.dbt_steps import Step, by_macro_paths, by_wrapper
from airflow_provider_catalog.cli.folders import dbt_package
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.cli.output import clean, table

_LINE = f'on-run-end: "{{{{ {MACRO}() }}}}"'
_EXAMPLES = """examples:
  airflow-catalog dbt init
  airflow-catalog dbt init --project-dir dbt/shop --dry-run
  airflow-catalog dbt init --macro-paths"""


def register(verbs: Subparsers) -> None:
    init = command(verbs, "init", _init, "connect a project of dbt with the catalog", epilog=_EXAMPLES)
    init.add_argument("--project-dir", metavar="DIR", help="the project (default: here or above, as dbt looks for it)")
    how = init.add_mutually_exclusive_group()
    how.add_argument(
        "--wrapper", action="store_true", help="a macro of the project that calls our package; the default"
    )
    how.add_argument(
        "--macro-paths", action="store_true", help="our folder among the project's macro-paths instead of a package"
    )
    init.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")


def _init(context: Context) -> None:
    args = context.args
    stated = args.project_dir or os.environ.get("DBT_PROJECT_DIR")
    project = DbtProject.at(Path(stated) if stated else nearest(Path.cwd()))
    package = dbt_package()
    steps = by_macro_paths(project, package) if args.macro_paths else by_wrapper(project, package)
    if not args.dry_run:
        for step in steps:
            _write(step)
    advice = _next(project, steps, macro_paths=args.macro_paths)
    context.show(_as_json(project, steps, advice, dry_run=args.dry_run), lambda: _text(steps, advice, context))


def _write(step: Step) -> None:
    """In one go: whoever is interrupted has the old file or the new one."""
    if step.text is None:
        return
    path = step.path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(step.text.encode())
    if path.exists():
        beside.chmod(path.stat().st_mode & 0o7777)
    beside.replace(path)


# What is told


def _next(project: DbtProject, steps: Sequence[Step], *, macro_paths: bool) -> list[str]:
    advice = []
    if not project.calls_us and macro_paths:
        advice.append(f"Add this line to {project.folder / PROJECT}: {_LINE}")
    if not macro_paths and any(step.text is not None for step in steps):
        advice.append("Next: dbt deps")
    return advice


def _as_json(project: DbtProject, steps: Sequence[Step], advice: Sequence[str], *, dry_run: bool) -> dict[str, Any]:
    return {
        "project": project.said["name"],
        "dry_run": dry_run,
        "files": [
            {"path": str(step.path), "changed": step.text is not None, "what": step.what, "text": step.text}
            for step in steps
        ],
        "next": list(advice),
    }


def _text(steps: Sequence[Step], advice: Sequence[str], context: Context) -> str:
    words = ("to write" if context.args.dry_run else "written", "as it should be")
    rows = [(words[step.text is None], step.path, step.what) for step in steps]
    lines = [table(("STATE", "FILE", "WHAT"), rows, context.style)]
    return "\n\n".join([*lines, *(context.style.bold(clean(line)) for line in advice)])
