"""`dbt ingest`: what dbt left in its target folder, into the catalog."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.merging import merge
from airflow_provider_catalog.cli.options import Subparsers, command
from airflow_provider_catalog.cli.output import pairs

if TYPE_CHECKING:
    from airflow_provider_catalog.sources.dbt.artifacts import Artifacts

_EPILOG = (
    "Which database it was says our hook in dbt; without it profiles.yml, where dbt found it. --profiles-dir and "
    "--dataset-namespace beat both."
)


def register(verbs: Subparsers) -> None:
    ingest = command(
        verbs, "ingest", _ingest, "read what a run of dbt has left: only what has changed is sent", epilog=_EPILOG
    )
    ingest.add_argument("target", metavar="TARGET", help="dbt's target folder, its project, or a log with its exports")
    ingest.add_argument("--profiles-dir", metavar="DIR", default="", help="where profiles.yml is")
    ingest.add_argument("--profile", metavar="NAME", default="", help="of profiles.yml, unless dbt_project.yml says it")
    ingest.add_argument("--target-name", metavar="NAME", default="", help="of the profile, unless the run says it")
    ingest.add_argument("--dataset-namespace", metavar="NS", default="", help="such as postgres://warehouse:5432")
    ingest.add_argument("--job-namespace", metavar="NS", default="", help="of its jobs (default: dbt)")
    ingest.add_argument("--dry-run", action="store_true", help="count what would be sent, and send nothing")
    ingest.add_argument("--no-merge", action="store_true", help="accept only; a worker merges it later")


def _ingest(context: Context) -> None:
    found = Path(context.args.target)
    if found.is_file():
        _ingest_log(context, found)
    else:
        _ingest_folder(context, found)


def _ingest_folder(context: Context, folder: Path) -> None:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.collector import waiting
    from airflow_provider_catalog.services.dbt_ingest import ingest
    from airflow_provider_catalog.sources.dbt.folder import artifacts

    with context.store() as store, progress("documents", None) as bar:
        with waiting():
            found = artifacts(folder)
            done = ingest(store, found, told(context, found), dry_run=context.args.dry_run)
        merge(context, store, bar, done.documents)
    if found.problem:
        context.note(f"airflow-catalog: {found.problem}")
    counts = {key: value for key, value in done.to_json().items() if key != "documents"}
    context.show(done.to_json(), lambda: pairs(list(counts.items()), context.style))


def told(context: Context, found: Artifacts) -> dict[str, Any]:
    """What the command line says beats what the profile does, and that what our hook has left."""
    from airflow_provider_catalog.sources.dbt.folder import found_target

    args = context.args
    stated = {"dataset_namespace": args.dataset_namespace, "job_namespace": args.job_namespace or _job_namespace()}
    if args.dataset_namespace or (found.document().get("target") and not args.profiles_dir):
        return stated
    target = found_target(
        found, os.environ, profiles_dir=args.profiles_dir, profile=args.profile, name=args.target_name
    )
    return stated | {"target": target}


def _job_namespace() -> str:
    return os.environ.get("OPENLINEAGE_NAMESPACE", "")


def _ingest_log(context: Context, file: Path) -> None:
    """Documents that our hook has written into a log."""
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.services.dbt_harvest import harvest_log

    with (
        context.store() as store,
        progress("documents", None) as bar,
        file.open(encoding="utf-8", errors="replace") as lines,
    ):
        sent = 0 if context.args.dry_run else harvest_log(store, lines)
        merge(context, store, bar, sent)
    context.show({"documents": sent}, lambda: pairs([("documents", sent)], context.style))
