"""`GlueTableRegisterOperator` and what is beside it, in a real Airflow, and by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, Asset

from airflow_provider_catalog.capture import collected, task
from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.links import CatalogLink
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.operators.glue import GlueDatabaseLink, GlueTableLink
from airflow_provider_catalog.operators.glue_partitions import GluePartitionsRegisterOperator
from airflow_provider_catalog.operators.glue_table import GlueTableRegisterOperator
from airflow_provider_catalog.sources import read
from tests.capture.test_aws_tasks import Instance
from tests.deployment import Deployment
from tests.glue.server import GlueServer
from tests.glue_lake import COLUMNS, Lake
from tests.operators.glue_tasks import Task
from tests.services.world import World

DAGS = str(Path(__file__).with_name("dags"))
ORDERS: dict[str, Any] = {"database": "sales", "table": "orders"}


def address(done: Task, link: Any) -> str:
    return str(link().format_link(**done.pushed[link.key]))


@pytest.fixture
def server() -> Iterator[GlueServer]:
    with GlueServer() as server:
        yield server
    assert not server.failures


@pytest.fixture
def lake(server: GlueServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    found = Lake(server, tmp_path)
    found.connect(monkeypatch)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    return found


def ran(deployment: Deployment, lake: Lake, **params: Any) -> None:
    environment = deployment.environment() | lake.environment | {"AIRFLOW__CORE__DAGS_FOLDER": DAGS}
    del environment["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
    command = [sys.executable, "-m", "airflow", "dags", "test", "glue_register", "--conf", json.dumps(params)]
    done = subprocess.run(command, cwd=deployment.home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "state=success" in done.stdout, done.stdout + done.stderr


def test_a_dag_registers_what_it_states_and_what_the_catalog_knows_and_nothing_the_second_time(
    deployment: Deployment, server: GlueServer
) -> None:
    lake = Lake(server, deployment.home)
    with lake.store() as store:
        fields: Any = {"fields": [{"name": "name", "type": "text"}]}
        World(store).said(DatasetId("s3://lake", "sales/customers"), "schema", fields)
    ran(deployment, lake)
    assert lake.types() == {"id": "bigint", "amount": "double"}
    found = lake.table()
    assert found["StorageDescriptor"]["Location"] == "s3://lake/sales/orders/"
    assert found["StorageDescriptor"]["Columns"][0]["Comment"] == "of the order"
    assert "What glue_register sold." in found["Description"]
    assert (found["Owner"], found["Parameters"]["run_by"]) == ("ann", "glue_register")
    assert lake.types("customers") == {"name": "string"}
    assert lake.types("by_hand") == {"id": "int"}
    assert lake.partitions() == {
        (day,): f"s3://lake/sales/orders/dt={day}/" for day in ("2026-01-01", "2026-01-02", "2026-01-03")
    }
    table = lake.known("arn:aws:glue:eu-west-1:111122223333:table/sales/orders")
    assert table.node == lake.known("s3://lake/sales/orders").node
    server.forget()
    ran(deployment, lake, states=["unchanged", "unchanged"], added=0)
    assert lake.sent() == 0, server.calls


@pytest.fixture
def dag() -> Iterator[DAG]:
    with DAG("lake", schedule=None) as made:
        yield made


def written(operator: Any) -> list[str]:
    """What the task's own lineage says it writes."""
    ti = Instance(dag_id="lake", task_id="t", run_id="r", map_index=-1, try_number=1, task=operator, state="success")
    collected.begin()
    operator.execute({**ti.get_template_context(), **Task().context})
    (said,) = read(Envelope("task", json.dumps(task.ended(ti, "success", "ours")).encode())).statements
    return [*map(str, said.lineage.writes)]


def test_the_lineage_of_the_task_names_the_table(lake: Lake, dag: DAG) -> None:
    name = "arn:aws:glue:eu-west-1:111122223333/table/sales/orders"
    table = GlueTableRegisterOperator(task_id="t", **ORDERS, columns=COLUMNS, partition_keys=["dt"], location="s3://l/")
    partitions = GluePartitionsRegisterOperator(task_id="p", **ORDERS, partitions=["dt=1"])
    assert (written(table), written(partitions)) == ([name], [name])
    lake.server.deny("glue:GetTable")
    with pytest.raises(Exception, match="allow glue:GetTable"):
        written(table)


