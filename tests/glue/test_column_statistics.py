from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.glue.orders import TABLE, refusal

AT = datetime(2026, 1, 2, tzinfo=UTC)
LONG = {"MinimumValue": 1, "MaximumValue": 9, "NumberOfNulls": 0, "NumberOfDistinctValues": 9}


def statistics(column: str, kind: str = "LONG", **data: Any) -> dict[str, Any]:
    given = {"Type": kind, **(data or {"LongColumnStatisticsData": LONG})}
    return {"ColumnName": column, "ColumnType": "bigint", "AnalyzedTime": AT, "StatisticsData": given}


DATA = [
    ("BOOLEAN", {"NumberOfTrues": 1, "NumberOfFalses": 2, "NumberOfNulls": 3}),
    ("DATE", {"MinimumValue": AT, "MaximumValue": AT, "NumberOfNulls": 0, "NumberOfDistinctValues": 1}),
    (
        "DECIMAL",
        {
            "MinimumValue": {"UnscaledValue": b"\x01", "Scale": 2},
            "MaximumValue": {"UnscaledValue": b"\x7f\xff", "Scale": 2},
            "NumberOfNulls": 0,
            "NumberOfDistinctValues": 7,
        },
    ),
    ("DOUBLE", {"MinimumValue": -1.5, "MaximumValue": 2.5, "NumberOfNulls": 0, "NumberOfDistinctValues": 7}),
    ("STRING", {"MaximumLength": 9, "AverageLength": 4.5, "NumberOfNulls": 0, "NumberOfDistinctValues": 7}),
    ("BINARY", {"MaximumLength": 9, "AverageLength": 4.5, "NumberOfNulls": 0}),
]


@pytest.mark.parametrize(("kind", "data"), DATA)
def test_statistics_of_every_type_come_back_as_they_were_written(sales: Any, kind: str, data: dict[str, Any]) -> None:
    given = statistics("Total", kind, **{f"{kind.capitalize()}ColumnStatisticsData": data})
    assert sales.update_column_statistics_for_table(**TABLE, ColumnStatisticsList=[given])["Errors"] == []
    found = sales.get_column_statistics_for_table(**TABLE, ColumnNames=["TOTAL"])
    assert found["ColumnStatisticsList"] == [{**given, "ColumnName": "total"}]


def test_what_cannot_be_written_is_named_and_the_others_are(sales: Any) -> None:
    given = [statistics("id"), statistics("none"), statistics("total", "DOUBLE", LongColumnStatisticsData=LONG)]
    errors = sales.update_column_statistics_for_table(**TABLE, ColumnStatisticsList=given)["Errors"]
    assert [(each["ColumnStatistics"]["ColumnName"], each["Error"]["ErrorCode"]) for each in errors] == [
        ("none", "EntityNotFoundException"),
        ("total", "InvalidInputException"),
    ]
    found = sales.get_column_statistics_for_table(**TABLE, ColumnNames=["id", "total", "day"])
    assert [each["ColumnName"] for each in found["ColumnStatisticsList"]] == ["id"]
    assert [each["ColumnName"] for each in found["Errors"]] == ["total", "day"]


def test_statistics_of_a_partition_are_its_own(sales: Any) -> None:
    partition = {**TABLE, "PartitionValues": ["2026-01-01", "1"]}
    one = {"ColumnStatisticsList": [statistics("id")]}
    refused = refusal(sales.update_column_statistics_for_partition, **partition, **one)
    assert refused[:2] == ("EntityNotFoundException", "Cannot find partition.")
    sales.create_partition(**TABLE, PartitionInput={"Values": ["2026-01-01", "1"]})
    sales.update_column_statistics_for_partition(**partition, **one)
    found = sales.get_column_statistics_for_partition(**partition, ColumnNames=["id"])
    assert len(found["ColumnStatisticsList"]) == 1
    assert sales.get_column_statistics_for_table(**TABLE, ColumnNames=["id"])["ColumnStatisticsList"] == []
    sales.delete_partition(**TABLE, PartitionValues=["2026-01-01", "1"])
    sales.create_partition(**TABLE, PartitionInput={"Values": ["2026-01-01", "1"]})
    assert sales.get_column_statistics_for_partition(**partition, ColumnNames=["id"])["ColumnStatisticsList"] == []


def test_statistics_can_be_deleted_once(sales: Any) -> None:
    sales.update_column_statistics_for_table(**TABLE, ColumnStatisticsList=[statistics("id")])
    sales.delete_column_statistics_for_table(**TABLE, ColumnName="ID")
    refused = refusal(sales.delete_column_statistics_for_table, **TABLE, ColumnName="id")
    assert refused.code == "EntityNotFoundException"


def test_more_than_so_many_at_once_are_refused(sales: Any) -> None:
    many = [statistics("id")] * 26
    refused = refusal(sales.update_column_statistics_for_table, **TABLE, ColumnStatisticsList=many)
    assert "less than or equal to 25" in refused.message
    refused = refusal(sales.get_column_statistics_for_table, **TABLE, ColumnNames=["id"] * 101)
    assert "less than or equal to 100" in refused.message
