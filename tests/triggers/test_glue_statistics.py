"""`GlueColumnStatisticsTrigger` against the strict server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from airflow_provider_catalog.triggers.glue_statistics import GlueColumnStatisticsTrigger
from tests.glue import statistics_runs
from tests.glue.faults import Faults
from tests.glue.orders import ORDERS, TABLE
from tests.glue.server import GlueServer
from tests.operators.glue_tasks import connect


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueServer]:
    with GlueServer() as server:
        server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
        server.call("CreateTable", DatabaseName="sales", TableInput=ORDERS)
        connect(monkeypatch, server)
        yield server
    assert not server.failures


def started(server: GlueServer, **how: Any) -> str:
    statistics_runs.plan(server.state, "sales", "orders", **how)
    return str(server.call("StartColumnStatisticsTaskRun", **TABLE, Role="r")["ColumnStatisticsTaskRunId"])


def fired(run_id: str, **options: Any) -> dict[str, Any]:
    """By a trigger that has been where triggers go between a task and the triggerer."""
    path, stated = GlueColumnStatisticsTrigger(run_id=run_id, waiter_delay=0, **options).serialize()
    module, _, name = path.rpartition(".")
    trigger = getattr(import_module(module), name)(**stated)

    async def first() -> dict[str, Any]:
        events = [event.payload async for event in trigger.run()]
        assert len(events) == 1
        payload: dict[str, Any] = events[0]
        return payload

    return asyncio.run(first())


@pytest.mark.parametrize("error", ["", "no access to the bucket"])
def test_it_fires_when_the_run_is_over_however_it_ended(server: GlueServer, error: str) -> None:
    run_id = started(server, looks=3, error=error)
    assert fired(run_id) == {"status": "success", "run_id": run_id}
    assert server.calls["GetColumnStatisticsTaskRun"] == 4


def test_a_run_that_takes_too_long_is_told_of_and_goes_on(server: GlueServer) -> None:
    found = fired(started(server, looks=9), waiter_max_attempts=2)
    assert (found["status"], found["retryable"]) == ("error", True)
    assert found["message"].endswith("was not over after 2 looks; it goes on in AWS")
    assert server.calls["GetColumnStatisticsTaskRun"] == 2


def test_a_service_that_is_away_for_a_while_costs_nothing(server: GlueServer) -> None:
    server.faults = Faults(seed=5, shares={"throttled": 0.2, "unavailable": 0.2, "hung_up": 0.1})
    run_id = started(server, looks=6)
    assert fired(run_id)["status"] == "success"
    assert server.faults.drawn.total() >= 2


def test_a_right_that_is_missing_is_told_at_once(server: GlueServer) -> None:
    server.deny("glue:GetColumnStatisticsTaskRun")
    found = fired(started(server))
    assert (found["status"], found["retryable"]) == ("error", False)
    assert "allow glue:GetColumnStatisticsTaskRun" in found["message"]
    assert server.calls["GetColumnStatisticsTaskRun"] == 1


def test_it_goes_by_the_connection_it_was_given(server: GlueServer, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, server, "other")
    monkeypatch.delenv("AIRFLOW_CONN_AWS_DEFAULT")
    config = {"user_agent_extra": "tested"}
    assert fired(started(server), aws_conn_id="other", botocore_config=config, region_name="eu-west-1") == {
        "status": "success",
        "run_id": server.call("GetColumnStatisticsTaskRuns", **TABLE)["ColumnStatisticsTaskRuns"][0][
            "ColumnStatisticsTaskRunId"
        ],
    }
