"""More than sixteen megabytes of a run, by way of a table of its warehouse or of its log."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.operators.dbt import DbtHarvestOperator
from airflow_provider_catalog.services.dbt_harvest import harvest_log
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.worker.merge import Merger
from tests.connections import to_postgres
from tests.dbt_macros.project import Project

MODELS, BYTES = 20, 880_000


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A target of dbt, and a connection of Airflow that leads to it."""
    stated: dict[str, Any] = {"conn_type": "duckdb", "host": str(tmp_path / "large.duckdb")}
    output: dict[str, Any] = {"type": "duckdb", "path": str(tmp_path / "large.duckdb")}
    if request.param == "postgres":
        stated = to_postgres(request.getfixturevalue("postgres_database"))
        place = {"host": stated["host"], "port": stated["port"], "user": stated["login"], "dbname": stated["schema"]}
        output = {"type": "postgres", **place, "password": stated["password"] or "-", "schema": "public"}
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(stated))
    return output


def large(root: Path, output: dict[str, Any]) -> Project:
    """Models of long SQL, each of which reads the one before."""
    (root / "models").mkdir(parents=True)
    (root / "dbt_project.yml").write_text("name: large\nversion: 0.1.0\nprofile: large\n")
    (root / "profiles.yml").write_text(json.dumps({"large": {"target": "dev", "outputs": {"dev": output}}}))
    for number in range(MODELS):
        said = f"-- {number} " + "é" * 1_000 + "x" * BYTES
        above = f"{{{{ ref('m{number - 1}') }}}}" if number else "(select 1 as a) as one"
        (root / "models" / f"m{number}.sql").write_text(f"select a\n{said}\nfrom {above}\n")
    return Project(root).install()


def assert_has_all_of_it(url: str) -> None:
    """Each model with its SQL, made of the one before."""
    with closing(open_store(url)) as store:
        assert sum(len(each.payload) for each in store.envelopes()) > 16 * 1024 * 1024
        assert Merger(store).drain().rejected == 0
        made = {each.name.rpartition(".")[2] for each in store.scan("dataset", limit=1_000)}
        assert made == {f"m{number}" for number in range(MODELS)}
        assert store.status().edges == MODELS - 1


@pytest.mark.slow
def test_sixteen_megabytes_arrive_by_a_table(
    warehouse: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = large(tmp_path / "large", warehouse).dbt("build", transport="table", schema="left_over")
    assert (ran.returncode, ran.lines("WARNING")) == (0, [])
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)
    told = DbtHarvestOperator(task_id="harvest", warehouse_conn_id="warehouse", schema="left_over").execute({})
    assert (told["invocations"], told["waiting"]) == (1, 0)
    assert_has_all_of_it(url)


@pytest.mark.slow
def test_sixteen_megabytes_arrive_by_a_log(tmp_path: Path) -> None:
    project = large(tmp_path / "large", {"type": "duckdb", "path": "large.duckdb"})
    ran = project.dbt("build", transport="log")
    assert (ran.returncode, ran.lines("WARNING")) == (0, [])
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    with closing(open_store(url)) as store:
        assert harvest_log(store, ran.output.splitlines()) > 1
    assert_has_all_of_it(url)