def test_what_is_only_looked_at_is_no_lineage(lake: Lake, dag: DAG) -> None:
    assert written(GlueTableRegisterOperator(task_id="t", **ORDERS, columns=COLUMNS, dry_run=True)) == []


def executed(operator: Any) -> Task:
    done = Task()
    operator.execute(done.context)
    return done


def test_links_lead_to_the_first_table_and_to_its_database(lake: Lake) -> None:
    names = [DatasetId("s3://lake", f"sales/{name}") for name in ("bills", "carts")]
    with lake.store() as store:
        for each in names:
            World(store).said(each, "schema", {"fields": []})
    done = executed(GlueTableRegisterOperator(task_id="t", dataset=[Asset(str(each)) for each in names]))
    assert address(done, GlueTableLink).endswith("/tables/view/bills?database=sales&catalogId=")
    assert address(done, GlueDatabaseLink).endswith("/databases/view/sales?catalogId=")


@pytest.mark.parametrize(
    ("region", "console"),
    [
        ("eu-west-1", "https://console.aws.amazon.com/"),
        ("cn-north-1", "https://console.amazonaws.cn/"),
        ("us-gov-west-1", "https://console.amazonaws-us-gov.com/"),
    ],
)
def test_links_lead_to_the_console_of_the_partition(
    region: str, console: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    with GlueServer(region=region) as server:
        Lake(server, tmp_path).connect(monkeypatch)
        odd: dict[str, Any] = {"database": "sales", "table": "Orders & more"}
        operator = GlueTableRegisterOperator(
            task_id="t",
            **odd,
            columns=COLUMNS,
            partition_keys=["dt"],
            location="s3://lake/o",
            catalog_id="111122223333",
        )
        expected = (
            f"{console}glue/home?region={region}#/v2/data-catalog/tables/view/orders%20%26%20more"
            "?database=sales&catalogId=111122223333"
        )
        assert address(executed(operator), GlueTableLink) == expected
        partitions = GluePartitionsRegisterOperator(task_id="t", **odd, partitions=["x"], catalog_id="111122223333")
        assert address(executed(partitions), GlueTableLink) == expected


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({}, "say which table it is: dataset, or database and table"),
        ({"database": "sales"}, "say which table it is"),
        ({"dataset": "x", "columns": COLUMNS}, "the catalog says what the table is, and not columns"),
        ({**ORDERS, "if_exists": "replace"}, "if_exists is 'replace'; it must be one of merge, update, skip, fail"),
        ({**ORDERS, "if_missing": "skip"}, "if_missing is 'skip'"),
    ],
)
def test_what_is_wrong_for_any_run_is_told_when_the_dag_is_read(stated: dict[str, Any], problem: str) -> None:
    with pytest.raises(CatalogError, match=problem):
        GlueTableRegisterOperator(task_id="t", **stated)


@pytest.mark.parametrize(
    ("stated", "problem"),
    [({}, "say which partitions"), ({"from_location": True, "if_exists": "merge"}, "must be one of skip, update")],
)
def test_what_is_wrong_of_partitions_is_told_then_too(stated: dict[str, Any], problem: str) -> None:
    with pytest.raises(CatalogError, match=problem):
        GluePartitionsRegisterOperator(task_id="t", **ORDERS, **stated)


def test_every_field_that_says_something_of_a_table_is_a_template() -> None:
    fields = set(GlueTableRegisterOperator.template_fields)
    assert fields >= {"dataset", "database", "table", "columns", "partition_keys", "location", "format", "compression"}
    assert fields >= {"description", "parameters", "table_owner", "catalog_id", "catalog_conn_id", "aws_conn_id"}
    assert {"database", "table", "partitions"} <= set(GluePartitionsRegisterOperator.template_fields)


def test_their_pages_link_to_the_console_and_to_the_catalog() -> None:
    kinds = [type(link) for link in GlueTableRegisterOperator.operator_extra_links]
    assert kinds == [GlueTableLink, GlueDatabaseLink, CatalogLink]
    assert [type(link) for link in GluePartitionsRegisterOperator.operator_extra_links] == [GlueTableLink, CatalogLink]
