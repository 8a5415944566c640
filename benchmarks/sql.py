"""Lineage of SQL: statements read in a CPU second, cold, beside others in the same run, on one thread.

Three workloads: all queries of TPC-DS and of TPC-H, as DuckDB's generators make them, and a mix of statements in all
dialects, which are our golden cases. Each reader has an environment of its own, made by uv; ours is read with sqlglot
as it is in pure Python and with its compiled form. In a quick run only what is installed here takes part.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from benchmarks.report import Report

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "tests" / "golden" / "sql" / "columns"
DUCKDB = "1.5.5"
"""The version that there are packages of both generators for."""
GENERATORS = (f"duckdb=={DUCKDB}", f"duckdb-extension-tpcds=={DUCKDB}", f"duckdb-extension-tpch=={DUCKDB}")
DATAHUB = ("acryl-datahub[sql-parser]",)
PURE, COMPILED, WARM = 3.5, 7.0, 20.0
Speeds: TypeAlias = dict[str, dict[str, float]]


class Environment(NamedTuple):
    """What is installed beside the reader; nothing: here, as it is."""

    packages: tuple[str, ...] = ()

    def run(self, script: str, *arguments: str, given: str = "") -> Any:
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        made = [uv, "run", "--quiet", "--no-project", "--isolated", *(f"--with={each}" for each in self.packages)]
        python = [*made, "python"] if self.packages else [sys.executable]
        command = [*python, str(HERE / "peers" / script), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        done = subprocess.run(command, input=given, text=True, capture_output=True, env=environment, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])


def mixed() -> dict[str, Any]:
    """Golden cases, which name no schema that would be of one of them alone."""
    cases = [case for path in sorted(GOLDEN.glob("*.json")) for case in json.loads(path.read_text())]
    return {"queries": [[case["dialect"], case["sql"]] for case in cases if not case.get("schema")], "schema": {}}


class Bench:
    def __init__(self, report: Report, *, quick: bool) -> None:
        self._report = report
        self._passes = "1" if quick else "5"
        self._quick = quick
        workloads = {**Environment(GENERATORS).run("sql_queries.py"), "mixed": mixed()}
        self._sizes = {name: len(each["queries"]) for name, each in workloads.items()}
        self._given = json.dumps(workloads)

    def run(self) -> None:
        ours = self._speeds("ours", Environment())
        for name in ("tpcds", "tpch"):
            self._report.count_wrong(f"{name}_without_columns", self._sizes[name] - ours[name]["with_columns"])
        self._warm()
        self._beside(ours, "ours", self._speeds("sqlglot", Environment()), "sqlglot")
        if not self._quick:
            self._datahub(ours)

    def _datahub(self, ours: Speeds) -> None:
        here = tuple(f"{name}=={version(name)}" for name in ("sqlglot", "orjson", "sqlalchemy"))
        compiled = self._speeds("ours", Environment((*here, f"sqlglotc=={version('sqlglot')}")), "compiled")
        theirs = self._speeds("datahub", Environment(DATAHUB))
        self._beside(ours, "ours", theirs, "datahub", PURE)
        self._beside(compiled, "compiled", theirs, "datahub", COMPILED)

    def _speeds(self, reader: str, where: Environment, name: str = "") -> Speeds:
        found: Speeds = where.run("sql_readers.py", reader, self._passes, given=self._given)
        for workload, speed in found.items():
            self._report.add(f"{name or reader}_{workload}_per_cpu_second", speed["per_second"])
            self._report.add(f"{name or reader}_{workload}_failed", speed["failed"])
        return found

    def _beside(self, ours: Speeds, name: str, theirs: Speeds, peer: str, least: float | None = None) -> None:
        for workload, speed in ours.items():
            ratio = speed["per_second"] / theirs[workload]["per_second"]
            wanted = least if workload in ("mixed", "tpcds") else None
            self._report.add(f"{name}_{workload}_times_{peer}", ratio, least=wanted)

    def _warm(self) -> None:
        """The first pass reads, the others remember."""
        cold = Environment().run("sql_readers.py", "remembered", "1", given=self._given)
        warm = Environment().run("sql_readers.py", "remembered", "9", given=self._given)
        for workload, speed in warm.items():
            ratio = speed["per_second"] / cold[workload]["per_second"]
            self._report.add(f"remembered_{workload}_times_cold", ratio, least=WARM)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one pass, beside sqlglot alone")
    args = parser.parse_args()
    report = Report("sql")
    Bench(report, quick=args.quick).run()
    report.show()
    return int(report.failures(quick=args.quick) > 0)


if __name__ == "__main__":
    sys.exit(main())
