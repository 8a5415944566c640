"""SQL in three databases, as people run it; the tables are crawled when all of it is done. test_sql.py runs it."""

from __future__ import annotations

from typing import Any

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import DAG, BaseHook, chain, task

from airflow_provider_catalog.operators.database import DatabaseCrawlOperator

DATABASES = ("lite", "post", "duck")
SEVERAL = """
CREATE TEMP TABLE staged AS SELECT customer, amount AS paid FROM orders;
INSERT INTO totals (customer, total) SELECT customer, sum(paid) FROM staged GROUP BY customer;
DROP TABLE staged;
"""
STAR = "CREATE TABLE {{ params.target }} AS SELECT * FROM {{ params.source }}"


def hook(conn_id: str) -> Any:
    return BaseHook.get_hook(conn_id)


with DAG("queries", schedule=None, template_searchpath=__file__.rpartition("/")[0]):
    several = [
        SQLExecuteQueryOperator(task_id=f"several_{each}", conn_id=each, sql=SEVERAL, split_statements=True)
        for each in ("lite", "duck")
    ]
    star = [
        SQLExecuteQueryOperator(
            task_id=f"star_{each}", conn_id=each, sql=STAR, params={"target": "copied", "source": "orders"}
        )
        for each in DATABASES
    ]
    file = SQLExecuteQueryOperator(task_id="file", conn_id="post", sql="load.sql", params={"schema": "public"})

    @task
    def called(conn_id: str) -> None:
        """A column whose table is not named, by a hook."""
        hook(conn_id).run(
            "CREATE TABLE named AS SELECT upper(name) AS who, amount FROM orders, customers WHERE name = customer"
        )

    crawled = [DatabaseCrawlOperator(task_id=f"crawl_{each}", conn_id=each) for each in DATABASES]
    # One after the other: a file of DuckDB is of one process at a time.
    later = [called.override(task_id=f"called_{each}")(each) for each in DATABASES]
    chain(several[0], several[1], *star, file, *later, *crawled)
