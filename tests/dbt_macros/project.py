"""A dbt project of a test's own, with our package in it, on which the real dbt runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from airflow_provider_catalog.model.dbt import MARKER
from tests.dbt_macros.forking import forking

DBT = Path(sys.executable).parent / "dbt"
PACKAGE = Path(__file__).parents[2] / "dbt_macros"
SHOP = Path(__file__).parent / "shop"
_KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")


class Ran(NamedTuple):
    """How dbt ended, and all it said."""

    returncode: int
    output: str

    def lines(self, word: str) -> list[str]:
        return [line for line in self.output.splitlines() if word in line]


class Project:
    """`environment` is all of it that dbt sees beside the paths of this machine: nothing of Airflow's."""

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.environment = dict(environment or {})

    @classmethod
    def copy(cls, of: Path, root: Path, environment: Mapping[str, str] | None = None) -> Project:
        shutil.copytree(of, root, ignore=shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb", "*.lock"))
        return cls(root, environment)

    def dbt(self, *arguments: str, environment: Mapping[str, str] | None = None, **variables: Any) -> Ran:
        told = self._arguments(*arguments, **variables)
        return Ran(*forking().run(told, self._environment(environment), self.root))

    def start(self, *arguments: str, **variables: Any) -> subprocess.Popen[bytes]:
        """A process of its own, to be killed."""
        command = [str(DBT), *self._arguments(*arguments, **variables)]
        return subprocess.Popen(command, env=self._environment(None), cwd=self.root, stdout=subprocess.DEVNULL)

    def _arguments(self, *arguments: str, **variables: Any) -> list[str]:
        """Variables without the prefix that they all have."""
        told = json.dumps({f"airflow_catalog_{key}": value for key, value in variables.items()})
        return [*arguments, *(("--vars", told) if variables else ())]

    def _environment(self, more: Mapping[str, str] | None) -> dict[str, str]:
        ours = {key: os.environ[key] for key in _KEPT if key in os.environ}
        quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "0", "DBT_USE_COLORS": "0", "DBT_PARTIAL_PARSE": "1"}
        return ours | quiet | self.environment | dict(more or {})

    def install(self, packages: str | None = None) -> Project:
        (self.root / "packages.yml").write_text(packages or f"packages:\n  - local: {PACKAGE}\n")
        installed = self.dbt("deps")
        assert installed.returncode == 0, installed.output
        return self

    def hook(self, *lines: str) -> Project:
        """At the end of a run."""
        with (self.root / "dbt_project.yml").open("a") as file:
            file.write(f"\non-run-end: {json.dumps(lines)}\n")
        return self

    def artifact(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "target" / name).read_text())
        return found

    def markers(self, name: str = "run_results.json") -> list[dict[str, Any]]:
        results = self.artifact(name)["results"]
        return [each["adapter_response"][MARKER] for each in results if MARKER in each["adapter_response"]]

    def rows(self, database: str = "shop.duckdb") -> list[dict[str, Any]]:
        """Of the table, in no order."""
        with duckdb.connect(str(self.root / database), read_only=True) as connection:
            found = connection.execute("select * from airflow_catalog_export")
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def log(self) -> Iterator[str]:
        yield from (self.root / "logs" / "dbt.log").read_text().splitlines()


def shop(root: Path) -> Project:
    """With a database that is attached for reading only."""
    project = Project.copy(SHOP, root)
    duckdb.connect(str(root / "locked.duckdb")).close()
    return project
