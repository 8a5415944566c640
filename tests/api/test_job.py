"""Jobs, runs and coverage over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.services.identity import find_entity
from airflow_provider_catalog.services.job import describe_job
from tests.api.asking import answer, problem
from tests.services.world import World, job_id, table


@pytest.mark.parametrize("name", ["prod/etl.load", "etl.load", "load"])
def test_a_job_is_found_by_any_name_that_means_only_it(client: TestClient, world: World, name: str) -> None:
    found = answer(client, "/job", job=name)
    assert found == describe_job(world.store, find_entity(world.store, "etl.load", ("job",))).to_json()
    assert (found["job_id"], found["reads"], found["writes"]) == (
        "prod/etl.load",
        [str(table("raw"))],
        [str(table("orders"))],
    )


def test_a_dataset_is_no_job(client: TestClient, world: World) -> None:
    assert "no job named 'orders'" in problem(client, "/job", 404, job="orders")["detail"]


def test_a_job_that_could_be_several_lists_them(client: TestClient, world: World) -> None:
    world.ran("other.load", ["raw"], ["x"], at=4)
    assert problem(client, "/job/runs", 404, job="load")["candidates"] == ["prod/etl.load", "prod/other.load"]


def test_the_last_runs_come_first(client: TestClient, world: World) -> None:
    last = world.ran("etl.load", ["raw"], ["orders"], at=9, state=Event.FAIL)
    found = answer(client, "/job/runs", job="etl.load")
    assert (found["job"], [run["state"] for run in found["runs"]]) == ("prod/etl.load", ["FAIL", "COMPLETE"])
    assert [run["run_id"] for run in answer(client, "/job/runs", job="etl.load", limit=1)["runs"]] == [last]


def test_a_run_tells_what_its_events_told(client: TestClient, world: World) -> None:
    run_id = world.ran("etl.load", state=Event.FAIL, hours=1, at=9, details={"errorMessage": {"message": "boom"}})
    found = answer(client, f"/run/{run_id}")
    assert (found["job_id"], found["error"]) == ("prod/etl.load", "boom")
    assert [event["event"] for event in found["events"]] == ["START", "FAIL"]


@pytest.mark.parametrize("run_id", ["nothing", "scheduled__2025/01/01", "%00", "..%2f..%2fhealth"])
def test_an_unknown_run_is_not_found(client: TestClient, world: World, run_id: str) -> None:
    assert "no run named" in problem(client, f"/run/{run_id}", 404)["detail"]


def test_jobs_are_listed_page_by_page(client: TestClient, world: World) -> None:
    first = answer(client, "/jobs", limit=2)
    second = answer(client, "/jobs", limit=2, after=first["next"])
    names = [each["name"] for page in (first, second) for each in page["results"]]
    assert (sorted(names), second["next"]) == (["etl.load", "etl.show", "etl.sum"], None)
    assert answer(client, "/jobs", namespace="other")["results"] == []


@pytest.fixture
def tasks(world: World) -> World:
    """Two tasks of Airflow, one of them blind."""
    kind: dict[str, Any] = {"processingType": "BATCH", "integration": "AIRFLOW", "jobType": "TASK"}
    world.ran("etl.blind", at=4)
    for name in ("etl.load", "etl.blind"):
        world.said(job_id(name), "jobType", kind)
    return world


def test_coverage_tells_which_tasks_are_blind(client: TestClient, tasks: World) -> None:
    found = answer(client, "/coverage")
    assert (found["total"], found["with_lineage"], found["percent"], found["truncated"]) == (2, 1, 50, False)
    (blind,) = answer(client, "/coverage", without=True)["tasks"]
    assert (blind["task"], blind["has_lineage"]) == ("prod/etl.blind", False)
    assert blind["reason"]


def test_coverage_counts_all_and_lists_so_many(client: TestClient, tasks: World) -> None:
    found = answer(client, "/coverage", limit=1)
    assert (found["total"], len(found["tasks"]), found["truncated"]) == (2, 1, True)


def test_coverage_of_a_dag_that_is_not_there_is_not_found(client: TestClient, tasks: World) -> None:
    assert answer(client, "/coverage", dag="etl")["total"] == 2
    problem(client, "/coverage", 404, dag="nothing")
