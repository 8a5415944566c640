"""Finding over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from airflow_provider_catalog.services.identity import resolve
from tests.api.asking import answer, problem
from tests.services.world import World, table


def test_what_begins_so_is_found(client: TestClient, world: World) -> None:
    found = answer(client, "/search", q="re")
    assert [each["name"] for each in found["results"]] == ["report", "revenue"]
    assert (found["query"], found["total_results"], found["next"]) == ("re", 2, None)
    assert found["results"][0] | {"dataset_id": str(table("report")), "platform": "postgres"} == found["results"][0]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"q": "RE", "limit": 1}, ["report"]),
        ({"q": "", "kind": "job"}, ["etl.load", "etl.show", "etl.sum"]),
        ({"q": "s"}, ["etl.show", "etl.sum"]),
        ({"q": "r", "kind": ["dataset", "job"]}, ["raw", "report", "revenue"]),
        ({"q": "r", "kind": "dashboard"}, []),
        ({"q": "%"}, []),
        ({"q": "_aw"}, []),
    ],
    ids=str,
)
def test_kinds_and_limits_count(client: TestClient, world: World, params: dict[str, Any], names: list[str]) -> None:
    assert sorted(each["name"] for each in answer(client, "/search", **params)["results"]) == names


def test_results_are_paged(client: TestClient, world: World) -> None:
    first = answer(client, "/search", q="r", limit=2)
    second = answer(client, "/search", q="r", limit=2, after=first["next"])
    assert (first["truncated"], first["total_results"]) == (True, None)
    assert [each["name"] for each in second["results"]] == ["revenue"]
    assert (second["truncated"], second["total_results"], second["next"]) == (False, 3, None)


def test_suggestions_are_few_and_short(client: TestClient, world: World) -> None:
    found = answer(client, "/suggest", q="re", limit=1)
    name = {"id": str(table("report")), "kind": "dataset", "name": "report", "platform": "postgres"}
    assert found == {"query": "re", "suggestions": [name]}


def test_what_a_text_means_is_explained(client: TestClient, world: World) -> None:
    found = answer(client, "/resolve", dataset="orders")
    assert found == resolve(world.store, "orders").to_json()
    assert [step["rule"] for step in found["steps"]] == ["grammar", "canonical"]


def test_namespaces_are_listed(client: TestClient, world: World) -> None:
    found = answer(client, "/namespaces")
    assert found["namespaces"] == [{"namespace": "postgres://db:5432", "platform": "postgres"}]
    assert answer(client, "/namespaces", kind="job")["namespaces"] == [{"namespace": "prod", "platform": None}]


@pytest.mark.parametrize("kind", ["data set", "x" * 51, "", "a'b"])
def test_a_kind_is_a_word(client: TestClient, world: World, kind: str) -> None:
    for path in ("/search", "/suggest", "/namespaces"):
        (wrong,) = problem(client, path, 422, q="r", kind=kind)["errors"]
        assert wrong["at"].startswith("query.kind")
