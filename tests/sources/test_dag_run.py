"""What the scheduler says of the tasks of a DAG run ends the runs that nobody else has ended, and changes no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from airflow.providers.openlineage.utils.utils import build_task_instance_ol_run_id

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.model.statement import Changes, Event
from airflow_provider_catalog.services.capture import explain
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import RunRow, Store

SECOND = 1_000_000
BEGUN = 1_767_225_600 * SECOND
BEAT, TOLD, ENDED, DAG_ENDED = (BEGUN + seconds * SECOND for seconds in (20, 30, 31, 60))
DATE = "2026-01-01T00:00:00+00:00"
RUN = {"namespace": "default", "dag_id": "shop", "run_id": "scheduled__1", "date": DATE, "clear_number": 0}
JOB = JobId("default", "shop.load")


def task(state: str, time: int, **more: Any) -> Envelope:
    """By the task's own process."""
    who = {**RUN, "task_id": "load", "map_index": -1, "try_number": 1, "operator_class": "x.Load"}
    return Envelope("task", json.dumps({**who, "state": state, "time": time, **more}).encode())


def dag_run(state: str, *, clear_number: int = 0, dag: str = "failed", time: int = DAG_ENDED, **more: Any) -> Envelope:
    """By the scheduler, who has seen `load` in this state."""
    times = {"start_date": BEGUN, "heartbeat": BEAT, "end_date": ENDED}
    seen = {"task_id": "load", "map_index": -1, "try_number": 1, "state": state, **times, **more}
    told = {key: value for key, value in seen.items() if value is not None}
    record = {**RUN, "clear_number": clear_number, "state": dag, "time": time, "tasks": [told]}
    return Envelope("dag_run", json.dumps(record).encode())


STARTED = task("running", BEGUN)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = open_store(store_url)
    yield store
    store.close()


def apply(store: Store, *envelopes: Envelope) -> None:
    for envelope in envelopes:
        store.apply(read(envelope))


def the_run(store: Store) -> RunRow:
    (run,) = store.runs([JOB.uid])
    return run


def test_a_task_whose_process_died_ends_with_its_dag_run(store: Store) -> None:
    apply(store, STARTED, dag_run("failed"))
    run = the_run(store)
    assert run.run_id == build_task_instance_ol_run_id("shop", "load", 1, datetime.fromisoformat(DATE), -1)
    assert (run.state, run.started_at, run.ended_at) == (Event.FAIL, BEGUN, BEAT)
    told = explain(store, JOB).to_json()
    assert (told["state"], told["operator"], told["complete"]) == ("failed", "x.Load", False)
    assert told["why_nothing"] == "it failed before anything told of data"


@pytest.mark.parametrize(
    ("seen", "event", "ended"),
    [
        ({"state": "skipped", "end_date": None}, Event.ABORT, BEAT),
        ({"state": "skipped", "end_date": None, "deferred": True}, Event.ABORT, DAG_ENDED),
        ({"state": "skipped"}, Event.COMPLETE, BEAT),
        ({"state": "removed"}, Event.ABORT, BEAT),
        ({"state": "success", "deferred": True}, Event.COMPLETE, ENDED),
        ({"state": "failed", "deferred": True}, Event.FAIL, ENDED),
        ({"state": "failed", "heartbeat": None}, Event.FAIL, BEGUN),
        ({"state": "failed", "heartbeat": BEGUN - 1}, Event.FAIL, BEGUN),
        ({"state": "failed", "heartbeat": BEGUN - 1, "start_date": BEGUN - 2}, Event.FAIL, BEGUN - 1),
    ],
)
def test_a_run_that_nobody_ended_ends_as_airflow_says(
    store: Store, seen: dict[str, Any], event: Event, ended: int
) -> None:
    apply(store, STARTED, dag_run(**seen))
    run = the_run(store)
    assert (run.state, run.started_at, run.ended_at) == (event, BEGUN, ended)


SQL = [{"sql": "INSERT INTO mart.a SELECT * FROM raw.b", "conn_id": "wh"}]
WAREHOUSE = {"wh": {"conn_type": "postgres", "host": "db", "port": 5432, "schema": "wh"}}


