"""A DAG of everything that capture has to tell: test_tasks.py runs it by `airflow dags test`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow.providers.common.io.operators.file_transfer import FileTransferOperator
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Asset, AssetAlias, ObjectStoragePath, task
from airflow.sdk.exceptions import AirflowSkipException

from airflow_provider_catalog.lineage import declare, disable_capture, lineage

FOLDER = Path(os.environ["OBSERVED_FOLDER"])
URL = f"file://{FOLDER}"

with DAG("observed", schedule=None, tags=["b", "a"], doc_md="About the DAG") as dag:
    several = SQLExecuteQueryOperator(
        task_id="several",
        conn_id="observed_db",
        sql="CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('{{ task.task_id }}'); CREATE TABLE b AS SELECT x FROM a",
        split_statements=True,
        doc_md="About the task",
        owner="ada",
    )

    @task
    def hooked() -> None:
        from airflow.sdk import BaseHook

        hook = BaseHook.get_connection("observed_db").get_hook()
        hook.run("INSERT INTO b SELECT x FROM a WHERE x = ?", parameters=("personal",))

    @task
    def files() -> None:
        (ObjectStoragePath(URL) / "in.txt").write_text("x")
        with (ObjectStoragePath(URL) / "in.txt").open() as file:
            text = file.read()
        with (ObjectStoragePath(URL) / "out.txt").open("w") as file:
            file.write(text)

    @task
    @lineage(inputs=["s3://raw/orders"], outputs=["db/t"], columns={"db/t#x": ["s3://raw/orders#y"]})
    def declared() -> None:
        declare(outputs=["db/u"])

    @task(outlets=[AssetAlias("later"), Asset(name="made", uri="s3://made/it")], inlets=[Asset("s3://user:pw@read/it")])
    def assets(*, outlet_events: Any = None) -> None:
        outlet_events[AssetAlias("later")].add(Asset("s3://behind/alias"))

    @task
    def mapped(number: int) -> int:
        """About each."""
        return number

    @task(retries=0)
    def fails() -> None:
        from airflow.sdk import BaseHook

        BaseHook.get_connection("observed_db").get_hook().run("INSERT INTO a VALUES ('half')")
        raise ValueError("password=hunter2 is wrong")

    @task
    def skips() -> None:
        raise AirflowSkipException

    @task
    def unheard() -> None: ...

    off_by_operator = BashOperator(task_id="off_by_operator", bash_command="true")

    transfer = FileTransferOperator(
        task_id="transfer", src=f"{URL}/in.txt", dst=f"{URL}/moved.txt", source_conn_id="a", overwrite=True
    )

    disable_capture(unheard())
    written = files()
    several >> [
        hooked(),
        written,
        declared(),
        assets(),
        mapped.expand(number=[1, 2]),
        fails(),
        skips(),
        off_by_operator,
    ]
    written >> transfer
