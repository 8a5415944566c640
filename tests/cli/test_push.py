"""`airflow-catalog push glue`, by boto3 as it is, against the strict server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from tests.cli.conftest import Run, run, url, world
from tests.glue.server import GlueServer
from tests.services.world import World

__all__ = ["run", "url", "world"]
ORDERS = DatasetId("s3://lake", "sales/orders/dt=2026-01-01")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        rules = '[{"match": "s3://lake/{database}/{table}"}]'
        for name, value in {**server.environment, "AIRFLOW__CATALOG__GLUE_MAPPING": rules}.items():
            monkeypatch.setenv(name, value)
        yield server
    assert not server.failures


def test_it_shows_what_it_would_do_then_does_it_and_then_there_is_nothing_to_do(
    run: Run, world: World, server: GlueServer
) -> None:
    world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    planned = run("push", "glue", "--dry-run")
    assert planned.code == 0
    assert planned.out.splitlines()[1].split() == ["sales.orders", "to", "create", "1"]
    assert planned.out.splitlines()[-1] == "1 to create"
    assert not server.writes
    assert "created" in run("push", "glue").out
    again = run("push", "glue", "-o", "json").json
    assert [(each["table"], each["state"]) for each in again["tables"]] == [("orders", "unchanged")]
    world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "bigint"}]}, at=2)
    assert "StorageDescriptor.Columns.id.Type" in run("push", "glue", "--dry-run").out
    assert server.writes["UpdateTable"] == 0


def test_one_dataset_can_be_named(run: Run, world: World, server: GlueServer) -> None:
    for name in ("sales/orders", "sales/other"):
        world.said(DatasetId("s3://lake", name), "schema", {"fields": [{"name": "id", "type": "int"}]})
    assert run("push", "glue", "s3://lake/sales/other").code == 0
    assert [each["Name"] for each in server.call("GetTables", DatabaseName="sales")["TableList"]] == ["other"]


def test_what_aws_refuses_is_told_with_the_reason(run: Run, world: World, server: GlueServer) -> None:
    world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    server.deny("glue:CreateTable")
    done = run("push", "glue")
    assert done.code == 1
    assert "allow glue:CreateTable to the role in use" in done.out


def test_without_rules_it_says_where_they_are_told(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW__CATALOG__GLUE_MAPPING", raising=False)
    world.said(ORDERS, "schema", {"fields": []})
    assert "glue_mapping" in run("push", "glue").out


def test_a_wrong_rule_is_told_before_anything_is_done(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.said(ORDERS, "schema", {"fields": []})
    monkeypatch.setenv("AIRFLOW__CATALOG__GLUE_MAPPING", '[{"match": 1}]')
    done = run("push", "glue")
    assert (done.code, "[catalog] glue_mapping: rule 1" in done.err) == (1, True)


def test_a_worker_that_publishes_to_glue_registers_by_itself(
    run: Run, world: World, server: GlueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__PUBLISH", "glue")
    world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    run("worker", "--once")
    assert server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]["PartitionKeys"][0]["Name"] == "dt"
