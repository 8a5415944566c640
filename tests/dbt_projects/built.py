"""A copy of a real project, built by the real dbt on a database of its own, with our package in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import psycopg

from benchmarks.postgres import PostgresServer
from tests.dbt_macros.project import PACKAGE, Project, Ran

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "dbt"
LINE = "{{ airflow_catalog.export_lineage_to_catalog() }}"


@dataclass(frozen=True)
class Built:
    """`target`: of its profile."""

    name: str
    target: str
    project: Project
    url: str
    """Of its database, as SQLAlchemy has it."""
    ran: Ran

    @property
    def folder(self) -> Path:
        return self.project.root / "target"

    @property
    def namespace(self) -> str:
        if self.target == "duckdb":
            return self.url.replace("////", "///")
        return f"postgres://{self.url.partition('@')[2].rpartition('/')[0]}"

    def dbt(self, *arguments: str) -> Ran:
        return self.project.dbt(*arguments, "--target", self.target)

    def golden(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for file in (f"{name}.json", f"{name}.{self.target}.json"):
            path = GOLDEN / self.name / file
            found |= json.loads(path.read_text()) if path.exists() else {}
        return found


def build(name: str, target: str, root: Path, server: PostgresServer) -> Built:
    project = Project.copy(HERE / name, root / name)
    raw = (HERE / name / "raw.sql").read_text()
    made = _on_duckdb if target == "duckdb" else _on_postgres
    url = made(name, project, raw, server)
    stated = project.root / "packages.yml"
    packages = stated.read_text() if stated.exists() else "packages:\n"
    project.install(f"{packages.rstrip()}\n  - local: {PACKAGE}\n").hook(LINE)
    return Built(name, target, project, url, project.dbt("build", "--target", target))


def _on_duckdb(name: str, project: Project, raw: str, _server: PostgresServer) -> str:
    path = project.root / f"{name}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(raw)
    project.environment |= {f"{name.upper()}_DUCKDB_PATH": str(path)}
    return f"duckdb:///{path}"


def _on_postgres(name: str, project: Project, raw: str, server: PostgresServer) -> str:
    url = server.create_database(f"{name}_{uuid4().hex}").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(raw.encode())
        info = connection.info
        told = {"HOST": info.host, "PORT": str(info.port), "USER": info.user, "DBNAME": info.dbname}
        told["PASSWORD"] = info.password
    project.environment |= {f"{name.upper()}_PG_{key}": value for key, value in told.items()}
    return url
