"""dbt: a project of so many models into the catalog, the first time and unchanged, beside what others make of the same
files in the same run; and how long our hook takes at the end of a real run.

Each side is a whole process, from its start to its end: ours until all is merged and answerable. dbt-artifacts-parser
only reads the manifest into its classes; openlineage-dbt makes events of the run, and sends them nowhere.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks import dbt_project
from benchmarks.report import Report

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
PACKAGE = HERE.parent / "dbt_macros"
SIZES, QUICK = (100, 1_000, 5_000), (100,)
HOOKED, HOOKED_QUICK = 1_000, 30
TRANSPORTS = ("artifacts", "table", "log")
COLD_SECONDS, UNCHANGED_SECONDS = 60, 3


class Spent(NamedTuple):
    """By one process, by the clock, and what it said."""

    seconds: float
    output: str


def spent(*command: str) -> Spent:
    """One that fails ends the benchmark."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(HERE / "peers" / "dbt_readers.py"), *command], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return Spent(seconds, done.stdout)


class Bench:
    """One size after the other, each with a store of its own."""

    def __init__(self, report: Report, folder: Path) -> None:
        self._report = report
        self._folder = folder

    def ingest(self, size: int) -> None:
        store = f"sqlite:///{self._folder}/{size}.db"
        first, again = (dbt_project.write(self._folder / f"{size}_{i}", size, i) for i in (1, 2))
        largest = size == max(SIZES)
        cold = self._ours("cold", size, first, store, most=COLD_SECONDS if largest else None)
        self._answers(size, store)
        self._ours("unchanged", size, first, store, most=UNCHANGED_SECONDS if largest else None)
        self._ours("next_run", size, again, store)
        parser, openlineage = self._peer("parser", size, first), self._peer("openlineage", size, first)
        self._report.add(f"times_parser_{size}", cold.seconds / parser.seconds)
        self._report.add(f"times_openlineage_{size}", cold.seconds / openlineage.seconds)

    def _ours(self, name: str, size: int, target: Path, store: str, *, most: float | None = None) -> Spent:
        found = spent("ours", str(target), store)
        self._report.add(f"{name}_{size}_seconds", found.seconds, most=most)
        self._report.add(f"{name}_{size}_megabytes", _peak(found))
        return found

    def _peer(self, name: str, size: int, target: Path) -> Spent:
        found = spent(name, str(target))
        self._report.add(f"{name}_{size}_seconds", found.seconds)
        self._report.add(f"{name}_{size}_megabytes", _peak(found))
        return found

    def _answers(self, size: int, store: str) -> None:
        """Every column of every model has a source, but for the time that it was loaded at."""
        from airflow_provider_catalog.model.identity import ColumnId, DatasetId
        from airflow_provider_catalog.store import open_store

        models, _ = dbt_project.project(size)
        opened = open_store(store)
        missing = 0
        for model in models:
            dataset = DatasetId("postgres://warehouse.internal:5432", f"analytics.prod.{model.name}")
            wanted = {ColumnId(dataset, name).uid for name in model.columns if name != "loaded_at"}
            found = {edge.target for edge in opened.neighbours(wanted, "upstream", level="column")}
            missing += len(wanted - found)
        opened.close()
        self._report.count_wrong(f"columns_without_lineage_{size}", missing)

    def hook(self, size: int, *, quick: bool) -> None:
        """As dbt itself times it: on DuckDB, after so many models, documented to the last column."""
        project = self._folder / "hooked"
        _write_project(project, size)
        for transport in TRANSPORTS:
            told = json.dumps({"airflow_catalog_transport": transport})
            _dbt(project, "run", "--vars", told)
            seconds = _hook_seconds(project / "target")
            most = None if quick else 1 + size / 1_000
            self._report.add(f"hook_{transport}_{size}_models_seconds", seconds, most=most)


def _peak(found: Spent) -> float:
    return float(found.output.rsplit("peak ", 1)[1])


def _write_project(project: Path, size: int) -> None:
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: hooked\nversion: '1.0.0'\nprofile: hooked\n")
    (project / "packages.yml").write_text(f"packages:\n  - local: {PACKAGE}\n")
    profile = {"type": "duckdb", "path": str(project / "hooked.duckdb"), "threads": 2}
    (project / "profiles.yml").write_text(json.dumps({"hooked": {"target": "dev", "outputs": {"dev": profile}}}))
    columns = [{"name": f"c{i}", "description": f"What c{i} is."} for i in range(12)]
    models = [{"name": f"m{i}", "description": f"The table m{i}.", "columns": columns} for i in range(size)]
    (project / "models" / "schema.yml").write_text(json.dumps({"version": 2, "models": models}))
    for i in range(size):
        above = f"{{{{ ref('m{i - 1}') }}}}" if i % 10 else "(select 1 as c0)"
        picked = ", ".join(f"c0 + {j} as c{j}" for j in range(12))
        (project / "models" / f"m{i}.sql").write_text(f"select {picked} from {above}")  # noqa: S608  made up
    _dbt(project, "deps")


def _dbt(project: Path, *arguments: str) -> None:
    where = ("--project-dir", str(project), "--profiles-dir", str(project))
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}
    done = subprocess.run(
        [str(BIN / "dbt"), *arguments, *where], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        sys.exit(done.stdout)


def _hook_seconds(target: Path) -> float:
    results = json.loads((target / "run_results.json").read_text())["results"]
    hooks = [each["execution_time"] for each in results if each["unique_id"].startswith("operation.airflow_catalog")]
    assert hooks, "our hook has not run"
    return float(sum(hooks))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 models, and a hook after 30")
    parser.add_argument("--only", choices=("ingest", "hook"), help="one of the two")
    args = parser.parse_args()
    report = Report("dbt")
    folder = Path(tempfile.mkdtemp(prefix="catalog-dbt-"))
    try:
        bench = Bench(report, folder)
        for size in () if args.only == "hook" else QUICK if args.quick else SIZES:
            bench.ingest(size)
        if args.only != "ingest":
            bench.hook(HOOKED_QUICK if args.quick else HOOKED, quick=args.quick)
    finally:
        shutil.rmtree(folder)
    report.show()
    return int(report.failures(quick=args.quick) > 0)


if __name__ == "__main__":
    sys.exit(main())
