"""Records of tasks, DAG runs and assets as golden data: adding a case is adding a file to tests/golden/task.

`NAME.json` has the records, each of kind "task" where it says no other, `NAME.expected.json` has the statements.
`UPDATE_GOLDEN=1 pytest tests/sources/test_task.py` writes the latter anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.openlineage.utils.utils import build_dag_run_ol_run_id, build_task_instance_ol_run_id
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client.uuid import generate_static_uuid

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.model.statement import Changes, Event, Rule, Statement
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.airflow_runs import PRODUCER, static_uuid
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from tests.sources.documents import assert_golden, paths, replaced

GOLDEN = Path(__file__).parents[1] / "golden" / "task"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json") if not path.stem.endswith(".expected"))
NOW = 1_893_456_000_000_000  # 2030


def records(case: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((GOLDEN / f"{case}.json").read_text())["records"]
    return found


def statements(record: dict[str, Any]) -> tuple[Statement, ...]:
    said = {key: value for key, value in record.items() if key != "kind"}
    return read(Envelope(record.get("kind", "task"), json.dumps(said).encode(), recorded_at=NOW)).statements


def statement(record: dict[str, Any]) -> Statement:
    """About what the record is of. A DAG run may be followed by its tasks."""
    found, *others = statements(record)
    assert not others or "tasks" in record
    return found


@pytest.mark.parametrize("case", CASES)
def test_records_become_the_statements_of_the_golden_files(case: str) -> None:
    found = [each for record in records(case) for each in statements(record)]
    assert_golden(found, GOLDEN / f"{case}.expected.json")


# The same run as OpenLineage's


DATES = [
    "2026-01-01T00:00:00+00:00",
    "2026-01-01T02:30:00.123456+02:00",
    "2026-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999+00:00",
    "2038-01-19T03:14:08.001001-11:30",
]


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("data", [b"", b"default.dag.task.1.-1", "é漢".encode()])
def test_ids_of_runs_are_those_of_openlineages_client(date: str, data: bytes) -> None:
    when = datetime.fromisoformat(date)
    assert static_uuid(when, data) == generate_static_uuid(instant=when, data=data)


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones()), st.binary(max_size=40))  # noqa: DTZ001  zones are given
def test_every_id_of_a_run_is_that_of_openlineages_client(date: datetime, data: bytes) -> None:
    assert static_uuid(date, data) == generate_static_uuid(instant=date, data=data)


@pytest.mark.parametrize("date", DATES)
def test_ids_of_runs_are_those_of_openlineages_provider(date: str) -> None:
    when = datetime.fromisoformat(date)
    record = {**records("sql_operator")[0], "namespace": "default", "date": date, "clear_number": 2, "try_number": 3}
    run = statement({**record, "map_index": 4}).run
    assert run is not None
    assert run.run_id == build_task_instance_ol_run_id("shop", "load", 3, when, 4)
    assert run.parent_run_id == run.root_run_id == build_dag_run_ol_run_id("shop", when, 2)


def openlineage_event(record: dict[str, Any], kind: str) -> dict[str, Any]:
    """What the OpenLineage provider tells of the same task, in its own words."""
    when = datetime.fromisoformat(record["date"])
    dag_run_id = build_dag_run_ol_run_id(record["dag_id"], when, 0)
    run_id = build_task_instance_ol_run_id(record["dag_id"], record["task_id"], 1, when, -1)
    parent = {"run": {"runId": dag_run_id}, "job": {"namespace": "default", "name": record["dag_id"]}}
    tables = {"inputs": ["raw.orders", "raw.customers"], "outputs": ["mart.orders"]}
    sides = {
        side: [{"namespace": "postgres://db.example.com:5432", "name": f"warehouse.{name}"} for name in names]
        for side, names in tables.items()
    }
    return {
        "eventType": kind,
        "eventTime": datetime.fromtimestamp(record["time"] / 1_000_000, UTC).isoformat(),
        "producer": "https://github.com/apache/airflow/tree/providers-openlineage/2.20.3",
        "run": {"runId": run_id, "facets": {"parent": {**parent, "root": parent}}},
        "job": {"namespace": "default", "name": f"{record['dag_id']}.{record['task_id']}"},
        **sides,
    }


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = open_store(store_url)
    yield store
    store.close()


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_run_of_which_openlineage_tells_too_is_one_run(store: Store, ours_first: bool) -> None:
    ours = [{**record, "namespace": "default"} for record in records("sql_operator")]
    theirs = [openlineage_event(record, kind) for record, kind in zip(ours, ["START", "COMPLETE"], strict=True)]
    said = [statement(record) for record in ours]
    told = [read(Envelope("openlineage", json.dumps(event).encode())).statements[0] for event in theirs]
    store.apply(Changes(tuple(said + told if ours_first else told + said)))
    job = JobId("default", "shop.load")
    (run,) = store.runs([job.uid])
    assert (run.state, run.parent_run_id, run.root_run_id) == (Event.COMPLETE, said[0].scope, told[0].scope)
    assert {entity.name for entity in store.scan("job")} == {"shop.load"}
    names = [entity.name.removeprefix("warehouse.") for entity in store.scan("dataset")]
    assert sorted(names) == ["mart.orders", "mart.orders_old", "raw.customers", "raw.late_orders", "raw.orders"]
    found = store.run(said[0].run.run_id if said[0].run else "")
    assert found is not None
    assert {each.producer.rpartition("/")[2] for each in found[1]} == {PRODUCER, "providers-openlineage"}


def test_a_query_and_an_upload_are_one_flow(store: Store) -> None:
    store.apply(Changes((statement(records("sql_to_a_file")[0]),)))
    source, target = (
        DatasetId("postgres://db.example.com:5432", "warehouse.mart.orders"),
        DatasetId("s3://lake", "orders.csv"),
    )
    (edge,) = store.edges([source.uid, target.uid])
    assert (edge.source, edge.target, edge.rule) == (source.uid, target.uid, Rule.CARTESIAN)


def test_an_edge_closes_when_complete_runs_omit_it(store: Store) -> None:
    """Three DAG runs without it, as of whatever was observed; what is not complete counts for nothing."""
    record = records("retry")[1]
    other = {**record, "sql": [{**record["sql"][0], "sql": "INSERT INTO mart.a SELECT * FROM raw.b"}]}
    runs = [
        record,
        *({**other, "date": f"2026-01-0{day}T00:00:00Z", "time": record["time"] + day} for day in range(2, 5)),
    ]
    ends = [DatasetId("postgres://db.example.com:5432", f"warehouse.{name}").uid for name in ("raw.a", "mart.a")]
    for number, each in enumerate(runs):
        store.apply(Changes((statement({**each, "incomplete": ["something"]}), statement(each))))
        assert bool(store.edges(ends)) == (number < 3)


# Whatever comes


def test_what_names_no_run_is_rejected_and_told_why() -> None:
    for broken in ({}, {"dag_id": "d"}, {"dag_id": "d", "task_id": "t"}, {"dag_id": "", "task_id": "t", "run_id": "r"}):
        with pytest.raises(RejectedError, match=r"^/(dag_id|task_id|run_id): expected a string"):
            statement(broken)


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["s3://b/k", "success"])
STRANGE: list[Any] = [None, 7, "x", [], {}, [[]], {"uri": 1}]
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
KEYS = sorted(
    {key for case in CASES for record in records(case) for key in record} - {"dag_id", "task_id", "run_id", "kind"}
)


@given(st.sampled_from(CASES), st.dictionaries(st.sampled_from(KEYS), ANYTHING, min_size=1, max_size=3))
def test_whatever_is_malformed_leaves_the_run(case: str, changes: dict[str, Any]) -> None:
    record = {**records(case)[0], **changes}
    found = statement(record) if record.get("kind", "task") == "task" else None
    assert found is None or found.run is not None
    assert found is None or codec.statement_from_json(codec.statement_to_json(found)) == found


@pytest.mark.parametrize("case", CASES)
def test_every_part_of_a_record_may_be_anything(case: str) -> None:
    record = records(case)[0]
    for path in paths(record):
        if path and path[0] not in ("dag_id", "task_id", "run_id", "kind", "asset"):
            for value in STRANGE:
                assert statement(replaced(record, path, value)).details


@pytest.mark.parametrize("case", CASES)
def test_no_secret_of_any_record_is_kept(case: str) -> None:
    for record in records(case):
        kept = json.dumps(codec.statement_to_json(statement(record)))
        assert "hunter2" not in kept
        assert "AKIA" not in kept


def test_details_are_bounded() -> None:
    many = [{"sql": f"TRUNCATE {'b' * 200}{i}", "conn_id": "wh"} for i in range(1_000)]
    record = {**records("retry")[1], "sql": many, "incomplete": ["x" * 100_000] * 1_000}
    found = json.loads(statement(record).details)
    assert found["capture"][-1] == {"truncated": True, "entries": 500}
    assert len(statement(record).details) < 2_000_000


def test_what_is_too_much_to_pair_is_said_and_not_complete() -> None:
    sides = {side: [{"uri": f"s3://b/{side}/{i}"} for i in range(300)] for side in ("inlets", "outlets")}
    found = statement({**records("alias_events")[0], **sides, "outlet_events": []})
    assert (len(found.lineage.reads), len(found.lineage.writes), found.lineage.edges) == (300, 300, ())
    assert not found.complete
    assert json.loads(found.details)["ignored"] == [["/", "more than 10000 pairs of what was read and written"]]


def test_a_record_from_the_future_is_of_now() -> None:
    assert statement({**records("retry")[0], "time": NOW * 2}).time == NOW
    assert statement({**records("retry")[0], "time": None}).time == NOW
