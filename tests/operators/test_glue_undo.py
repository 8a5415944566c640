"""`GlueUndoOperator`: as an author writes it, with a connection of Airflow's, on the strict server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_catalog.hooks.catalog import CatalogHook
from airflow_provider_catalog.operators.glue_undo import GlueUndoOperator
from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.calls import Calls
from airflow_provider_catalog.targets.glue.mapping import GluePlace
from airflow_provider_catalog.targets.glue.reading import GlueTable
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted
from airflow_provider_catalog.targets.glue.writer import Writer
from tests.glue.server import GlueServer


class Told:
    """What a task instance is told."""

    def __init__(self) -> None:
        self.links: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.links[key] = value


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        extra = {"region_name": "eu-west-1", "endpoint_url": server.url}
        aws = {"conn_type": "aws", "login": "x", "password": "y", "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(aws))
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
        monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", f"sqlite:///{tmp_path / 'catalog.db'}")
        yield server
    assert not server.failures


def wrote(server: GlueServer, *columns: str) -> None:
    """As the worker does."""
    account = Account(Calls(server.client(parameter_validation=False)))
    wanted = Wanted("sales", "orders", tuple(Column(name, "int") for name in columns))
    with closing(CatalogHook().get_conn()) as store:
        table = GlueTable(GluePlace("sales", "orders"), wanted, (1,))
        Writer(lambda *_: account, store.keep_images).write([table])


def columns(server: GlueServer) -> list[str]:
    found = server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
    return [column["Name"] for column in found["StorageDescriptor"]["Columns"]]


def undone(**options: Any) -> tuple[dict[str, Any], Told]:
    told = Told()
    operator = GlueUndoOperator(task_id="undo", database="sales", table="orders", **options)
    return operator.execute({"ti": told}), told  # type: ignore[typeddict-item]  # all that is asked of it


def test_a_table_is_put_back_as_it_was_with_a_link_to_it(server: GlueServer) -> None:
    wrote(server, "id")
    wrote(server, "id", "paid")
    looked, _ = undone(dry_run=True)
    assert looked["state"] == "update"
    assert columns(server) == ["id", "paid"]
    done, told = undone()
    assert done["state"] == "update"
    assert "StorageDescriptor.Columns.paid" in done["changes"]
    assert columns(server) == ["id"]
    (link,) = told.links.values()
    assert (link["database"], link["table"], link["aws_domain"]) == ("sales", "orders", "aws.amazon.com")


def test_what_somebody_changed_since_fails_the_task_for_good(server: GlueServer) -> None:
    wrote(server, "id")
    server.call("UpdateTable", DatabaseName="sales", TableInput={"Name": "orders", "Owner": "somebody"})
    with pytest.raises(AirflowFailException, match=r"sales\.orders: somebody changed it since"):
        undone()
