"""A DAG of everything that can become of a task, and one of a single task: test_standalone.py runs them."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from typing import Any

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import DAG, BaseHook, BaseOperator, task
from airflow.sdk.exceptions import AirflowSkipException

CONN_ID = "shop"
PARTS = [
    "INSERT INTO parts SELECT 1, amount FROM orders",
    "INSERT INTO parts SELECT 2, amount FROM orders",
    "INSERT INTO parts SELECT 3, amount FROM orders",
]
REVENUE = """
CREATE TABLE revenue (country TEXT, amount INTEGER);
INSERT INTO revenue
SELECT c.country, sum(o.amount) FROM orders o JOIN customers c ON c.name = o.customer GROUP BY c.country;
CREATE TABLE best AS SELECT country FROM revenue WHERE amount > 100
"""


def copy(table: str) -> None:
    sql = f"CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM orders"  # noqa: S608  a name of ours
    BaseHook.get_connection(CONN_ID).get_hook().run(sql)


class Deferred(BaseOperator):
    """Works, waits without a process, and works on."""

    def execute(self, context: Any) -> None:
        copy("before")
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=1)), method_name="resume")

    def resume(self, context: Any, event: Any) -> None:
        copy("after")


class Endless(BaseOperator):
    """Runs until somebody ends it."""

    ended = False

    def execute(self, context: Any) -> None:
        while not self.ended:
            time.sleep(0.1)
        raise RuntimeError("it was ended")

    def on_kill(self) -> None:
        self.ended = True


with DAG("everything", schedule=None, default_args={"retries": 0}):
    success = SQLExecuteQueryOperator(task_id="success", conn_id=CONN_ID, sql=REVENUE, split_statements=True)
    mapped = SQLExecuteQueryOperator.partial(task_id="mapped", conn_id=CONN_ID).expand(sql=PARTS)
    deferred = Deferred(task_id="deferred")
    marked_failed = Endless(task_id="marked_failed")

    @task
    def failure() -> None:
        copy("half")
        raise ValueError("the other half is missing")

    @task(retries=1, retry_delay=timedelta(seconds=1))
    def retry(ti: Any = None) -> None:
        if ti.try_number == 1:
            raise ConnectionError("try again")
        copy("tried")

    @task(retries=1, retry_delay=timedelta(seconds=1))
    def killed(ti: Any = None) -> None:
        """As by the kernel, when there is no memory left."""
        if ti.try_number == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    @task
    def skipped() -> None:
        raise AirflowSkipException("there is nothing to do")

    @task
    def behind_skipped() -> None: ...

    @task
    def cleared() -> None:
        copy("again")

    @task
    def marked_success() -> None:
        """Somebody knows better."""
        raise ValueError("it looks wrong")

    failure()
    retry()
    killed()
    skipped() >> behind_skipped()
    cleared()
    marked_success()


with DAG("single", schedule=None):
    SQLExecuteQueryOperator(task_id="copy", conn_id=CONN_ID, sql="CREATE TABLE {{ run_id }} AS SELECT * FROM customers")
