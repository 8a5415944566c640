"""Lineage over HTTP: the answers of the services, asked with parameters that have bounds."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EdgeKind, Event
from airflow_provider_catalog.services.lineage import walk
from tests.api.asking import answer, ask, problem
from tests.services.world import World, table

ORDERS = str(table("orders"))


def names(nodes: list[dict[str, Any]]) -> list[str]:
    return [node["name"] for node in nodes]


def test_the_answer_is_the_one_of_the_service(client: TestClient, world: World) -> None:
    assert answer(client, "/lineage", dataset=ORDERS) == walk(world.store, "orders").to_json()


def test_the_answer_has_the_names_that_were_promised(client: TestClient, world: World) -> None:
    found = answer(client, "/lineage", dataset="orders", direction="upstream", depth=1)
    assert found["dataset"] == ORDERS
    (raw,) = found["lineage"]["upstream"]
    assert (raw["dataset_id"], raw["platform"], raw["distance"]) == (str(table("raw")), "postgres", 1)
    assert raw["transformation"]["job_id"] == "prod/etl.load"
    assert (found["total_upstream"], found["total_downstream"], found["truncated"]) == (1, 1, False)


@pytest.mark.parametrize(
    ("params", "upstream", "downstream"),
    [
        ({}, ["raw"], ["revenue", "report"]),
        ({"direction": "downstream"}, [], ["revenue", "report"]),
        ({"depth": 1}, ["raw"], ["revenue"]),
        ({"as_of": "2025-01-03T12:00Z"}, ["raw"], ["revenue"]),
        ({"name": "*.report"}, [], ["report"]),
        ({"platform": ["s3", "postgres"], "depth": 1}, ["raw"], ["revenue"]),
        ({"platform": "s3"}, [], []),
        ({"namespace": "postgres://db:5432", "depth": 1}, ["raw"], ["revenue"]),
        ({"min_confidence": 1.0}, [], []),
    ],
    ids=str,
)
def test_parameters_say_where_to_look_and_what_to_show(
    client: TestClient, world: World, params: dict[str, Any], upstream: list[str], downstream: list[str]
) -> None:
    found = answer(client, "/lineage", dataset="orders", **params)["lineage"]
    assert (names(found["upstream"]), names(found["downstream"])) == (upstream, downstream)


def test_what_is_cut_says_so(client: TestClient, world: World) -> None:
    found = answer(client, "/lineage", dataset="orders", limit=1)
    assert found["truncated"]


def test_only_so_many_jobs_are_told_in_full(client: TestClient, world: World) -> None:
    told, silent = (
        answer(client, "/lineage", dataset="orders", direction="upstream", explain=count)["lineage"]["upstream"][0]
        for count in (1, 0)
    )
    assert told["transformation"]["sql"] == "insert into orders"
    assert "sql" not in silent["transformation"]


@pytest.fixture
def columns(world: World) -> World:
    derived = {
        ("orders.id", "revenue.order_id"): EdgeKind.IDENTITY,
        ("orders.email", "revenue.order_id"): EdgeKind.FILTER,
    }
    world.ran("etl.sum", ["orders", "customers"], ["revenue"], at=4, columns=derived)
    return world


def test_column_edges_come_when_asked_for(client: TestClient, columns: World) -> None:
    assert "column_edges" not in answer(client, "/lineage", dataset="orders")
    edges = answer(client, "/lineage", dataset="orders", columns=True)["column_edges"]
    assert {edge["kind"] for edge in edges} == {"identity", "filter"}


@pytest.mark.parametrize(("influences", "sources"), [(True, ["email", "id"]), (False, ["id"])])
def test_a_column_is_made_of_columns(client: TestClient, columns: World, influences: bool, sources: list[str]) -> None:
    found = answer(client, "/column-lineage", dataset="revenue", column="order_id", influences=influences)
    assert [node["column"] for node in found["lineage"]["upstream"]] == sources
    assert found["column"] == "order_id"


def test_an_unknown_column_says_which_there_are(client: TestClient, columns: World) -> None:
    found = problem(client, "/column-lineage", 404, dataset="orders", column="nothing")
    assert "it has email, id" in found["detail"]


def test_a_path_has_the_jobs_on_it(client: TestClient, world: World) -> None:
    found = answer(client, "/lineage/path", source="raw", target="revenue")
    assert (found["direction"], found["length"]) == ("downstream", 2)
    assert [hop["transformation"]["job_id"] for hop in found["paths"][0]] == ["prod/etl.load", "prod/etl.sum"]
    assert answer(client, "/lineage/path", source="customers", target="raw")["paths"] == []


def test_impact_says_whose_work_breaks(client: TestClient, columns: World) -> None:
    columns.edited(table("report"), "ownership", {"owners": [{"name": "finance"}]})
    found = answer(client, "/lineage/impact", dataset="orders")
    assert found["owners"] == {"finance": [str(table("report"))]}
    of_column = answer(client, "/lineage/impact", dataset="orders", column="id")
    assert "readers" not in of_column
    assert [node["column"] for node in of_column["downstream"]] == ["order_id"]


def test_impact_tells_of_who_only_reads(client: TestClient, world: World) -> None:
    world.ran("etl.board", ["report"], at=4)
    found = answer(client, "/lineage/impact", dataset="orders", limit=2)
    board = {"job_id": "prod/etl.board", "job_type": None, "reads": [str(table("report"))], "owners": []}
    assert (found["readers"], found["total_readers"]) == ([board], 1)


def test_a_difference_lies_between_two_moments(client: TestClient, world: World) -> None:
    found = answer(client, "/lineage/diff", dataset="orders", from_="2025-01-02T12:00Z", to="0s")
    assert found["datasets"] == {"added": [str(table("report")), str(table("revenue"))], "removed": []}
    back = answer(client, "/lineage/diff", dataset="orders", from_="0s", to="2025-01-02T12:00Z")
    assert back["datasets"]["removed"] == found["datasets"]["added"]


def test_the_root_cause_comes_first(client: TestClient, world: World) -> None:
    world.ran("etl.load", ["raw"], ["orders"], at=5, state=Event.FAIL, details={"errorMessage": {"message": "no disk"}})
    found = answer(client, "/lineage/root-cause", dataset="report")
    assert found["problems"] == 1
    assert (found["jobs"][0]["job_id"], found["jobs"][0]["error"]) == ("prod/etl.load", "no disk")


@pytest.mark.parametrize(
    "path", ["/lineage", "/lineage/impact", "/lineage/root-cause", "/dataset", "/resolve", "/dataset/registered-in"]
)
def test_a_name_that_could_mean_several_lists_them(client: TestClient, world: World, path: str) -> None:
    world.ran("copy", ["orders"], [DatasetId("postgres://other:5432", "shop.public.orders")], at=4)
    found = problem(client, path, 404, dataset="orders")
    assert found["candidates"] == [ORDERS, "postgres://other:5432/shop.public.orders"]


@pytest.mark.parametrize(
    ("path", "params", "at"),
    [
        ("/lineage", {}, "query.dataset"),
        ("/lineage", {"dataset": ""}, "query.dataset"),
        ("/lineage", {"dataset": "x" * 4_001}, "query.dataset"),
        ("/lineage", {"dataset": "orders", "direction": "sideways"}, "query.direction"),
        ("/lineage", {"dataset": "orders", "depth": 0}, "query.depth"),
        ("/lineage", {"dataset": "orders", "depth": 51}, "query.depth"),
        ("/lineage", {"dataset": "orders", "limit": 10_001}, "query.limit"),
        ("/lineage", {"dataset": "orders", "limit": 10**30}, "query.limit"),
        ("/lineage", {"dataset": "orders", "explain": -1}, "query.explain"),
        ("/lineage", {"dataset": "orders", "min_confidence": "nan"}, "query.min_confidence"),
        ("/lineage", {"dataset": "orders", "min_confidence": 1.01}, "query.min_confidence"),
        ("/lineage", {"dataset": "orders", "platform": ["x"] * 101}, "query.platform"),
        ("/lineage", {"dataset": "orders", "as_of": "yesterday"}, "query.as_of"),
        ("/lineage", {"dataset": "orders", "as_of": "99999999d"}, "query.as_of"),
        ("/lineage", {"dataset": "orders", "as_of": "9999-12-31T23:59-23:59"}, "query.as_of"),
        ("/lineage", {"dataset": "orders", "as_of": "9" * 101}, "query.as_of"),
        ("/lineage/diff", {"dataset": "orders", "from_": "1d"}, "query.to"),
        ("/lineage/diff", {"dataset": "orders", "from_": "soon", "to": "1d"}, "query.from"),
        ("/lineage/path", {"source": "orders"}, "query.target"),
    ],
    ids=str,
)
def test_what_is_out_of_bounds_is_named(
    client: TestClient, world: World, path: str, params: dict[str, Any], at: str
) -> None:
    found = problem(client, path, 422, **params)
    assert [each["at"].removesuffix(".0") for each in found["errors"]] == [at]


def test_an_unknown_dataset_is_not_found(client: TestClient, world: World) -> None:
    for path in ("/lineage", "/lineage/impact", "/lineage/root-cause"):
        assert "no dataset named 'nothing'" in problem(client, path, 404, dataset="nothing")["detail"]
    assert ask(client, "/lineage/path", source="orders", target="nothing").status_code == 404
