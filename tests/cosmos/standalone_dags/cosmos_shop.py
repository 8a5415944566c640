"""A task of Airflow loads what sources of dbt read, a crawl makes it known, and Cosmos runs models and their tests.
test_dbt.py runs it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import LoadMode

from airflow_provider_catalog.operators.database import DatabaseCrawlOperator

PROJECT, DBT = os.environ["TESTED_PROJECT"], os.environ["TESTED_DBT"]
SELECTED = ["stg_orders", "stg_order_lines", "fct_order_lines"]
LOAD = """
INSERT INTO raw_shop.orders (id, customer_id, status, channel, ordered_at)
SELECT id + 100000, customer_id, status, channel, ordered_at FROM arrived.orders
"""

with DAG("cosmos_shop", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
    load = SQLExecuteQueryOperator(task_id="load", conn_id="warehouse", sql=LOAD)
    crawl = DatabaseCrawlOperator(task_id="crawl", conn_id="warehouse")
    models = DbtTaskGroup(
        group_id="shop",
        project_config=ProjectConfig(PROJECT, manifest_path=f"{PROJECT}/target/manifest.json"),
        profile_config=ProfileConfig(
            profile_name="shop", target_name="postgres", profiles_yml_filepath=f"{PROJECT}/profiles.yml"
        ),
        execution_config=ExecutionConfig(dbt_executable_path=DBT),
        render_config=RenderConfig(load_method=LoadMode.DBT_MANIFEST, select=SELECTED),
        operator_args={"install_deps": False},
    )
    shell = BashOperator(
        task_id="shell",
        bash_command=f"{DBT} build --target postgres --select stg_products",
        cwd=PROJECT,
        append_env=True,
        env={"DBT_PROFILES_DIR": PROJECT},
    )
    load >> crawl >> models >> shell
