"""`POST /lineage/push`: lineage told to the tables of a strict Glue, and why it was not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from airflow_provider_catalog.api.app import made
from airflow_provider_catalog.api.routes import lineage_push
from airflow_provider_catalog.api.schemas.lineage_push import LineagePushAnswer
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.mapping import GlueMapping
from airflow_provider_catalog.targets.glue.target import Glue
from tests.api import two_dags
from tests.api.conftest import As
from tests.glue.server import GlueServer
from tests.services.callers import FakeDags
from tests.services.world import World, table

PUSH = "/api/v1/lineage/push"
ORDERS, OTHER = DatasetId("s3://lake", "sales/orders"), DatasetId("s3://lake", "sales/other")
RULES: tuple[Any, ...] = ({"match": "s3://lake/{database}/{table}"},)
AWS = ("AWS_ENDPOINT_URL_GLUE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID")


@pytest.fixture
def rules() -> tuple[Any, ...]:
    return RULES


@pytest.fixture
def app(url: str, tmp_path: Path, rules: tuple[Any, ...]) -> Iterator[FastAPI]:
    chosen = Settings(store_url=url, namespace="prod", embedded_worker=False, glue_mapping=rules)
    app = made(replace(chosen, spool_dir=str(tmp_path / "spool")))
    yield app
    app.state.catalog.close()


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch, store: SqlStore, world: World) -> Iterator[GlueServer]:
    """The API finds it as it would find AWS. `orders` of the shop is exported to it, and registered."""
    world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    world.ran("etl.export", ["orders"], [ORDERS])
    with GlueServer() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        list(Glue(GlueMapping(RULES)).push(store, [find_dataset(store, ORDERS)]))
        server.forget()
        yield server
    assert not server.failures


def push(client: TestClient, status: int = 200, **asked: Any) -> Any:
    answer = client.post(PUSH, json={"catalog_type": "AWS_GLUE", **asked})
    assert answer.status_code == status, answer.text
    expected = "application/json" if status == 200 else "application/problem+json"
    assert answer.headers["content-type"] == expected
    return answer.json()


def told(server: GlueServer, name: str = "orders") -> dict[str, str]:
    found: dict[str, str] = server.call("GetTable", DatabaseName="sales", Name=name)["Table"]["Parameters"]
    return found


def test_the_call_of_the_seed_tells_every_table_its_lineage(client: TestClient, glue: GlueServer) -> None:
    found = push(client, set_parameters=True, set_description=True)
    assert LineagePushAnswer.model_validate(found, strict=True).updated == 1
    counts = {"tables": 1, "updated": 1, "unchanged": 0, "skipped": 0, "errors": 0}
    assert found == {"dry_run": False, **counts, "problems": []}
    assert json.loads(told(glue)["catalog.upstream_chain"])[0]["qualified_name"] == "prod/etl.export"
    assert push(client)["unchanged"] == 1
    assert sum(glue.writes.values()) == 1


def test_a_dry_run_does_nothing(client: TestClient, glue: GlueServer) -> None:
    found = push(client, dry_run=True, datasets=[str(ORDERS)])
    assert (found["dry_run"], found["updated"]) == (True, 1)
    assert not glue.writes


def test_parts_of_it_can_be_switched_off(client: TestClient, glue: GlueServer) -> None:
    push(client, set_parameters=False)
    assert "catalog.upstream_chain" not in told(glue)


def test_what_was_not_told_is_listed_with_its_reason(client: TestClient, glue: GlueServer, world: World) -> None:
    world.ran("etl.export", ["orders"], [ORDERS, OTHER], at=2)
    glue.deny("glue:UpdateTable")
    found = push(client, datasets=[str(ORDERS), str(OTHER)])
    assert LineagePushAnswer.model_validate(found, strict=True).skipped == 2
    assert [(each["table"], each["state"]) for each in found["problems"]] == [
        ("sales.orders", "denied"),
        ("sales.other", "missing"),
    ]
    assert "allow glue:UpdateTable" in found["problems"][0]["reason"]


def test_a_name_that_nothing_has_is_not_found_before_anything_is_written(client: TestClient, glue: GlueServer) -> None:
    assert "nothing-of-that-name" in push(client, 404, datasets=[str(ORDERS), "nothing-of-that-name"])["detail"]
    assert not glue.calls


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"datasets": ["x"] * 101}, "101 datasets, and one request takes 100; for more use airflow-catalog push glue"),
        ({"catalog_type": "UNITY"}, "catalog_type"),
        ({"datasets": [""]}, "datasets"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    client: TestClient, glue: GlueServer, asked: dict[str, Any], reason: str
) -> None:
    assert reason in push(client, 422, **asked)["detail"]
    assert not glue.calls


def test_more_tables_than_a_request_should_wait_for_are_refused(
    client: TestClient, glue: GlueServer, world: World
) -> None:
    world.ran("etl.many", ["orders"], [DatasetId("s3://lake", f"sales/t{number}") for number in range(100)])
    assert "name some, or use airflow-catalog push glue --lineage" in push(client, 422)["detail"]
    assert not glue.calls
    assert push(client, datasets=[str(ORDERS)])["updated"] == 1


def test_one_push_at_a_time(client: TestClient, glue: GlueServer) -> None:
    with lineage_push._ONE:
        assert "being pushed already" in push(client, 429)["detail"]
    assert push(client)["updated"] == 1


def test_while_aws_answers_nothing_the_answer_is_503(
    client: TestClient, glue: GlueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in AWS:
        monkeypatch.delenv(name, raising=False)
    found = push(client, 503)
    assert (found["title"], "set AWS_DEFAULT_REGION" in found["detail"]) == ("AWS Glue takes nothing", True)


def test_without_boto3_it_says_what_to_install(
    client: TestClient, glue: GlueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert "pip install airflow-provider-catalog[amazon]" in push(client, 409)["detail"]


@pytest.mark.parametrize("rules", [()])
def test_without_rules_it_says_where_they_are_told(client: TestClient, glue: GlueServer) -> None:
    for asked in ({}, {"datasets": [str(ORDERS)]}):
        found = push(client, 409, **asked)
        assert (found["title"], "[catalog] glue_mapping" in found["detail"]) == ("Not set up for AWS Glue", True)


# -- who may


def test_whoever_only_reads_pushes_nothing(as_: As, glue: GlueServer) -> None:
    for who in (Caller("user:eve", frozenset({"read"})), Caller("token:ci", frozenset({"read", "ingest", "store"}))):
        assert "edit the catalog" in push(as_(who), 403)["detail"]
    assert not glue.calls


def test_a_machine_pushes_nothing_whatever_rights_it_was_given(as_: As, glue: GlueServer) -> None:
    push(as_(Caller("token:ci", frozenset({"read", "write", "store"}))), 403)
    assert not glue.calls


def test_what_is_pushed_is_what_its_asker_may_see(as_: As, store: SqlStore, glue: GlueServer, world: World) -> None:
    """The SQL of a DAG that they may not read does not come out of a table, either."""
    two_dags.fill(store)
    world.ran("a.export", [table("revenue")], [ORDERS], at=9)
    push(as_(Caller("user:ann", frozenset({"read", "write"}), FakeDags({"a", "b"}, {"a"}))))
    chain = told(glue)["catalog.upstream_chain"]
    assert "b.sum" in chain
    assert "only-a-sql" in chain
    assert "only-b-" not in json.dumps(glue.call("GetTable", DatabaseName="sales", Name="orders"), default=str)
