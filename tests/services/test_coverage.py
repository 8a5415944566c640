"""Which tasks have lineage, and why the others have none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.services import coverage as module
from airflow_provider_catalog.services.coverage import Coverage, Operator, coverage
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from tests.services.captured import Counting, merge, on, openlineage, record, records, silent

SENSOR = "airflow.providers.standard.sensors.time_delta.TimeDeltaSensor"
SQL = "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator"
SILENT = "no hook, SQL, inlets, outlets or declaration told of data"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = open_store(store_url)
    yield store
    store.close()


def sensor(**changes: Any) -> dict[str, Any]:
    return silent(operator="TimeDeltaSensor", operator_class=SENSOR, **changes)


def reasons(found: Coverage) -> dict[str, str]:
    return {task.job.name: task.reason for task in found.tasks if not task.has_lineage}


def test_tasks_with_lineage_are_counted_and_the_others_say_why(store: Store) -> None:
    merge(
        store,
        *records("sql_operator"),
        *records("mapped"),
        record("no_connection"),
        sensor(task_id="wait"),
        silent(task_id="fails", state="failed"),
        silent(task_id="runs", state="running"),
        silent(task_id="left", state="skipped"),
        silent(task_id="drops", sql=[{"sql": "DROP TABLE mart.a", "conn_id": "wh"}]),
    )
    found = coverage(store)
    assert [(task.job.name, task.reads, task.writes) for task in found.tasks if task.has_lineage] == [
        ("shop.each", 0, 2),
        ("shop.load", 3, 1),
    ]
    assert reasons(found) == {
        "shop.drops": "it only drops tables",
        "shop.fails": "only failed runs so far",
        "shop.left": "it was skipped",
        "shop.lost": "connection gone is not known: b, a; "
        "connection airflow.providers.postgres.hooks.postgres.PostgresHook is not known: public.c",
        "shop.runs": "its first run has not ended yet",
        "shop.wait": SILENT,
    }
    assert (found.with_lineage, found.total, found.percent) == (2, 8, 25)


def test_operators_with_the_most_blind_tasks_come_first(store: Store) -> None:
    merge(store, *(sensor(task_id=f"wait{i}") for i in range(3)), *records("sql_operator"), silent(task_id="quiet"))
    assert coverage(store).operators == (Operator(SENSOR, 3, 0), Operator(SQL, 2, 1))


def test_the_latest_run_that_succeeded_says_why(store: Store) -> None:
    lost = record("no_connection")
    merge(store, {**lost, **on(1)}, {**silent(task_id="lost", state="failed"), **on(2)})
    merge(store, {**silent(task_id="lost", state="running"), **on(3)})
    assert reasons(coverage(store))["shop.lost"].startswith("connection gone is not known")


def test_when_the_last_runs_all_failed_their_number_is_told(store: Store) -> None:
    merge(store, *({**silent(state="failed"), **on(day)} for day in range(1, 13)))
    assert reasons(coverage(store)) == {"shop.load": "none of its last 10 runs succeeded"}


@pytest.mark.parametrize("time", ["2026-01-01T00:00:59Z", "2026-01-01T09:00:00Z"])
def test_what_openlineage_says_of_a_run_does_not_hide_why(store: Store, time: str) -> None:
    (run_id,) = merge(store, sensor())
    merge(store, openlineage("shop.load", run_id, time))
    assert reasons(coverage(store)) == {"shop.load": SILENT}


def test_a_task_of_which_only_openlineage_tells_is_one_all_the_same(store: Store) -> None:
    facet = {"dag": {"dag_id": "shop"}, "task": {"operator_class_path": SENSOR}}
    event = openlineage("shop.wait", "00000000-0000-7000-8000-000000000001", facets={"airflow": facet})
    merge(store, event, openlineage("shop.bare", "00000000-0000-7000-8000-000000000002"))
    found = coverage(store, dag="shop")
    assert [(task.job.name, task.operator) for task in found.tasks] == [("shop.bare", ""), ("shop.wait", SENSOR)]
    assert set(reasons(found).values()) == {"our capture told nothing of it, and others named no dataset"}


def test_a_task_without_runs_is_blind(store: Store) -> None:
    event = openlineage("shop.load", "")
    merge(store, {key: value for key, value in event.items() if key not in ("run", "eventType")})
    assert reasons(coverage(store)) == {"shop.load": "no run of it is known"}


def test_only_tasks_of_airflow_count(store: Store) -> None:
    merge(store, *records("dag_run", kind="dag_run"), silent())
    model = openlineage("shop.model", "00000000-0000-7000-8000-000000000001")
    model["job"]["facets"]["jobType"] = {"integration": "DBT", "jobType": "MODEL", "processingType": "BATCH"}
    merge(store, model)
    assert [task.job.name for task in coverage(store).tasks] == ["shop.load"]


def test_one_dag_is_not_another_whose_name_begins_so(store: Store) -> None:
    merge(store, silent(dag_id="a", task_id="b.c"), silent(dag_id="a.b", task_id="d"), silent(dag_id="ab"))
    assert [task.job.name for task in coverage(store, dag="a").tasks] == ["a.b.c"]
    assert [task.job.name for task in coverage(store, dag="a.b").tasks] == ["a.b.d"]


def test_an_unknown_dag_is_not_found(store: Store) -> None:
    merge(store, silent())
    with pytest.raises(NotFoundError, match="no task of a DAG named 'sho' in the catalog"):
        coverage(store, dag="sho")


def test_without_lists_the_blind_and_counts_all(store: Store) -> None:
    merge(store, *records("sql_operator"), sensor(task_id="wait"))
    found = coverage(store, without=True)
    assert [task.job.name for task in found.tasks] == ["shop.wait"]
    assert (found.with_lineage, found.total) == (1, 2)


def test_pages_do_not_show_in_the_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    merge(store, *records("sql_operator"), *(sensor(task_id=f"wait{i}") for i in range(6)))
    at_once = coverage(store)
    seen: list[int] = []
    monkeypatch.setattr(module, "_PAGE", 3)
    assert coverage(store, on_page=seen.append) == at_once
    assert seen == [3, 6, 7]


def test_the_number_of_reads_does_not_grow_with_the_tasks(store: Store) -> None:
    merge(store, *records("sql_operator"), *(sensor(task_id=f"wait{i}") for i in range(50)))
    counting = Counting(store)
    coverage(cast("Store", counting))
    assert counting.calls == {"scan": 2, "facts": 1, "latest": 1, "ports": 1}


@pytest.mark.parametrize(("seen", "total", "percent"), [(2, 3, 66), (999, 1000, 99), (5, 5, 100), (0, 0, 0)])
def test_only_all_of_them_are_a_hundred_percent(seen: int, total: int, percent: int) -> None:
    assert Coverage((Operator(SQL, total, seen),), ()).percent == percent


def test_an_empty_store_has_no_tasks(store: Store) -> None:
    assert coverage(store) == Coverage((), ())


def test_coverage_is_json_as_it_is(store: Store) -> None:
    merge(store, *records("sql_operator"), sensor(task_id="wait"))
    found = coverage(store).to_json()
    assert json.loads(json.dumps(found)) == found
    assert found["tasks"][1] == {
        "task": "prod/shop.wait",
        "operator": SENSOR,
        "has_lineage": False,
        "reads": 0,
        "writes": 0,
        "reason": SILENT,
    }
