"""Datasets over HTTP, part by part."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.identity import find_dataset
from tests.api.asking import answer, problem
from tests.services.world import World, column, table

ORDERS = str(table("orders"))


def test_the_answer_is_the_one_of_the_service(client: TestClient, world: World) -> None:
    found = describe(world.store, find_dataset(world.store, "orders")).to_json()
    assert answer(client, "/dataset", dataset=ORDERS) == found
    assert (found["dataset_id"], found["database"], found["schema"]) == (ORDERS, "shop", "public")


def test_the_past_is_described_as_it_was(client: TestClient, world: World) -> None:
    for at, words in ((1, "old"), (3, "new")):
        world.said(table("orders"), "documentation", {"description": words}, at=at)
    assert answer(client, "/dataset", dataset="orders", as_of="2025-01-03")["description"] == "old"


@pytest.fixture
def wide(world: World) -> World:
    """A table of 25 columns; one of them has a tag, and is a key."""
    fields: list[Any] = [{"name": f"c{number:02d}", "type": "int"} for number in range(25)]
    fields[3] |= {"nullable": False, "primary_key": True}
    world.said(table("wide"), "schema", {"fields": fields})
    world.edited(column("wide.c03"), "tag:pii", {"key": "pii", "value": ""})
    return world


@pytest.mark.parametrize("limit", [1, 10, 25, 1_000])
def test_columns_come_page_by_page_in_their_order(client: TestClient, wide: World, limit: int) -> None:
    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = answer(client, "/dataset/columns", dataset="wide", limit=limit, after=after)
        assert page["total"] == 25
        names += [each["name"] for each in page["columns"]]
        after = page["next"]
    assert names == [f"c{number:02d}" for number in range(25)]


def test_a_column_tells_what_is_said_of_it(client: TestClient, wide: World) -> None:
    found = answer(client, "/dataset/columns", dataset="wide", limit=4)["columns"][3]
    assert (found["type"], found["nullable"], found["primary_key"]) == ("int", False, True)
    assert [tag["key"] for tag in found["tags"]] == ["pii"]


def test_behind_the_last_column_there_is_an_empty_page(client: TestClient, wide: World) -> None:
    page = answer(client, "/dataset/columns", dataset="wide", after=f"{2**63 - 1:016x}")
    assert (page["columns"], page["next"]) == ([], None)
    assert answer(client, "/dataset/columns", dataset="raw")["total"] == 0


@pytest.fixture
def changed(world: World) -> World:
    """The orders lose their email, and get a wider id and a total."""
    world.has_columns("orders", "id:bigint", "total:int", at=3)
    return world


def test_versions_say_what_each_changed(client: TestClient, changed: World) -> None:
    found = answer(client, "/dataset/schema-versions", dataset="orders")
    assert [version["version"] for version in found["versions"]] == [2, 1]
    assert [change["change_type"] for change in found["versions"][0]["changes"]] == [
        "column_added",
        "column_removed",
        "type_changed",
    ]
    assert len(answer(client, "/dataset/schema-versions", dataset="orders", limit=1)["versions"]) == 1


def test_a_difference_says_whether_readers_can_go_on(client: TestClient, changed: World) -> None:
    found = answer(client, "/dataset/schema-diff", dataset="orders")
    assert ((found["from"]["version"], found["to"]["version"]), found["compatible"]) == ((1, 2), False)
    assert found["changes"] == [
        {"change_type": "column_added", "column": "total", "from": None, "to": "int", "breaking": False},
        {"change_type": "column_removed", "column": "email", "from": "text", "to": None, "breaking": True},
        {"change_type": "type_changed", "column": "id", "from": "int", "to": "bigint", "breaking": False},
    ]
    same = answer(client, "/dataset/schema-diff", dataset="orders", from_version=2, to_version=2)
    assert (same["compatible"], same["changes"]) == (True, [])


@pytest.mark.parametrize(("version", "status"), [(3, 404), (0, 422), (2**31, 422), (10**40, 422), ("x", 422)])
def test_a_version_that_is_not_there_is_a_problem(
    client: TestClient, changed: World, version: Any, status: int
) -> None:
    problem(client, "/dataset/schema-diff", status, dataset="orders", to_version=version)


def test_the_runs_are_those_of_its_writers(client: TestClient, world: World) -> None:
    last = world.ran("etl.load", ["raw"], ["orders"], at=9)
    found = answer(client, "/dataset/runs", dataset="orders", limit=1)
    assert [(run["run_id"], run["job_id"]) for run in found["runs"]] == [(last, "prod/etl.load")]
    assert answer(client, "/dataset/runs", dataset="raw")["runs"] == []


def test_provenance_has_a_history_when_asked_for(client: TestClient, world: World) -> None:
    for at, words in ((1, "old"), (3, "new")):
        world.said(table("orders"), "documentation", {"description": words}, at=at)
    params = {"dataset": "orders", "history": True}
    documentation, schema = answer(client, "/dataset/provenance", **params)["aspects"]
    assert [word["value"]["description"] for word in documentation["history"]] == ["new", "old"]
    assert (schema["aspect"], schema["said_by"], schema["of"]) == ("schema", "airflow", ORDERS)
    documentation, _ = answer(client, "/dataset/provenance", **params, limit=1)["aspects"]
    assert len(documentation["history"]) == 1
    assert "history" not in answer(client, "/dataset/provenance", dataset="orders")["aspects"][0]


def test_provenance_is_that_of_a_column_when_one_is_named(client: TestClient, wide: World) -> None:
    found = answer(client, "/dataset/provenance", dataset="wide", column="c03")
    assert [aspect["aspect"] for aspect in found["aspects"]] == ["tag:pii"]
    problem(client, "/dataset/provenance", 404, dataset="wide", column="nothing")


def test_all_names_are_listed_with_the_reason(client: TestClient, world: World) -> None:
    lake, orders = DatasetId("s3://lake", "orders"), table("orders")
    world.said(lake, "symlinks", {"identifiers": [{"namespace": orders.namespace, "name": orders.name}]})
    found = answer(client, "/dataset/registered-in", dataset="orders")
    because = {each["platform"]: [rule["rule"] for rule in each["because"]] for each in found["registered_in"]}
    assert because == {"postgres": ["symlinks"], "s3": ["symlinks"]}


def test_datasets_are_listed_page_by_page(client: TestClient, world: World) -> None:
    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = answer(client, "/datasets", limit=2, after=after)
        names += [each["name"] for each in page["results"]]
        after = page["next"]
    assert sorted(names) == ["customers", "orders", "raw", "report", "revenue"]
    assert answer(client, "/datasets", platform="s3") == {"results": [], "next": None}
    assert len(answer(client, "/datasets", namespace="postgres://db:5432")["results"]) == 5


@pytest.mark.parametrize("after", ["x", "8000000000000000", "0", f"{1:016X}z", "0" * 17, "-1"])
def test_what_is_no_cursor_of_ours_is_named(client: TestClient, world: World, after: str) -> None:
    for path in ("/datasets", "/jobs", "/search"):
        (wrong,) = problem(client, path, 422, after=after)["errors"]
        assert wrong["at"] == "query.after"


def test_a_dataset_that_is_gone_says_so(client: TestClient, world: World) -> None:
    world.said(table("orders"), "existence", value=False, at=4)
    assert answer(client, "/dataset", dataset="orders")["exists"] is False
