"""Values of partitions: cases are data, in tests/golden/glue/partition_values.json."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.partitions.values import PartitionKey, keys_of, read
from airflow_provider_catalog.targets.glue.stated import StatedError

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "glue" / "partition_values.json").read_text())
KEYS = keys_of({"PartitionKeys": GOLDEN["keys"]})
VALUES = [(case["type"], value, good) for case in GOLDEN["types"] for good in ("good", "bad") for value in case[good]]


@pytest.mark.parametrize("case", GOLDEN["read"], ids=lambda case: json.dumps(case["stated"]))
def test_a_partition_may_be_stated_in_many_ways(case: dict[str, Any]) -> None:
    assert read(case["stated"], KEYS) == (tuple(case["values"]), case.get("location", ""))


@pytest.mark.parametrize("case", GOLDEN["refused"], ids=lambda case: json.dumps(case["stated"]))
def test_what_is_no_partition_of_the_table_is_told_why(case: dict[str, Any]) -> None:
    with pytest.raises(StatedError) as caught:
        read(case["stated"], KEYS)
    assert str(caught.value) == case["problem"]


@pytest.mark.parametrize(("type_", "value", "good"), VALUES)
def test_a_value_that_queries_could_not_read_is_refused(type_: str, value: str, good: str) -> None:
    keys = [PartitionKey("key", type_)]
    if good == "good":
        assert read([value], keys).values == (value,)
    else:
        with pytest.raises(StatedError, match="of key "):
            read([value], keys)


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        ("date", date(2026, 1, 2), "2026-01-02"),
        ("date", datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02"),
        ("timestamp", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1))), "2026-01-02 02:04:05"),
        ("timestamp", datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05"),  # noqa: DTZ001  Hive's have no time zone
        ("boolean", True, "true"),
        ("int", 7, "7"),
        ("string", None, "__HIVE_DEFAULT_PARTITION__"),
    ],
)
def test_values_of_python_are_written_as_hive_writes_them(type_: str, value: Any, text: str) -> None:
    assert read([value], [PartitionKey("key", type_)]).values == (text,)


def test_escaped_characters_of_a_folder_are_the_values_and_the_folder_stays_as_it_is() -> None:
    found = read("s3://lake/orders/at=2026-01-01 03%3A00%3A00/", [PartitionKey("at", "timestamp")])
    assert found == (("2026-01-01 03:00:00",), "s3://lake/orders/at=2026-01-01 03%3A00%3A00/")
