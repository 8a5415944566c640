"""`airflow-catalog push glue --lineage`, by boto3 as it is, against the strict server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from tests.cli.conftest import Run, run, url, world
from tests.glue.server import GlueServer
from tests.services.world import World

__all__ = ["run", "url", "world"]
ORDERS, OTHER = DatasetId("s3://lake", "sales/orders"), DatasetId("s3://lake", "sales/other")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[GlueServer]:
    world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    world.ran("etl.export", ["orders"], [ORDERS])
    with GlueServer() as server:
        rules = '[{"match": "s3://lake/{database}/{table}"}]'
        for name, value in {**server.environment, "AIRFLOW__CATALOG__GLUE_MAPPING": rules}.items():
            monkeypatch.setenv(name, value)
        yield server
    assert not server.failures


def parameters(server: GlueServer) -> dict[str, str]:
    found: dict[str, str] = server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]["Parameters"]
    return found


def test_it_shows_what_it_would_tell_then_tells_it_and_then_there_is_nothing_to_tell(
    run: Run, server: GlueServer
) -> None:
    run("push", "glue")
    server.forget()
    planned = run("push", "glue", "--lineage", "--dry-run")
    assert planned.code == 0
    assert planned.out.splitlines()[1].split()[:4] == ["sales.orders", "to", "update", "4"]
    assert "Parameters.catalog.upstream_chain" in planned.out
    assert planned.out.splitlines()[-1] == "1 to update"
    assert not server.writes
    assert run("push", "glue", "--lineage").out.splitlines()[-1] == "1 updated"
    names = [each["qualified_name"] for each in json.loads(parameters(server)["catalog.upstream_chain"])]
    assert names == ["prod/etl.export", "postgres://db:5432/shop.public.orders", "prod/etl.load", names[3]]
    again = run("push", "glue", "--lineage", "-o", "json").json
    assert (again["unchanged"], again["pushed"][0]["state"]) == (1, "unchanged")
    assert "1 unchanged" in run("push", "glue").out


def test_it_registers_nothing(run: Run, server: GlueServer) -> None:
    done = run("push", "glue", "--lineage")
    assert (done.code, "register it first" in done.out, "1 skipped" in done.out) == (0, True, True)
    assert not server.writes


def test_parts_of_it_can_be_switched_off(run: Run, server: GlueServer) -> None:
    run("push", "glue")
    run("push", "glue", "--lineage", "--no-parameters", str(ORDERS))
    assert "catalog.upstream_chain" not in parameters(server)
    run("push", "glue", "--lineage", "--no-description", "--depth", "1")
    hops: list[Any] = json.loads(parameters(server)["catalog.upstream_chain"])
    assert [each["hop"] for each in hops] == [1, 2, 3]
    assert parameters(server)["catalog.upstream_truncated"] == "true"


def test_who_may_not_is_told_which_action_is_missing(run: Run, server: GlueServer) -> None:
    run("push", "glue")
    server.deny("glue:UpdateTable")
    done = run("push", "glue", "--lineage")
    assert (done.code, "allow glue:UpdateTable" in done.out) == (1, True)


@pytest.mark.parametrize("option", ["--no-parameters", "--no-description", "--depth=3"])
def test_what_is_said_of_lineage_goes_with_it_alone(run: Run, server: GlueServer, option: str) -> None:
    done = run("push", "glue", option)
    assert (done.code, "goes with --lineage" in done.err) == (1, True)
    assert not server.calls


def test_without_rules_it_says_where_they_are_told(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW__CATALOG__GLUE_MAPPING", raising=False)
    assert "glue_mapping" in run("push", "glue", "--lineage").out
