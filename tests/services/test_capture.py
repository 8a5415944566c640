"""What was captured of a task in a run, and why nothing came of the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import Rule
from airflow_provider_catalog.services.capture import Capture, explain
from airflow_provider_catalog.services.mentions import Mention
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from tests.services.captured import (
    GOLDEN,
    NAMESPACE,
    OPENLINEAGE,
    Counting,
    merge,
    on,
    openlineage,
    record,
    records,
    said,
    silent,
)

OURS = "airflow-provider-catalog"
SERVER = "postgres://db.example.com:5432/warehouse"
CASES = sorted({path.name.partition(".")[0] for path in GOLDEN.glob("*.json")} - {"asset", "dag_run"})


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = open_store(store_url)
    yield store
    store.close()


def explained(store: Store, task: str = "load", run: str = "", **which: int) -> Capture:
    return explain(store, JobId(NAMESPACE, f"shop.{task}"), run=run, **which)


def by_use(found: Capture, *, used: bool) -> list[Mention]:
    return [mention for mention in found.told.mentions if mention.used is used]


# What is told


def test_each_mechanism_says_what_it_named_and_what_was_not_used(store: Store) -> None:
    merge(store, *records("sql_operator"))
    found = explained(store)
    assert [(mention.what, *mention.names) for mention in by_use(found, used=True)] == [
        ("create reads", f"{SERVER}.raw.orders"),
        ("delete writes", f"{SERVER}.mart.orders"),
        ("insert reads", f"{SERVER}.raw.customers"),
        ("insert writes", f"{SERVER}.mart.orders"),
        ("insert reads", f"{SERVER}.raw.late_orders"),
        ("drop writes", f"{SERVER}.mart.orders_old"),
    ]
    assert {(mention.names, mention.why) for mention in by_use(found, used=False)} == {
        (("warehouse.public.fresh",), "it only lives while the script runs (connection warehouse)")
    }
    assert found.told.why_nothing == ""


def test_edges_say_by_which_rule_how_sure_who_says_so_and_since_when(store: Store) -> None:
    merge(store, *records("sql_operator"))
    edges = explained(store).edges
    assert [edge.source.rpartition("warehouse.")[2] for edge in edges] == [
        "raw.customers",
        "raw.late_orders",
        "raw.orders",
    ]
    assert {(e.target, e.said.rule, e.said.confidence, e.said.producer, e.said.valid_from) for e in edges} == {
        (f"{SERVER}.mart.orders", Rule.SQL, 1.0, OURS, 1_767_225_700_000_000)
    }


def test_a_connection_that_nobody_knows_is_the_reason_that_nothing_came(store: Store) -> None:
    merge(store, record("no_connection"))
    found = explained(store, "lost")
    assert by_use(found, used=True) == []
    assert found.told.why_nothing == (
        "connection gone is not known: b, a; "
        "connection airflow.providers.postgres.hooks.postgres.PostgresHook is not known: public.c"
    )
    assert not found.complete
    assert list(found.edges) == []


def test_doubts_are_told_with_what_was_used_all_the_same(store: Store) -> None:
    merge(store, record("unreadable_sql"))
    reads, writes, call = explained(store, "odd").told.mentions
    assert [(each.used, each.confidence, each.note) for each in (reads, writes)] == [(True, 0.5, "nested too deep")] * 2
    assert (call.used, call.names, call.reason) == (False, (), "no table was found in it")


def test_what_is_missing_is_said(store: Store) -> None:
    merge(store, record("capped"), record("malformed", namespace=NAMESPACE))
    assert explained(store, "many").told.incomplete == ("hook inputs: Airflow collects no more of them in one task",)
    assert "/inlets: expected a list, found an object" in explained(store, "broken").told.incomplete


def test_of_too_many_mentions_the_first_are_shown_and_the_rest_is_said_to_be_missing() -> None:
    many = [{"sql": f"TRUNCATE {'b' * 200}{i}", "conn_id": "wh"} for i in range(600)]
    told = said(record("retry", sql=many))
    assert 0 < len(told.mentions) < 500
    assert told.incomplete == ("only the first of 500 mentions are kept",)


def test_what_could_not_be_read_is_counted_where_it_is_too_much_to_keep() -> None:
    assert said(silent(inlets=[*range(60)])).incomplete[-1] == "10 more could not be read"


@pytest.mark.parametrize(
    ("state", "more", "reason"),
    [
        ("running", {}, "it has not ended: what a task reads and writes is told at its end"),
        ("skipped", {}, "it was skipped"),
        ("failed", {}, "it failed before anything told of data"),
        ("success", {}, "no hook, SQL, inlets, outlets or declaration told of data"),
        ("success", {"sql": [{"sql": "SELECT 1", "conn_id": "wh"}]}, "its SQL names no table"),
        ("success", {"sql": [{"sql": "DROP TABLE mart.a", "conn_id": "wh"}]}, "it only drops tables"),
        (
            "success",
            {"sql": [{"sql": "CALL refresh()", "conn_id": "wh"}]},
            "call: no table was found in it: what a procedure reads and writes is not known (connection wh)",
        ),
        ("success", {"incomplete": ["SQL fields: KeyError: 'x'"]}, "SQL fields: KeyError: 'x'"),
        ("success", {"operator_class": None}, "its own process told nothing, Airflow only told how it ended"),
    ],
)
def test_a_run_without_data_says_why(state: str, more: dict[str, Any], reason: str) -> None:
    assert said(silent(state=state, **more)).why_nothing == reason


def test_of_many_tables_of_one_reason_the_first_are_named() -> None:
    many = [{"sql": f"TRUNCATE t{i}", "conn_id": "gone"} for i in range(5)]
    assert said(record("no_connection", sql=many)).why_nothing == "connection gone is not known: t0, t1, t2 and 2 more"


def test_a_run_has_the_versions_the_operator_and_the_error_of_its_statements(store: Store) -> None:
    merge(store, record("failed"))
    found = explained(store)
    assert found.told.versions == {"airflow": "3.3.2", "catalog": "0.1.0"}
    assert found.told.operator == "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator"
    assert (found.run.error or "").startswith("OperationalError: connection to db.example.com")
    assert (found.told.airflow["state"], found.complete) == ("failed", False)


def test_what_the_scheduler_adds_to_a_run_takes_nothing_from_what_its_process_told(store: Store) -> None:
    mine = record("sql_operator")
    heading = {
        key: mine[key] for key in ("namespace", "dag_id", "task_id", "run_id", "date", "map_index", "try_number")
    }
    merge(store, mine, {**heading, "state": "failed", "time": mine["time"] + 1, "operator": "SQLExecuteQueryOperator"})
    found = explained(store)
    assert (found.told.airflow["state"], found.told.why_nothing) == ("failed", "")
    assert found.told.operator.startswith("airflow.providers.common.sql.")
    assert len(found.told.mentions) == 8


def test_edges_and_words_of_other_producers_stand_beside_ours(store: Store) -> None:
    (run_id,) = merge(store, record("hook_in_a_python_task", task_id="load"))
    ends: dict[str, Any] = {side: [{"namespace": "s3://lake", "name": side}] for side in ("inputs", "outputs")}
    merge(store, openlineage("shop.load", run_id, **ends))
    found = explained(store)
    assert found.producers == [OURS, OPENLINEAGE.replace("/tree", "")]
    assert {edge.said.producer for edge in found.edges} == {*found.producers}
    assert {mention.mechanism for mention in found.told.mentions} == {"sql"}


def test_every_capture_is_json_as_it_is(store: Store) -> None:
    every = [each for case in CASES for each in records(case, namespace=NAMESPACE)]
    told = [each for each in every if "task_id" in each and each["state"] != "running"]
    for run_id, each in zip(merge(store, *told), told, strict=True):
        name = f"{each['dag_id']}.{each['task_id']}"
        found = explain(store, JobId(NAMESPACE, name), run=run_id).to_json()
        assert json.loads(json.dumps(found)) == found
        assert found["task"] == f"prod/{name}"
        assert all(("datasets" if mention["used"] else "tables") in mention for mention in found["captured"])


# Which run


def test_without_a_run_the_latest_is_explained(store: Store) -> None:
    merge(store, *(silent(**on(day)) for day in (2, 3, 1)))
    assert explained(store).told.airflow["run_id"] == "scheduled__2026-01-03T00:00:00+00:00"


def test_a_run_is_found_by_airflows_name_and_by_openlineages(store: Store) -> None:
    ids = merge(store, *(silent(**on(day)) for day in (1, 2, 3)))
    by_name = explained(store, run="scheduled__2026-01-02T00:00:00+00:00")
    assert by_name.run.run.run_id == ids[1]
    assert explained(store, run=ids[1]) == by_name


def test_a_run_without_a_date_is_found_by_its_name(store: Store) -> None:
    told = record("without_a_date", namespace=NAMESPACE)
    merge(store, told, silent(task_id=told["task_id"], **on(9)))
    assert explained(store, told["task_id"], told["run_id"]).told.airflow["run_id"] == told["run_id"]


def test_a_try_and_a_map_index_are_chosen(store: Store) -> None:
    merge(store, *records("retry"), *records("mapped"))
    assert (explained(store).told.airflow["state"], explained(store, try_number=1).told.airflow["state"]) == (
        "success",
        "up_for_retry",
    )
    for index in (0, 1):
        (mention,) = explained(store, "each", map_index=index).told.mentions
        assert mention.names == (f"s3://lake/part={index}/x.parquet",)


def test_of_a_dag_run_that_is_called_otherwise_one_run_is_read(store: Store) -> None:
    later = [record("mapped", map_index=index, **on(2)) for index in range(20)]
    merge(store, *records("mapped"), *later)
    counting = Counting(store)
    explained(cast("Store", counting), "each", "scheduled__2026-01-01T00:00:00+00:00", map_index=1)
    assert counting.calls["run"] <= 5


def test_a_run_that_is_not_there_is_answered_with_those_that_are(store: Store) -> None:
    merge(store, *records("mapped"))
    with pytest.raises(NotFoundError, match=r"no run of prod/shop\.each named 'x'.* DAG runs 'scheduled__2026-01-01"):
        explained(store, "each", "x")
    with pytest.raises(NotFoundError, match="named 'map index 7, try 2'"):
        explained(store, "each", map_index=7, try_number=2)


def test_a_run_of_another_task_is_not_taken_for_one_of_this(store: Store) -> None:
    merge(store, *records("mapped"))
    (other,) = merge(store, silent())
    with pytest.raises(NotFoundError, match=f"no run of prod/shop.each named '{other}'"):
        explained(store, "each", other)


# What cannot be explained


def test_an_unknown_task_is_sent_to_search_and_to_the_doctor(store: Store) -> None:
    with pytest.raises(NotFoundError, match=r"no task named 'prod/shop.load'.*`airflow-catalog search`.*`.* doctor`"):
        explained(store)


def test_a_task_of_another_namespace_is_pointed_to(store: Store) -> None:
    merge(store, silent(namespace="staging"))
    with pytest.raises(NotFoundError, match="there is one with --namespace 'staging'"):
        explained(store)


def test_a_task_of_which_only_others_told_says_who_and_what_to_do(store: Store) -> None:
    merge(store, openlineage("shop.load", "00000000-0000-7000-8000-000000000001"))
    for run in ("", "00000000-0000-7000-8000-000000000001", "scheduled__x"):
        with pytest.raises(NotFoundError, match=r"only 'https://.*openlineage' told of it; `airflow-catalog doctor`"):
            explained(store, run=run)


def test_a_task_without_runs_says_so(store: Store) -> None:
    event = {key: value for key, value in openlineage("shop.load", "").items() if key not in ("run", "eventType")}
    merge(store, event)
    with pytest.raises(NotFoundError, match="no run of it is known"):
        explained(store)
