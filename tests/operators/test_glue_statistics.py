"""`GlueColumnStatisticsOperator`: from a run of the strict server to what the catalog answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.operators.glue_statistics import GlueColumnStatisticsOperator
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.worker.merge import Merger
from tests.deployment import Deployment
from tests.glue import statistics_runs
from tests.glue.orders import ORDERS, TABLE
from tests.glue.server import GlueServer
from tests.glue.test_column_statistics import AT, DATA, LONG, statistics
from tests.operators.glue_tasks import Task, connect, wired
from tests.services.world import World

ROLE = "arn:aws:iam::111122223333:role/counter"
DATASET = DatasetId("arn:aws:glue:eu-west-1:111122223333", "table/sales/orders")
FOUND = [statistics("id"), statistics("total", "DOUBLE", DoubleColumnStatisticsData=dict(DATA)["DOUBLE"])]
START = "StartColumnStatisticsTaskRun"
DAGS = str(Path(__file__).with_name("dags"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
        server.call("CreateTable", DatabaseName="sales", TableInput=ORDERS)
        connect(monkeypatch, server)
        yield server
    assert not server.failures


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)
    with closing(open_store(url)) as store:
        yield World(store)


def operator(**options: Any) -> GlueColumnStatisticsOperator:
    given: dict[str, Any] = {"database": "sales", "table": "orders", "role": ROLE, "poll_interval": 0}
    return GlueColumnStatisticsOperator(task_id="count", **(given | options))


def done(**options: Any) -> dict[str, Any]:
    found = operator(**options).execute(Task().context)
    json.dumps(found)
    return found


def shown(world: World) -> dict[str, Any]:
    Merger(world.store).drain()
    assert not world.store.dead_letters()
    found = describe(world.store, find_dataset(world.store, str(DATASET))).to_json()
    return {column["name"]: column.get("statistics") for column in found["columns"]}


def plan(server: GlueServer, found: list[dict[str, Any]] = FOUND, **how: Any) -> None:
    statistics_runs.plan(server.state, "sales", "orders", wired(found), **how)


def test_what_a_run_finds_is_what_the_catalog_shows(server: GlueServer, world: World) -> None:
    plan(server, looks=3)
    found = done(sample_size=20.0)
    assert found | {"run_id": ""} == {
        "dataset": str(DATASET),
        "run_id": "",
        "joined": False,
        "columns": 2,
        "errors": {},
        "sent": True,
    }
    run = server.call("GetColumnStatisticsTaskRun", ColumnStatisticsTaskRunId=found["run_id"])
    assert run["ColumnStatisticsTaskRun"]["SampleSize"] == 20.0
    said = {"said_by": f"statistics:{DATASET.namespace}", "since": "2026-01-02T00:00:00Z"}
    assert shown(world) == {
        "id": {"distinct_count": 9, "null_count": 0, "min": 1, "max": 9, **said},
        "total": {"distinct_count": 7, "null_count": 0, "min": -1.5, "max": 2.5, **said},
    }


@pytest.mark.parametrize(("kind", "data"), DATA)
def test_every_type_of_aws_reaches_the_catalog_whole(
    server: GlueServer, world: World, kind: str, data: dict[str, Any]
) -> None:
    plan(server, [statistics("total", kind, **{f"{kind.capitalize()}ColumnStatisticsData": data})])
    assert done(columns="total")["columns"] == 1
    total = {name: value for name, value in shown(world)["total"].items() if name not in ("said_by", "since")}
    assert (
        total
        == {
            "BOOLEAN": {"true_count": 1, "false_count": 2, "null_count": 3},
            "DATE": {"min": "2026-01-02", "max": "2026-01-02", "null_count": 0, "distinct_count": 1},
            "DECIMAL": {"min": 0.01, "max": 327.67, "null_count": 0, "distinct_count": 7},
            "DOUBLE": {"min": -1.5, "max": 2.5, "null_count": 0, "distinct_count": 7},
            "STRING": {"max_length": 9, "average_length": 4.5, "null_count": 0, "distinct_count": 7},
            "BINARY": {"max_length": 9, "average_length": 4.5, "null_count": 0},
        }[kind]
    )


def facts(world: World) -> list[Any]:
    Merger(world.store).drain()
    return world.store.facts([DATASET.uid, *(ColumnId(DATASET, name).uid for name in ("id", "total"))])


def test_the_same_numbers_once_more_are_not_sent(server: GlueServer, world: World) -> None:
    plan(server)
    done()
    before = facts(world)
    later = [{**each, "AnalyzedTime": AT.replace(day=9)} for each in FOUND]
    plan(server, later)
    assert done()["sent"] is False
    assert world.store.status().pending == 0
    assert facts(world) == before


def test_another_number_is_a_new_fact_of_that_column_alone(server: GlueServer, world: World) -> None:
    plan(server)
    done()
    before = facts(world)
    more = statistics("id", LongColumnStatisticsData={**LONG, "NumberOfDistinctValues": 10})
    plan(server, [{**more, "AnalyzedTime": AT.replace(day=9)}, {**FOUND[1], "AnalyzedTime": AT.replace(day=9)}])
    assert done()["sent"] is True
    (new,) = [fact for fact in facts(world) if fact not in before]
    assert (new.subject, new.value["distinctCount"]) == (ColumnId(DATASET, "id").uid, 10)


def test_reading_back_alone_starts_nothing_and_twice_is_once(server: GlueServer, world: World) -> None:
    server.call("UpdateColumnStatisticsForTable", **TABLE, ColumnStatisticsList=wired(FOUND))
    assert [done(run=False, role="")["sent"] for _ in range(2)] == [True, True]
    assert world.store.status().pending == 1
    assert shown(world)["id"]["distinct_count"] == 9
    assert done(run=False)["sent"] is False
    assert server.calls[START] == 0


def test_a_column_without_statistics_is_named_with_the_reason(server: GlueServer, world: World) -> None:
    plan(server, FOUND[:1])
    assert done(columns=["ID", "Total"])["errors"] == {
        "total": "EntityNotFoundException: Statistics not found for column total."
    }
    assert shown(world)["total"] is None


def test_where_nothing_was_counted_nothing_is_sent(server: GlueServer, world: World) -> None:
    found = done(run=False)
    assert (found["columns"], found["sent"], sorted(found["errors"])) == (0, False, ["id", "total"])
    assert world.store.status().accepted == 0


def test_columns_that_the_catalog_knows_already_are_not_told_again(server: GlueServer, world: World) -> None:
    known: Any = {"fields": [{"name": "id", "type": "int", "description": "ours"}]}
    world.said(DATASET, "schema", known)
    plan(server)
    done()
    assert list(shown(world)) == ["id"]
    assert [fact.value for fact in world.store.facts([DATASET.uid], aspects=("schema",))] == [known]


def test_a_run_that_goes_on_is_waited_for(server: GlueServer, world: World) -> None:
    plan(server, looks=3)
    going_on = server.call(START, **TABLE, Role="theirs")["ColumnStatisticsTaskRunId"]
    found = done()
    assert (found["run_id"], found["joined"], found["columns"]) == (going_on, True, 2)
    assert server.writes[START] == 0


def test_why_a_run_failed_is_said(server: GlueServer, world: World) -> None:
    plan(server, error="Insufficient Lake Formation permission(s) on orders")
    with pytest.raises(AirflowException, match=r"ended as FAILED: Insufficient Lake Formation permission\(s\)"):
        done()
    assert world.store.status().accepted == 0


def test_a_run_that_somebody_stopped_is_no_success(server: GlueServer, world: World) -> None:
    plan(server, looks=9)
    server.after("GetColumnStatisticsTaskRun", lambda _request: stop(server))
    with pytest.raises(AirflowException, match="ended as STOPPED: AWS does not say why"):
        done()


def stop(server: GlueServer) -> None:
    if server.calls["GetColumnStatisticsTaskRun"] == 1:
        server.call("StopColumnStatisticsTaskRun", **TABLE)


def test_it_does_not_wait_for_ever(server: GlueServer, world: World) -> None:
    plan(server, looks=9)
    with pytest.raises(AirflowException, match="was not over after 2 looks; it goes on in AWS"):
        done(max_attempts=2)
    assert done()["joined"] is True


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"table": "gone", "run": False}, "there is no table sales.gone in AWS Glue"),
        ({"table": "gone"}, "there is no table sales.gone in AWS Glue"),
        ({"role": ""}, "give role: the role that AWS is to read the table with"),
        ({"columns": ["none"]}, "InvalidInputException: Columns none are not in the table."),
        ({"sample_size": 101.0}, "Value '101.0' at 'sampleSize'"),
    ],
)
def test_what_no_retry_helps_is_told_at_once(
    server: GlueServer, world: World, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(AirflowFailException) as caught:
        done(**options)
    assert said in str(caught.value)
    assert not server.writes


@pytest.mark.parametrize("operation", [START, "GetColumnStatisticsForTable", "GetTable"])
def test_a_right_that_is_missing_is_named(server: GlueServer, world: World, operation: str) -> None:
    plan(server)
    server.deny(f"glue:{operation}")
    with pytest.raises(AirflowFailException, match=f"allow glue:{operation}"):
        done()


def test_it_waits_in_the_triggerer_and_then_reads_back(server: GlueServer, world: World) -> None:
    plan(server)
    with pytest.raises(TaskDeferred) as deferred:
        done(deferrable=True, poll_interval=7, max_attempts=3)
    stated = deferred.value.trigger.serialize()[1]
    assert (stated["waiter_delay"], stated["waiter_max_attempts"]) == (7, 3)
    json.dumps(stated)
    event = {"status": "success", "run_id": stated["run_id"]}
    for _ in range(2):
        server.call("GetColumnStatisticsTaskRun", ColumnStatisticsTaskRunId=stated["run_id"])
    resume = getattr(operator(deferrable=True), deferred.value.method_name)
    found = resume(Task().context, event=event, **(deferred.value.kwargs or {}))
    assert (found["run_id"], found["joined"], found["columns"]) == (stated["run_id"], False, 2)
    assert shown(world)["id"]["max"] == 9


@pytest.mark.parametrize(
    ("event", "kind", "said"),
    [
        ({"status": "error", "message": "not over", "retryable": True}, AirflowException, "not over"),
        ({"status": "error", "message": "allow it", "retryable": False}, AirflowFailException, "allow it"),
        (None, AirflowException, "the trigger said nothing"),
    ],
)
def test_what_the_trigger_could_not_know_fails_the_task(
    event: dict[str, Any] | None, kind: type[Exception], said: str
) -> None:
    with pytest.raises(AirflowException, match=said) as caught:
        operator().execute_complete({}, event)
    assert type(caught.value) is kind


def test_its_page_links_to_the_table_and_its_fields_are_templates(server: GlueServer, world: World) -> None:
    task = Task()
    operator(run=False).execute(task.context)
    assert task.pushed["catalog_glue_table"]["table"] == "orders"
    assert {"database", "table", "role", "columns"} <= set(GlueColumnStatisticsOperator.template_fields)


def test_a_dag_that_waits_in_the_triggerer_tells_the_catalog(server: GlueServer, deployment: Deployment) -> None:
    plan(server, looks=3)
    environment = deployment.environment() | {"AIRFLOW__CORE__DAGS_FOLDER": DAGS}
    del environment["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
    command = [sys.executable, "-m", "airflow", "dags", "test", "glue_counting"]
    run = subprocess.run(command, cwd=deployment.home, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    with closing(open_store(deployment.store_url)) as store:
        assert shown(World(store))["id"]["distinct_count"] == 9
    assert server.calls["GetColumnStatisticsTaskRun"] == 5
