"""An Airflow of a test's own: a home of its own, real commands in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

BUNDLE = {"name": "catalog", "classpath": "airflow_provider_catalog.bundles.CatalogDagBundle", "kwargs": {}}


class Deployment(NamedTuple):
    """`run` an Airflow command, or any `python` in its environment. Options are those of the section [catalog]."""

    home: Path

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.home / 'catalog.db'}"

    def run(self, *args: str, **options: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "airflow", *args, **options)

    def python(self, *args: str, **options: str) -> subprocess.CompletedProcess[str]:
        """Not in the checkout: what lies there of an installation would be found as a second one."""
        return subprocess.run(
            [sys.executable, *args],
            cwd=self.home,
            env=self.environment(**options),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def environment(self, **options: str) -> dict[str, str]:
        """Nothing of ours comes from outside; the DAGs are the package's."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__CATALOG__")}
        return {
            **inherited,
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([BUNDLE]),
            **{f"AIRFLOW__CATALOG__{name.upper()}": value for name, value in options.items()},
        }

    def copy(self, to: Path) -> Deployment:
        """Without airflow.cfg: Airflow has written every default into it, and with them the paths of this home."""
        to.mkdir()
        shutil.copy(self.home / "airflow.db", to)
        return Deployment(to)
