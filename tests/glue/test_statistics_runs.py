from __future__ import annotations

from typing import Any

from tests.glue import statistics_runs
from tests.glue.orders import TABLE, refusal
from tests.glue.server import GlueServer

DATA = {"Type": "LONG", "LongColumnStatisticsData": {"NumberOfNulls": 0, "NumberOfDistinctValues": 9}}
FOUND = [
    {"ColumnName": name, "ColumnType": "bigint", "AnalyzedTime": 1_700_000_000, "StatisticsData": DATA}
    for name in ("id", "total")
]


def start(glue: Any, **how: Any) -> str:
    answer: dict[str, str] = glue.start_column_statistics_task_run(**TABLE, Role="r", **how)
    return answer["ColumnStatisticsTaskRunId"]


def statuses(glue: Any, run: str, looks: int) -> list[str]:
    found = (glue.get_column_statistics_task_run(ColumnStatisticsTaskRunId=run) for _ in range(looks))
    return [each["ColumnStatisticsTaskRun"]["Status"] for each in found]


def test_a_run_finds_what_was_planned_of_the_columns_it_was_asked_for(server: GlueServer, sales: Any) -> None:
    statistics_runs.plan(server.state, "sales", "orders", FOUND, looks=2)
    run = start(sales, ColumnNameList=["ID"], SampleSize=10.0)
    assert refusal(start, glue=sales).code == "ColumnStatisticsTaskRunningException"
    assert statuses(sales, run, 3) == ["STARTING", "RUNNING", "SUCCEEDED"]
    found = sales.get_column_statistics_for_table(**TABLE, ColumnNames=["id", "total"])
    assert [each["ColumnName"] for each in found["ColumnStatisticsList"]] == ["id"]
    (shown,) = sales.get_column_statistics_task_runs(**TABLE)["ColumnStatisticsTaskRuns"]
    assert (shown["ColumnNameList"], shown["SampleSize"]) == (["id"], 10.0)


def test_a_run_may_fail_or_be_stopped(server: GlueServer, sales: Any) -> None:
    statistics_runs.plan(server.state, "sales", "orders", FOUND, error="no access to the bucket")
    failed = start(sales)
    assert statuses(sales, failed, 2) == ["STARTING", "FAILED"]
    refused = refusal(sales.stop_column_statistics_task_run, **TABLE)
    assert refused.code == "ColumnStatisticsTaskNotRunningException"
    stopped = start(sales)
    sales.stop_column_statistics_task_run(**TABLE)
    assert statuses(sales, stopped, 1) == ["STOPPED"]
    assert sales.get_column_statistics_for_table(**TABLE, ColumnNames=["id"])["ColumnStatisticsList"] == []


def test_what_is_not_there_is_refused(sales: Any) -> None:
    assert refusal(start, glue=sales, ColumnNameList=["none"]).code == "InvalidInputException"
    refused = refusal(sales.get_column_statistics_task_run, ColumnStatisticsTaskRunId="none")
    assert refused.code == "EntityNotFoundException"
