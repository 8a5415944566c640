"""A DAG that lets Glue count, in the triggerer: test_glue_statistics.py runs it by `airflow dags test`."""

from __future__ import annotations

from airflow.sdk import DAG, Param, task

from airflow_provider_catalog.operators.glue_statistics import GlueColumnStatisticsOperator

with DAG("glue_counting", schedule=None, params={"table": Param("orders", type="string")}) as dag:
    count = GlueColumnStatisticsOperator(
        task_id="count",
        database="sales",
        table="{{ params.table }}",
        role="{{ 'arn:aws:iam::111122223333:role/counter' }}",
        columns="{{ 'id, total' }}",
        deferrable=True,
        poll_interval=0.1,
    )

    @task
    def expect(found: dict[str, object]) -> None:
        if (found["columns"], found["joined"], found["sent"]) != (2, False, True):
            raise ValueError(found)

    expect(count.output)  # type: ignore[arg-type]  # what it returns comes later
