"""The command line: `airflow-catalog`. Thin: parse, call a service or the worker, show.

A module for each noun with `register(subparsers)`. What takes long to import is imported where it is used, so that help
comes at once; Airflow is imported by `doctor` and `crawl --conn-id` alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from airflow_provider_catalog.cli import (
    coverage,
    crawl,
    dbt,
    dead_letters,
    doctor,
    edit,
    events,
    explain,
    export,
    folders,
    lineage,
    maintain,
    outbox,
    paths,
    push,
    show,
    sql_lineage,
    token,
    undo,
    worker,
)
from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import add_global
from airflow_provider_catalog.errors import CatalogError

_NOUNS = (
    lineage,
    paths,
    show,
    sql_lineage,
    explain,
    coverage,
    edit,
    events,
    crawl,
    dbt,
    export,
    dead_letters,
    outbox,
    push,
    undo,
    worker,
    token,
    maintain,
    doctor,
    folders,
)
EPILOG = "Exit codes: 0 done, 1 it did not work (stderr says why), 2 the command line is wrong."


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="airflow-catalog", description="The data catalog of Airflow.", epilog=EPILOG)
    add_commands(made)
    return made


def add_commands(to: argparse.ArgumentParser) -> None:
    add_global(to)
    subparsers = to.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for noun in _NOUNS:
        noun.register(subparsers)


def main(argv: Sequence[str] | None = None) -> int:
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    return execute(args)


def execute(args: argparse.Namespace) -> int:
    """Run one command and return its exit code. Errors are one line that says what to do."""
    try:
        code = int(args.run(Context(args)) or 0)
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_quietly()
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if args.debug:
            raise
        sys.stderr.write(f"airflow-catalog: {_line(error)}\n")
        return 1
    return code


def _line(error: Exception) -> str:
    if isinstance(error, CatalogError | ValueError | OSError):
        return " ".join(str(error).split())
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return "PostgreSQL needs its driver: pip install 'airflow-provider-catalog[postgres]'"
    return f"this should not happen: {type(error).__name__}: {error} (--debug shows where)"


def _leave_quietly() -> None:
    """Whoever read us has read enough; the interpreter must not complain when it closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
