"""`airflow-catalog undo glue`, after `push glue`, against the strict server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from tests.cli.conftest import Run, run, url, world
from tests.glue.server import GlueServer
from tests.services.world import World

__all__ = ["run", "url", "world"]
ORDERS = DatasetId("s3://lake", "sales/orders")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        rules = '[{"match": "s3://lake/{database}/{table}"}]'
        for name, value in {**server.environment, "AIRFLOW__CATALOG__GLUE_MAPPING": rules}.items():
            monkeypatch.setenv(name, value)
        yield server
    assert not server.failures


def types(server: GlueServer) -> list[str]:
    found = server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
    return [column["Type"] for column in found["StorageDescriptor"]["Columns"]]


def pushed(run: Run, world: World, *types_: str) -> None:
    for at, type_ in enumerate(types_, 1):
        schema: dict[str, Any] = {"fields": [{"name": "id", "type": type_}]}
        world.said(ORDERS, "schema", schema, at=at)
        assert run("push", "glue").code == 0


def test_it_shows_what_it_would_do_and_goes_back_step_by_step(run: Run, world: World, server: GlueServer) -> None:
    pushed(run, world, "int", "bigint")
    shown = run("undo", "glue", "sales.orders", "--dry-run").out
    assert shown.splitlines()[0] == "sales.orders to put back as it was"
    assert "StorageDescriptor.Columns.id.Type" in shown
    assert types(server) == ["bigint"]
    assert run("undo", "glue", "Sales.Orders").out.startswith("sales.orders put back as it was")
    assert types(server) == ["int"]
    back = run("undo", "glue", "sales.orders", "-o", "json").json
    assert (back["state"], back["database"], back["table"]) == ("delete", "sales", "orders")
    assert not server.call("GetTables", DatabaseName="sales")["TableList"]


def test_what_somebody_changed_since_is_left_alone(run: Run, world: World, server: GlueServer) -> None:
    pushed(run, world, "int")
    server.call("UpdateTable", DatabaseName="sales", TableInput={"Name": "orders", "Description": "Mine now"})
    done = run("undo", "glue", "sales.orders")
    assert done.code == 1
    assert "sales.orders: somebody changed it since: " in done.err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("sales.nothing", "the catalog has not changed sales.nothing, in eu-west-1, as far as it remembers"),
        ("orders", "orders: a table is DATABASE.TABLE"),
    ],
)
def test_what_it_does_not_know_it_says(run: Run, world: World, server: GlueServer, table: str, said: str) -> None:
    pushed(run, world, "int")
    done = run("undo", "glue", table)
    assert (done.code, said in done.err) == (1, True)
    assert types(server) == ["int"]
