"""Runs that count, against the strict server: started, joined, looked at, read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from airflow_provider_catalog.errors import TargetUnavailable
from airflow_provider_catalog.targets.glue.calls import Calls, Refused
from airflow_provider_catalog.targets.glue.statistics.runs import StatisticsRuns
from tests.glue import statistics_runs
from tests.glue.faults import Faults
from tests.glue.orders import ORDERS, TABLE
from tests.glue.server import GlueServer, Limits
from tests.glue.test_column_statistics import statistics
from tests.operators.glue_tasks import wired

WIDE = {**ORDERS, "Name": "wide", "StorageDescriptor": {"Columns": [{"Name": f"c{i}"} for i in range(250)]}}
ROLE = "arn:aws:iam::111122223333:role/counter"


@pytest.fixture
def server() -> Iterator[GlueServer]:
    with GlueServer(limits=Limits(page=2)) as server:
        server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
        for table in (ORDERS, WIDE):
            server.call("CreateTable", DatabaseName="sales", TableInput=table)
        yield server
    assert not server.failures


def runs(server: GlueServer, catalog_id: str | None = None) -> StatisticsRuns:
    return StatisticsRuns(Calls(server.client(), sleep=lambda _seconds: None), catalog_id)


def start(server: GlueServer, **how: Any) -> Any:
    return runs(server).start("sales", "orders", Role=ROLE, **how)


def test_what_is_none_is_not_said(server: GlueServer) -> None:
    run_id, joined = start(server, SampleSize=10.0, ColumnNameList=["id"], SecurityConfiguration=None)
    found = runs(server).look(run_id)
    assert (joined, found["SampleSize"], found["ColumnNameList"], found["Role"]) == (False, 10.0, ["id"], ROLE)
    assert "SecurityConfiguration" not in found


def test_a_run_that_goes_on_is_joined_however_many_there_were_before(server: GlueServer) -> None:
    for _ in range(5):
        first = start(server).id
        while not runs(server).over(first):
            pass
    going_on = start(server)
    assert start(server) == (going_on.id, True)
    assert server.writes["StartColumnStatisticsTaskRun"] == 6


@pytest.mark.parametrize("kind", ["broken_after", "timed_out_after", "hung_up_after"])
def test_an_answer_that_is_lost_starts_no_second_run(server: GlueServer, kind: str) -> None:
    server.faults = Faults(seed=3, shares={kind: 0.7}, only={"StartColumnStatisticsTaskRun"})
    started = start(server)
    assert (started.joined, server.writes["StartColumnStatisticsTaskRun"]) == (True, 1)
    assert server.faults.drawn[kind] >= 1


def test_a_run_that_ends_while_we_ask_is_followed_by_our_own(server: GlueServer) -> None:
    theirs = start(server).id
    server.before("GetColumnStatisticsTaskRuns", lambda _request: server.call("StopColumnStatisticsTaskRun", **TABLE))
    ours = start(server)
    assert (ours.joined, ours.id == theirs) == (False, False)


def test_a_run_that_nobody_lists_is_worth_another_try(server: GlueServer) -> None:
    start(server)
    server.before("GetColumnStatisticsTaskRuns", lambda request: request.update(TableName="wide"))
    with pytest.raises(TargetUnavailable, match=r"a run on sales\.orders is going on"):
        start(server)


def test_while_aws_takes_nothing_a_run_may_go_on(server: GlueServer) -> None:
    run_id = start(server).id
    server.faults = Faults(shares={"unavailable": 1.0})
    assert not runs(server).over(run_id)
    server.faults = Faults()
    assert [runs(server).over(run_id) for _ in range(2)] == [False, True]
    with pytest.raises(Refused, match="EntityNotFoundException"):
        runs(server).over("none")


def test_many_columns_are_asked_for_by_the_hundred(server: GlueServer) -> None:
    names = [f"c{i}" for i in range(250)]
    place = {"DatabaseName": "sales", "TableName": "wide"}
    for first in range(0, 225, 25):
        given = [wired(statistics(name)) for name in names[first : first + 25]]
        server.call("UpdateColumnStatisticsForTable", **place, ColumnStatisticsList=given)
    found, errors = runs(server, server.state.account).statistics("sales", "wide", names)
    assert [each["ColumnName"] for each in found] == names[:225]
    assert [each["ColumnName"] for each in errors] == names[225:]
    assert server.calls["GetColumnStatisticsForTable"] == 3


def test_another_catalog_is_named_as_each_call_spells_it(server: GlueServer) -> None:
    statistics_runs.plan(server.state, "sales", "orders", error="no")
    account = server.state.account
    run_id = runs(server, account).start("sales", "orders", Role=ROLE).id
    assert runs(server, account).start("sales", "orders", Role=ROLE) == (run_id, True)
    assert server.journal[-1].request["CatalogID"] == account
