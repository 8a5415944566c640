"""Tasks whose lineage the next task counts on: test_catalogued.py runs it by `airflow dags test`."""

from __future__ import annotations

import os

from airflow.sdk import DAG, Asset, task

STRICT = os.environ.get("OBSERVED_STRICT", "True") == "True"

with DAG("catalogued", schedule=None) as dag:

    @task.catalogued(wait=20, strict=STRICT, inlets=[Asset("s3://raw/orders")], outlets=[Asset("s3://clean/orders")])
    def clean() -> int:
        return 42

    @task
    def expect(found: int) -> None:
        """What the task before it did is known by now."""
        from contextlib import closing

        from airflow_provider_catalog.services import lineage
        from airflow_provider_catalog.settings import settings
        from airflow_provider_catalog.store import open_store

        if STRICT:
            with closing(open_store(settings().store_url)) as store:
                answer = lineage.walk(store, "s3://clean/orders", direction="upstream")
            if found != 42 or [node.label.name for node in answer.upstream] != ["orders"]:
                raise ValueError(answer)

    expect(clean())  # type: ignore[arg-type]  # what it returns comes later
