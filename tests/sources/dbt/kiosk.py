"""A small project on DuckDB that the real dbt has run, as its target folders were after each command.

`built`: by `dbt-ol`, whose events are in `events`; `again` and `third`: built twice more, so that the incremental model
is compiled as it will be from then on; `part`: `run --select best`, when nothing else is compiled, after the
description of `unused` was changed; `fresh`: after `source freshness`; `prod`: in another schema of the same database.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
from airflow_provider_catalog.sources.dbt.folder import artifacts
from tests.dbt_macros.forking import forking
from tests.dbt_macros.project import Project

KIOSK = Path(__file__).parents[2] / "golden" / "dbt" / "artifacts" / "kiosk"
DBT_OL = Path(sys.executable).parent / "dbt-ol"
_SALES = """
    create schema raw;
    create table raw.sales as select * from (
        values (1, 'tea', 2.0, 'EUR', timestamp '2024-01-01'), (2, 'cake', 3.0, 'USD', timestamp '2024-01-02')
    ) as given(id, item, amount, currency, sold_at)
"""


class Kiosk:
    """`namespace`: of its datasets. Make it once: it takes more than ten seconds."""

    def __init__(self, root: Path) -> None:
        self.database = root / "kiosk.duckdb"
        self.namespace = f"duckdb://{self.database}"
        self._kept = root / "kept"
        self._project = Project.copy(KIOSK, root / "project", {"KIOSK": str(self.database)})
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(_SALES)
        forking()  # imports dbt meanwhile
        self.events = self._build_with_openlineage(root / "events")
        for name in ("again", "third"):
            self._run(name, "build")
        yaml = self._project.root / "models" / "_kiosk.yml"
        yaml.write_text(yaml.read_text().replace("Nobody reads it.", "Somebody may read it."))
        self._run("part", "run", "--select", "best")
        self._run("fresh", "source", "freshness")
        self._run("prod", "build", "--target", "prod")

    def artifacts(self, name: str) -> Artifacts:
        return artifacts(self._kept / name)

    def told(self, schema: str = "main") -> dict[str, Any]:
        """What the profile says."""
        path = str(self.database)
        return {"target": {"type": "duckdb", "path": path, "database": "kiosk", "schema": schema}}

    def _run(self, name: str, *arguments: str) -> None:
        ran = self._project.dbt(*arguments)
        assert ran.returncode == 0, ran.output
        self._keep(name)

    def _keep(self, name: str) -> None:
        for folder in ("target", "seeds"):
            shutil.copytree(self._project.root / folder, self._kept / name / folder)

    def _build_with_openlineage(self, events: Path) -> list[dict[str, Any]]:
        environment = {key: os.environ[key] for key in ("HOME", "LANG", "LD_LIBRARY_PATH") if key in os.environ}
        environment |= {
            "PATH": f"{DBT_OL.parent}{os.pathsep}{os.environ['PATH']}",
            "KIOSK": str(self.database),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
            "OPENLINEAGE__TRANSPORT__TYPE": "file",
            "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(events),
            "OPENLINEAGE__TRANSPORT__APPEND": "true",
        }
        done = subprocess.run(
            [str(DBT_OL), "build"], cwd=self._project.root, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self._keep("built")
        return [json.loads(line) for line in events.read_text().splitlines()]
