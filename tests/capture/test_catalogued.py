"""`@task.catalogued` in a real Airflow: the order that listeners cannot give, and the link on the task's page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from airflow_provider_catalog.lineage import lineage
from tests.deployment import Deployment

DAGS = str(Path(__file__).with_name("dags"))
PAGES = """
import json
from airflow.api_fastapi.app import create_app, get_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from fastapi.testclient import TestClient

client = TestClient(create_app(apps="core"))
jwt = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="ann", role="ADMIN"))
client.headers["Authorization"] = f"Bearer {jwt}"
dag = "/api/v2/dags/catalogued/dagRuns"
(run,) = client.get(dag).json()["dag_runs"]
links = {
    name: client.get(f"{dag}/{run['dag_run_id']}/taskInstances/{name}/links").json()["extra_links"]
    for name in ("clean", "expect")
}
answer = client.get(links["clean"]["Catalog"])
print(json.dumps([links, answer.status_code, answer.json()]))
"""
"""Asks Airflow's server for the links of both tasks, and follows the one of ours."""


def code(deployment: Deployment, *, strict: bool, **options: str) -> int:
    """How `airflow dags test` ends."""
    environment = deployment.environment(**options) | {
        "AIRFLOW__CORE__DAGS_FOLDER": DAGS,
        "OBSERVED_FOLDER": str(deployment.home),
        "OBSERVED_STRICT": str(strict),
    }
    del environment["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
    command = [sys.executable, "-m", "airflow", "dags", "test", "catalogued"]
    return subprocess.run(command, cwd=deployment.home, env=environment, capture_output=True, check=False).returncode


def test_the_next_task_finds_what_this_one_did_and_its_page_links_to_it(deployment: Deployment) -> None:
    assert code(deployment, strict=True) == 0
    asked = deployment.python("-c", PAGES)
    assert asked.returncode == 0, asked.stderr
    links, status, answer = json.loads(asked.stdout.splitlines()[-1])
    assert links == {"clean": {"Catalog": "/catalog/api/v1/job?job=default%2Fcatalogued.clean"}, "expect": {}}
    assert (status, answer["job_id"], answer["writes"]) == (200, "default/catalogued.clean", ["s3://clean/orders"])


def test_without_a_store_it_fails_only_if_it_is_strict(deployment: Deployment) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    assert code(deployment, strict=True, store_url=away) == 1
    assert code(deployment, strict=False, store_url=away) == 0


def len_of(text: str) -> int:
    return len(text)


def test_lineage_decorates_functions_and_says_so_where_it_is_given_a_task() -> None:
    from airflow.sdk import task

    with pytest.raises(TypeError, match="below @task"):
        lineage(inputs=["a/b"])(task(len_of))
    with pytest.raises(TypeError, match="must be a list"):
        lineage(inputs="a/b")