@pytest.mark.parametrize("own", ["failed", "success", "skipped", "up_for_retry"])
@pytest.mark.parametrize("seen", ["failed", "success", "skipped", "removed"])
def test_what_a_task_has_told_itself_stands(store: Store, own: str, seen: str) -> None:
    """Whatever Airflow made of it, also in a DAG run that was cleared in between, whose third run has the least id."""
    told = task(own, TOLD, sql=SQL, connections=WAREHOUSE)
    apply(store, STARTED, told)
    before = (store.runs([JOB.uid]), store.latest([JOB.uid]), store.heard([JOB.uid]), explain(store, JOB).to_json())
    apply(store, dag_run(seen, clear_number=3), dag_run(seen))
    after = (store.runs([JOB.uid]), store.latest([JOB.uid]), store.heard([JOB.uid]), explain(store, JOB).to_json())
    assert after == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_they_arrive_does_not_count(store: Store, order: tuple[int, ...]) -> None:
    envelopes = (STARTED, task("success", TOLD, sql=SQL, connections=WAREHOUSE), dag_run("failed"))
    apply(store, *(envelopes[place] for place in order))
    run = the_run(store)
    assert (run.state, run.started_at, run.ended_at) == (Event.COMPLETE, BEGUN, TOLD)
    ends = [DatasetId("postgres://db:5432", f"wh.{name}").uid for name in ("mart.a", "raw.b")]
    assert len(store.edges(ends)) == 1


def test_only_the_try_that_was_seen_ends(store: Store) -> None:
    apply(store, STARTED, task("running", DAG_ENDED, try_number=2), dag_run("failed", time=DAG_ENDED + SECOND))
    assert {run.started_at: run.state for run in store.runs([JOB.uid])} == {
        BEGUN: Event.FAIL,
        DAG_ENDED: Event.START,
    }


def test_how_a_task_ended_closes_no_edge(store: Store) -> None:
    apply(store, STARTED, task("success", TOLD, sql=SQL, connections=WAREHOUSE))
    for day in range(2, 8):
        record = json.loads(dag_run("success", deferred=True, dag="success").payload)
        apply(store, Envelope("dag_run", json.dumps({**record, "date": f"2026-01-0{day}T00:00:00+00:00"}).encode()))
    assert len(store.runs([JOB.uid])) == 7
    ends = [DatasetId("postgres://db:5432", f"wh.{name}").uid for name in ("mart.a", "raw.b")]
    (edge,) = store.edges(ends)
    assert edge.valid_to is None


def test_a_dag_run_that_ends_again_says_nothing_new_of_a_task_that_was_left_alone(store: Store) -> None:
    apply(store, STARTED, dag_run("failed"))
    count = store.status().statements
    apply(store, dag_run("failed", clear_number=1, time=DAG_ENDED + SECOND))
    assert store.status().statements == count + 1  # of the DAG run itself


def test_one_record_ends_no_more_runs_than_a_scheduler_has_in_mind() -> None:
    tasks = [{"task_id": f"t{i}", "state": "failed"} for i in range(10_001)]
    said = read(Envelope("dag_run", json.dumps({**RUN, "state": "failed", "time": ENDED, "tasks": tasks}).encode()))
    assert len(said.statements) == 10_001
    assert json.loads(said.statements[0].details)["ignored"] == [["/tasks", "more than 10000"]]


def test_a_task_that_cannot_be_read_costs_only_itself() -> None:
    broken: list[Any] = [
        7,
        {},
        {"task_id": "t"},
        {"task_id": "t", "state": "running"},
        {"task_id": 7, "state": "failed"},
    ]
    record = {**RUN, "state": "failed", "time": ENDED, "tasks": [*broken, {"task_id": "t", "state": "failed"}]}
    said: Changes = read(Envelope("dag_run", json.dumps(record).encode()))
    assert [each.job.name for each in said.statements if each.job] == ["shop", "shop.t"]
    assert {path.split("/")[2] for path, _ in json.loads(said.statements[0].details)["ignored"]} == set("01234")
