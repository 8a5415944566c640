"""Tasks that run dbt in every way that there is in a process of Airflow, on the project that a test has made ready."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task
from cosmos import ProfileConfig
from cosmos.constants import InvocationMode
from cosmos.operators.local import DbtRunLocalOperator, DbtTestLocalOperator

from airflow_provider_catalog.operators.dbt import DbtArtifactsIngestOperator

PROJECT, DBT = os.environ["OBSERVED_PROJECT"], os.environ["OBSERVED_DBT"]
PROFILE = ProfileConfig(profile_name="ledger", target_name="duckdb", profiles_yml_filepath=f"{PROJECT}/profiles.yml")


def cosmos(operator: Any, task_id: str, mode: InvocationMode, select: str) -> Any:
    return operator(
        task_id=task_id,
        project_dir=PROJECT,
        profile_config=PROFILE,
        invocation_mode=mode,
        dbt_executable_path=DBT,
        select=[select],
        install_deps=False,
    )


@task
def library(select: str) -> None:
    from dbt.cli.main import dbtRunner

    found = dbtRunner().invoke(["run", "--select", select, "--project-dir", PROJECT, "--profiles-dir", PROJECT])
    assert found.success


@task
def without() -> None:
    """Runs after others have loaded dbt into this process."""


with DAG("dbt_tasks", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
    shell = BashOperator(task_id="shell", bash_command=f"cd {PROJECT} && {DBT} build --select +accounts cost_centres")
    failing = BashOperator(
        task_id="failing",
        bash_command="$DBT run --select accounts entries --target-path elsewhere",
        cwd=PROJECT,
        env={"DBT": DBT, "LEDGER_DUCKDB_PATH": "ledger.duckdb", "DBT_PROFILES_DIR": PROJECT},
        append_env=True,
    )
    ingest = DbtArtifactsIngestOperator(task_id="ingest", path=f"{PROJECT}/target", catalog_conn_id="observed_catalog")
    other = BashOperator(task_id="other", bash_command="echo dbt && ls dbt; true", trigger_rule="all_done")
    (
        shell
        >> ingest
        >> failing
        >> other
        >> cosmos(DbtTestLocalOperator, "cosmos_program", InvocationMode.SUBPROCESS, "accounts")
        >> library("entries")
        >> without()
        >> cosmos(DbtRunLocalOperator, "cosmos_library", InvocationMode.DBT_RUNNER, "accounts")
    )
