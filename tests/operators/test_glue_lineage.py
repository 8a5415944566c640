"""`GlueLineagePushOperator` against the strict server: what it tells tables, and when it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.operators.glue import GlueTableLink
from airflow_provider_catalog.operators.glue_lineage import GlueLineagePushOperator
from airflow_provider_catalog.store import open_store
from tests.glue.server import GlueServer
from tests.operators.glue_tasks import Task, connect
from tests.services.world import World

ORDERS, OTHER = DatasetId("s3://lake", "sales/orders"), DatasetId("s3://lake", "sales/other")
TOPIC = DatasetId("kafka://broker:9092", "orders.v1")
NAMED = DatasetId("arn:aws:glue:us-east-1:111122223333", "table/sales/orders")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
        server.call("CreateTable", DatabaseName="sales", TableInput={"Name": "orders", "Description": "Mine."})
        connect(monkeypatch, server)
        yield server
    assert not server.failures


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)
    monkeypatch.setenv("AIRFLOW__CATALOG__GLUE_MAPPING", '[{"match": "s3://lake/{database}/{table}"}]')
    with closing(open_store(url)) as store:
        world = World(store)
        world.ran("etl.load", [TOPIC], [ORDERS, OTHER, NAMED])
        yield world


def done(datasets: Any, task: Task | None = None, **options: Any) -> dict[str, Any]:
    operator = GlueLineagePushOperator(task_id="push", datasets=datasets, **options)
    found = operator.execute((task or Task()).context)
    json.dumps(found)
    return found


def told(server: GlueServer) -> dict[str, Any]:
    found: dict[str, Any] = server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
    return found


@pytest.mark.parametrize(
    "datasets",
    [
        str(ORDERS),
        [str(ORDERS)],
        Asset("s3://lake/sales/orders"),
        (Asset("s3://lake/sales/orders"),),
        '["s3://lake/sales/orders"]',
    ],
)
def test_a_table_is_told_what_it_is_made_of_once(server: GlueServer, datasets: Any) -> None:
    task = Task()
    counts = {"dry_run": False, "tables": 1, "unchanged": 0, "skipped": 0, "errors": 0, "problems": []}
    assert done(datasets, task) == {**counts, "updated": 1}
    hops = json.loads(told(server)["Parameters"]["catalog.upstream_chain"])
    assert [each["qualified_name"] for each in hops] == ["prod/etl.load", str(TOPIC)]
    assert "Mine.\n\n-- airflow-catalog lineage --" in told(server)["Description"]
    assert done(datasets)["unchanged"] == 1
    assert sum(server.writes.values()) == 1
    assert task.pushed[GlueTableLink.key]["table"] == "orders"


def test_parts_of_it_can_be_switched_off(server: GlueServer, world: World) -> None:
    world.ran("etl.fetch", [DatasetId("mysql://db:3306", "shop.orders")], [TOPIC])
    done(str(ORDERS), set_description=False, depth=1)
    assert told(server)["Description"] == "Mine."
    assert told(server)["Parameters"]["catalog.upstream_truncated"] == "true"
    done(str(ORDERS), set_parameters=False)
    assert "shop.orders" in told(server)["Description"]
    assert "shop.orders" not in told(server)["Parameters"]["catalog.upstream_chain"]


def test_a_table_of_another_region_is_asked_for_there_unless_it_is_stated(server: GlueServer) -> None:
    assert done(str(NAMED), region_name="eu-west-1")["updated"] == 1
    with pytest.raises(AirflowException, match="us-east-1"):
        done(str(NAMED))


def test_one_that_goes_is_enough(server: GlueServer) -> None:
    found = done([str(ORDERS), str(OTHER), "s3://lake/nothing"])
    assert (found["updated"], found["skipped"], found["errors"]) == (1, 1, 1)
    assert [(each["table"], each["state"]) for each in found["problems"]] == [
        ("sales.other", "missing"),
        ("s3://lake/nothing", "failed"),
    ]


def test_that_no_table_is_there_is_a_warning(server: GlueServer) -> None:
    assert done(str(OTHER))["skipped"] == 1
    assert not server.writes


def test_where_nothing_may_be_written_the_task_fails_with_what_is_missing(server: GlueServer) -> None:
    server.deny("glue:UpdateTable")
    with pytest.raises(AirflowFailException, match=r"sales\.orders: allow glue:UpdateTable"):
        done(str(ORDERS))


def test_what_no_rule_makes_a_table_of_is_told(server: GlueServer) -> None:
    with pytest.raises(AirflowFailException, match="glue_mapping"):
        done(str(TOPIC))


def test_what_the_catalog_does_not_know_yet_is_tried_again(server: GlueServer) -> None:
    with pytest.raises(AirflowException, match="does not know it yet") as raised:
        done("s3://lake/nothing")
    assert not isinstance(raised.value, AirflowFailException)


def test_a_template_that_makes_an_empty_list_does_nothing(server: GlueServer) -> None:
    assert done("[]")["tables"] == 0
    assert not server.calls


def test_its_datasets_are_templated() -> None:
    assert {"datasets", "catalog_id", "catalog_conn_id", "aws_conn_id"} <= set(GlueLineagePushOperator.template_fields)
