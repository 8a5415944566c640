"""`export`: the catalog as OpenLineage events."""

from __future__ import annotations

import json
from pathlib import Path

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command


def register(subparsers: Subparsers) -> None:
    export = command(subparsers, "export", _export, "write the catalog as OpenLineage events, one a line", formats=())
    export.add_argument("--output", "-o", metavar="FILE", help="default: stdout")


def _export(context: Context) -> None:
    """Line by line, whatever the size. A file appears only when it is whole."""
    from airflow_provider_catalog.services.export import export

    target = context.args.output
    with context.store() as store:
        lines = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n" for event in export(store))
        if target is None:
            for line in lines:
                context.out.write(line)
            return
        part = Path(f"{target}.part")
        with part.open("w", encoding="utf-8", errors="replace") as stream:
            count = sum(1 for line in lines if stream.write(line))
        part.replace(target)
    context.note(f"{count} events in {target}")
