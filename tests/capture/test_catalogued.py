"""`@task.catalogued` in a real Airflow: the order that listeners cannot give."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from airflow_provider_catalog.lineage import lineage
from tests.deployment import Deployment

DAGS = str(Path(__file__).with_name("dags"))


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


def test_the_next_task_finds_what_this_one_did(deployment: Deployment) -> None:
    assert code(deployment, strict=True) == 0


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
