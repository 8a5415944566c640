"""A DAG of everything that can become of a task, and one of a single task: test_standalone.py runs them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.sensors.time_delta import WaitSensor
from airflow.sdk import DAG, BaseHook, task
from airflow.sdk.exceptions import AirflowSkipException

CONN_ID = "shop"
REVENUE = """
CREATE TABLE revenue (country TEXT, amount INTEGER);
INSERT INTO revenue
SELECT c.country, sum(o.amount) FROM orders o JOIN customers c ON c.name = o.customer GROUP BY c.country;
CREATE TABLE best AS SELECT country FROM revenue WHERE amount > 100
"""


def run(sql: str) -> None:
    BaseHook.get_connection(CONN_ID).get_hook().run(sql)


with DAG("everything", schedule=None, default_args={"retries": 0}):
    success = SQLExecuteQueryOperator(task_id="success", conn_id=CONN_ID, sql=REVENUE, split_statements=True)

    @task
    def failure() -> None:
        run("CREATE TABLE half AS SELECT * FROM orders")
        raise ValueError("the other half is missing")

    @task(retries=1, retry_delay=timedelta(seconds=1))
    def retry(*, ti: Any) -> None:
        if ti.try_number == 1:
            raise ConnectionError("try again")
        run("CREATE TABLE tried AS SELECT * FROM orders")

    @task
    def skipped() -> None:
        raise AirflowSkipException("nothing to do")

    @task
    def behind_skipped() -> None: ...

    mapped = SQLExecuteQueryOperator.partial(task_id="mapped", conn_id=CONN_ID).expand(
        sql=[f"INSERT INTO parts SELECT {part}, amount FROM orders" for part in range(3)]
    )

    deferred = WaitSensor(task_id="deferred", time_to_wait=timedelta(seconds=1), deferrable=True)

    @task
    def cleared() -> None:
        run("CREATE TABLE IF NOT EXISTS again AS SELECT * FROM orders")

    @task
    def marked_success() -> None:
        raise ValueError("somebody knows better")

    @task
    def marked_failed() -> None:
        """Runs until somebody marks it, which ends it."""
        time.sleep(600)

    failure()
    retry()
    skipped() >> behind_skipped()
    cleared()
    marked_success()
    marked_failed()


with DAG("single", schedule=None):
    SQLExecuteQueryOperator(
        task_id="copy",
        conn_id=CONN_ID,
        sql="DROP TABLE IF EXISTS copied; CREATE TABLE copied AS SELECT * FROM customers",
        split_statements=True,
    )
