"""A DAG that registers tables and partitions in Glue: test_glue_table.py runs it by `airflow dags test`, twice."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, task

from airflow_provider_catalog.hooks.glue import GlueTableHook
from airflow_provider_catalog.operators.glue_partitions import GluePartitionsRegisterOperator
from airflow_provider_catalog.operators.glue_table import GlueTableRegisterOperator

with DAG(
    "glue_register",
    schedule=None,
    params={
        "database": Param("Sales", type="string"),
        "states": Param(["created", "created"], type="array"),
        "added": Param(3, type="integer"),
    },
) as dag:

    @task
    def columns() -> list[dict[str, str]]:
        return [{"name": "id", "type": "bigint", "comment": "of the order"}, {"name": "amount", "type": "double"}]

    stated = GlueTableRegisterOperator(
        task_id="stated",
        database="{{ params.database }}",
        table="{{ 'ORDERS' }}",
        columns=columns(),  # type: ignore[arg-type]  # what it returns comes later
        partition_keys=[{"name": "{{ 'dt' }}", "type": "date"}],
        location="s3://lake/{{ params.database | lower }}/orders/",
        format="{{ 'parquet' }}",
        description="What {{ dag.dag_id }} sold.",
        parameters={"run_by": "{{ dag.dag_id }}"},
        table_owner="{{ 'ann' }}",
    )
    known = GlueTableRegisterOperator(task_id="known", dataset="s3://lake/{{ params.database | lower }}/customers")
    partitions = GluePartitionsRegisterOperator(
        task_id="partitions",
        database="{{ params.database }}",
        table="orders",
        partitions=["dt={{ '2026-01-01' }}", {"dt": "{{ '2026-01-02' }}"}, ["{{ '2026-01-03' }}"]],
    )

    @task
    def expect(
        first: dict[str, Any], second: dict[str, Any], third: dict[str, Any], params: dict[str, Any] | None = None
    ) -> None:
        states = [each["tables"][0]["state"] for each in (first, second)]
        if params is None or (states, third["added"]) != (params["states"], params["added"]):
            raise ValueError((states, third))

    @task
    def by_hand() -> dict[str, int]:
        done: dict[str, int] = GlueTableHook().register_table(database="sales", table="by_hand", columns={"id": "int"})
        return done

    expected = expect(stated.output, known.output, partitions.output)  # type: ignore[arg-type]  # what comes later
    stated >> known >> partitions >> expected >> by_hand()
