"""Readers of dbt's artifacts, each in a process of its own: `dbt_readers.py READER TARGET [STORE]`. The last line is
the most memory that it had, in megabytes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def ours(target: Path, store: str) -> None:
    """The command line, to the end of it."""
    from airflow_provider_catalog.cli import main

    assert main(["--store", store, "dbt", "ingest", str(target)]) == 0


def parser(target: Path, _store: str) -> None:
    from dbt_artifacts_parser.parser import parse_manifest, parse_run_results

    parse_manifest(json.loads((target / "manifest.json").read_bytes()))
    parse_run_results(json.loads((target / "run_results.json").read_bytes()))


def openlineage(target: Path, _store: str) -> None:
    """All events of the run, as `dbt-ol` makes them."""
    from openlineage.client.serde import Serde
    from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor

    os.environ["DBT_PROFILES_DIR"] = str(target.parent)
    processor = DbtLocalArtifactProcessor(
        producer="https://example.com/benchmark", job_namespace="dbt", project_dir=str(target.parent), target="prod"
    )
    for event in processor.parse().events():
        Serde.to_json(event)


READERS: Mapping[str, Callable[[Path, str], None]] = {"ours": ours, "parser": parser, "openlineage": openlineage}


def main() -> None:
    reader, target, *store = sys.argv[1:]
    READERS[reader](Path(target), store[0] if store else "")
    sys.stdout.flush()
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
