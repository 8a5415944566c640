"""`GlueTableOptimizerOperator` against the strict server: what it calls, and what it says where it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.operators.glue_optimizer import GlueTableOptimizerOperator
from tests.glue import optimizers
from tests.glue.faults import Faults
from tests.glue.orders import ORDERS
from tests.glue.server import GlueServer
from tests.operators.glue_tasks import Task, connect

ROLE = "arn:aws:iam::111122223333:role/optimizer"
ICEBERG = {"Name": "events", "Parameters": {"table_type": "ICEBERG", "metadata_location": "s3://b/m.json"}}
LINK = {"Name": "linked", "TargetTable": {"DatabaseName": "sales", "Name": "events", "CatalogId": "111122223333"}}
WRITES = ("CreateTableOptimizer", "UpdateTableOptimizer", "DeleteTableOptimizer")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
        for table in (ICEBERG, ORDERS, LINK):
            server.call("CreateTable", DatabaseName="sales", TableInput=table)
        connect(monkeypatch, server)
        yield server
    assert not server.failures


def done(task: Task | None = None, **options: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"database": "sales", "table": "events", "optimizer": "retention", "role_arn": ROLE}
    operator = GlueTableOptimizerOperator(task_id="optimize", **(given | options))
    found = operator.execute((task or Task()).context)
    json.dumps(found)
    return found


def configuration(server: GlueServer, kind: str = "retention") -> dict[str, Any]:
    place = {"CatalogId": "111122223333", "DatabaseName": "sales", "TableName": "events", "Type": kind}
    found: dict[str, Any] = server.call("GetTableOptimizer", **place)["TableOptimizer"]["configuration"]
    return found


def test_it_is_created_once_and_then_left_alone(server: GlueServer) -> None:
    assert done(configuration={"snapshotRetentionPeriodInDays": 5})["state"] == "created"
    assert configuration(server) == {
        "roleArn": ROLE,
        "enabled": True,
        "retentionConfiguration": {"icebergConfiguration": {"snapshotRetentionPeriodInDays": 5}},
    }
    server.forget()
    assert done(configuration={"snapshotRetentionPeriodInDays": 5}) == {
        "optimizer": "retention",
        "state": "unchanged",
        "last_run": {},
    }
    assert not server.writes


@pytest.mark.parametrize(
    ("options", "member", "value"),
    [
        ({"enabled": False}, "enabled", False),
        ({"role_arn": f"{ROLE}-2"}, "roleArn", f"{ROLE}-2"),
        ({"vpc_connection": "inside"}, "vpcConfiguration", {"glueConnectionName": "inside"}),
        (
            {"configuration": {"cleanExpiredFiles": True}},
            "retentionConfiguration",
            {"icebergConfiguration": {"snapshotRetentionPeriodInDays": 5, "cleanExpiredFiles": True}},
        ),
    ],
)
def test_a_change_is_one_update_that_keeps_the_rest(
    server: GlueServer, options: dict[str, Any], member: str, value: object
) -> None:
    done(configuration={"snapshotRetentionPeriodInDays": 5})
    before = configuration(server)
    server.forget()
    assert done(**options)["state"] == "updated"
    assert configuration(server) == {**before, member: value}
    assert dict(server.writes) == {"UpdateTableOptimizer": 1}


def test_what_others_set_stays_where_nothing_is_said_of_it(server: GlueServer) -> None:
    done(configuration={"snapshotRetentionPeriodInDays": 5}, vpc_connection="inside")
    server.forget()
    assert done(role_arn="")["state"] == "unchanged"
    assert not server.writes


@pytest.mark.parametrize(
    ("kind", "configuration_", "member"),
    [
        ("compaction", {"strategy": "sort", "minInputFiles": 10}, "compactionConfiguration"),
        ("orphan_file_deletion", {"location": "s3://b/events/"}, "orphanFileDeletionConfiguration"),
    ],
)
def test_each_type_has_its_own_configuration(
    server: GlueServer, kind: str, configuration_: dict[str, Any], member: str
) -> None:
    assert done(optimizer=kind, configuration=configuration_)["state"] == "created"
    assert configuration(server, kind)[member] == {"icebergConfiguration": configuration_}


def test_it_says_how_the_last_run_went(server: GlueServer) -> None:
    done()
    metrics = {"IcebergMetrics": {"NumberOfDataFilesDeleted": 7, "DpuHours": 0.5}}
    optimizers.run(
        server.state, "sales", "events", "retention", eventType="failed", error="denied", retentionMetrics=metrics
    )
    last = done()["last_run"]
    assert (last["eventType"], last["error"], last["retentionMetrics"]) == ("failed", "denied", metrics)
    assert last["startTimestamp"].endswith("+00:00")


def test_it_is_taken_away_once(server: GlueServer) -> None:
    done()
    assert done(state="absent")["state"] == "deleted"
    server.forget()
    assert done(state="absent")["state"] == "unchanged"
    assert not server.writes


def test_a_table_that_is_gone_has_none(server: GlueServer) -> None:
    assert done(table="gone", state="absent")["state"] == "unchanged"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"table": "orders"}, "sales.orders is no Iceberg table (its table_type is not set)"),
        ({"table": "linked"}, "sales.linked is a link to sales.events: name that table"),
        ({"table": "gone"}, "there is no table sales.gone in AWS Glue"),
        ({"optimizer": "vacuum"}, "there is no optimizer 'vacuum': give compaction, retention, orphan_file_deletion"),
        ({"role_arn": ""}, "give role_arn"),
        ({"configuration": {"days": 5}}, "Unknown parameter in TableOptimizerConfiguration.retentionConfiguration"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    server: GlueServer, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(AirflowFailException) as caught:
        done(**options)
    assert said in str(caught.value)
    assert server.calls.keys().isdisjoint(WRITES)


def test_a_right_that_is_missing_is_named_and_not_asked_for_again(server: GlueServer) -> None:
    server.deny("glue:CreateTableOptimizer")
    with pytest.raises(AirflowFailException, match="allow glue:CreateTableOptimizer"):
        done()
    assert server.calls["CreateTableOptimizer"] == 1


@pytest.mark.parametrize("kind", ["broken_after", "timed_out_after", "hung_up_after"])
def test_an_answer_that_is_lost_makes_no_second_one(server: GlueServer, kind: str) -> None:
    server.faults = Faults(seed=3, shares={kind: 0.7}, only={"CreateTableOptimizer"})
    assert done()["state"] == "created"
    assert server.writes["CreateTableOptimizer"] == 1
    assert server.faults.drawn[kind] >= 1


@pytest.mark.parametrize("kind", ["conflicted", "throttled", "unavailable"])
def test_a_change_goes_through_while_aws_is_busy(server: GlueServer, kind: str) -> None:
    done()
    server.faults = Faults(seed=4, shares={kind: 0.6}, only=set(WRITES))
    assert done(enabled=False)["state"] == "updated"
    assert server.faults.drawn[kind] >= 1


def test_somebody_who_is_quicker_is_not_overruled_unseen(server: GlueServer) -> None:
    """They make one between our look and our call: theirs is changed to what is wanted, and keeps the rest."""
    place = {"CatalogId": "111122223333", "DatabaseName": "sales", "TableName": "events", "Type": "retention"}
    days = {"icebergConfiguration": {"snapshotRetentionPeriodInDays": 9}}
    theirs = {"roleArn": f"{ROLE}-theirs", "retentionConfiguration": days}
    raced: list[object] = []

    def race(_request: Any) -> None:
        if not raced:
            raced.append(server.call("CreateTableOptimizer", **place, TableOptimizerConfiguration=theirs))

    server.before("CreateTableOptimizer", race)
    assert done()["state"] == "created"
    assert configuration(server) == {"roleArn": ROLE, "enabled": True, "retentionConfiguration": days}


def test_a_service_that_does_not_answer_is_worth_another_try(server: GlueServer) -> None:
    server.faults = Faults(shares={"throttled": 1.0}, only={"GetTable"})
    operator = GlueTableOptimizerOperator(task_id="optimize", database="sales", table="events", optimizer="retention")
    operator.calls._sleep = lambda _seconds: None
    with pytest.raises(AirflowException) as caught:
        operator.execute(Task().context)
    assert not isinstance(caught.value, AirflowFailException)
    assert "Rate exceeded" in str(caught.value)


def test_its_page_links_to_the_table_and_its_fields_are_templates(server: GlueServer) -> None:
    task = Task()
    done(task)
    assert task.pushed["catalog_glue_table"]["table"] == "events"
    assert {"database", "table", "role_arn", "configuration"} <= set(GlueTableOptimizerOperator.template_fields)
    with pytest.raises(ValueError, match="neither present nor absent"):
        done(state="gone")
