"""A DAG that crawls a database: test_database.py runs it by `airflow dags test`."""

from __future__ import annotations

from airflow.sdk import DAG, Param, task

from airflow_provider_catalog.operators.database import DatabaseCrawlOperator

with DAG("crawling", schedule=None, params={"leave_out": Param("main.secret*", type="string")}) as dag:
    crawl = DatabaseCrawlOperator(task_id="crawl", conn_id="{{ 'shop' }}", exclude=["{{ params.leave_out }}"])

    @task
    def expect(found: dict[str, object]) -> None:
        if (found["tables"], found["new"], found["skipped"]) != (2, 2, 0):
            raise ValueError(found)

    expect(crawl.output)  # type: ignore[arg-type]  # what it returns comes later
