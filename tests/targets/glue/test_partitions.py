"""Partitions as they are planned: nothing is called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.partitions.inputs import changed, partition_inputs
from airflow_provider_catalog.targets.glue.partitions.plan import meant, plan_partitions, refusal
from airflow_provider_catalog.targets.glue.partitions.values import Stated, keys_of

SERDE = {"SerializationLibrary": "parquet", "Parameters": {"serialization.format": "1"}}
TABLE: dict[str, Any] = {
    "Name": "orders",
    "DatabaseName": "sales",
    "VersionId": "3",
    "PartitionKeys": [{"Name": "dt", "Type": "date"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "int"}],
        "Location": "s3://lake/orders",
        "InputFormat": "parquet.In",
        "SerdeInfo": SERDE,
    },
}
KEYS = keys_of(TABLE)


def there(**changed: Any) -> dict[str, Any]:
    """As Glue answers it, with what others have put into it."""
    stored = {**TABLE["StorageDescriptor"], "Location": "s3://lake/orders/dt=2026-01-01/", **changed}
    return {
        "Values": ["2026-01-01"],
        "DatabaseName": "sales",
        "TableName": "orders",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "Parameters": {"rows": "7"},
        "StorageDescriptor": {**stored, "Columns": [{"Name": "id", "Type": "smallint", "Comment": "as it was"}]},
    }


def stated(*values: Any) -> list[Stated]:
    found, refused = meant(values, KEYS)
    assert not refused
    return found


def test_a_partition_is_stored_as_its_table_in_a_folder_of_its_own() -> None:
    (made,) = plan_partitions(TABLE, stated("dt=2026-01-01"), {}, "skip").add
    where = {**TABLE["StorageDescriptor"], "Location": "s3://lake/orders/dt=2026-01-01/"}
    assert made == {"Values": ["2026-01-01"], "StorageDescriptor": where}


def test_the_folder_that_is_stated_counts_more_than_the_one_that_follows() -> None:
    (made,) = plan_partitions(TABLE, stated("s3://other/DT=2026-01-01/x.parquet"), {}, "skip").add
    assert made["StorageDescriptor"]["Location"] == "s3://other/DT=2026-01-01/"


def test_one_that_is_stated_twice_is_one_and_keeps_the_folder_that_was_said() -> None:
    once = stated({"values": ["2026-01-01"], "location": "s3://other/"}, ("2026-01-01",), {"dt": "2026-01-01"})
    assert once == [Stated(("2026-01-01",), "s3://other/")]


@pytest.mark.parametrize(
    ("now", "location", "exists", "number"),
    [
        ({}, "", "update", 0),
        ({}, "s3://lake/orders/dt=2026-01-01", "update", 0),
        ({}, "s3://new/", "update", 1),
        ({}, "s3://new/", "skip", 0),
        ({"Location": "s3://where/it/is/"}, "", "update", 0),
        ({"InputFormat": "orc.In"}, "", "update", 1),
        ({"InputFormat": "orc.In"}, "", "skip", 0),
        ({"SerdeInfo": {"SerializationLibrary": "orc"}}, "", "update", 1),
    ],
    ids=str,
)
def test_one_that_is_there_is_changed_where_its_folder_or_its_format_is_another(
    now: dict[str, Any], location: str, exists: str, number: int
) -> None:
    one = [Stated(("2026-01-01",), location)]
    planned = plan_partitions(TABLE, one, {("2026-01-01",): there(**now)}, exists)
    assert (len(planned.add), len(planned.change), planned.unchanged) == (0, number, 1 - number)


def test_what_is_changed_keeps_all_else_that_it_has() -> None:
    made = changed(there(InputFormat="orc.In", SortColumns=[{"Column": "id", "SortOrder": 1}]), TABLE, "s3://new/")
    assert made is not None
    stored = made["StorageDescriptor"]
    assert (stored["InputFormat"], stored["Location"]) == ("parquet.In", "s3://new/")
    assert stored["Columns"] == [{"Name": "id", "Type": "smallint", "Comment": "as it was"}]
    assert stored["SortColumns"] == [{"Column": "id", "SortOrder": 1}]
    assert made["Parameters"] == {"rows": "7"}
    assert "CreationTime" not in made


def test_a_table_without_a_format_changes_no_format() -> None:
    """Of which Glue answers an empty SerDe."""
    bare = {**TABLE, "StorageDescriptor": {"Location": "s3://lake/orders", "SerdeInfo": {"Parameters": {}}}}
    assert changed(there(), bare, "") is None


def test_one_that_lies_nowhere_or_where_aws_takes_it_not_is_refused_and_the_others_are_not() -> None:
    nowhere = {**TABLE, "StorageDescriptor": {}}
    planned = plan_partitions(nowhere, stated("dt=2026-01-01", "s3://lake/dt=2026-01-02/"), {}, "skip")
    assert [each.reason for each in planned.refused] == [
        "nobody knows where it lies: neither it nor its table has a location"
    ]
    assert [each["Values"] for each in planned.add] == [["2026-01-02"]]
    far = [Stated(("2026-01-01",), "s3://" + "a" * 3_000)]
    (refused,) = plan_partitions(TABLE, far, {}, "skip").refused
    assert "has 3005 bytes" in refused.reason


def test_what_is_no_partition_is_refused_by_itself() -> None:
    found, refused = meant(["2026-01-01", "x", "dt=2026-01-02"], KEYS)
    assert [each.values for each in found] == [("2026-01-01",), ("2026-01-02",)]
    assert [(each.values, each.retryable) for each in refused] == [(("'x'",), False)]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (TABLE, ""),
        ({**TABLE, "PartitionKeys": []}, "it has no partition keys"),
        ({**TABLE, "Parameters": {"metadata_location": "s3://x"}}, "it is of the kind iceberg, whose partitions"),
        ({**TABLE, "TableType": "VIRTUAL_VIEW"}, "it is of the kind view"),
        ({**TABLE, "TargetTable": {"Name": "x"}}, "it is of the kind resource link"),
    ],
)
def test_a_table_that_keeps_no_partitions_in_glue_gets_none(table: dict[str, Any], reason: str) -> None:
    assert refusal(table).startswith(reason)
    assert bool(refusal(table)) is bool(reason)


def test_those_that_paths_name_are_written_as_their_table_is() -> None:
    odd = list(partition_inputs(TABLE, [("2026-01-01",), ("a", "b"), ("a/b c:d",)]))
    assert [each["StorageDescriptor"]["Location"] for each in odd] == [
        "s3://lake/orders/dt=2026-01-01/",
        "s3://lake/orders/dt=a%2Fb c%3Ad/",
    ]
    assert not list(partition_inputs({**TABLE, "StorageDescriptor": {}}, [("2026-01-01",)]))
