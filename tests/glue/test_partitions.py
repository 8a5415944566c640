from __future__ import annotations

from itertools import chain
from typing import Any

import pytest

from tests.glue.orders import ORDERS, TABLE, plain, refusal
from tests.glue.server import GlueServer, Limits

NOT_AS_MANY = ("InvalidInputException", "The number of partition keys do not match the number of partition values")


def partition(day: str, hour: int | str, **members: Any) -> dict[str, Any]:
    return {"Values": [day, str(hour)], **members}


def values(glue: Any, **how: Any) -> list[list[str]]:
    pages = glue.get_paginator("get_partitions").paginate(**TABLE, **how)
    return [each["Values"] for page in pages for each in page["Partitions"]]


def filled(server: GlueServer, days: int, hours: int) -> None:
    for day in range(1, days + 1):
        given = [partition(f"2026-01-{day:02}", hour) for hour in range(hours)]
        assert server.call("BatchCreatePartition", **TABLE, PartitionInputList=given) == {"Errors": []}


def test_a_partition_comes_back_as_it_was_made(sales: Any) -> None:
    storage = {"Location": "s3://bucket/orders/1", "Columns": [{"Name": "ID", "Type": "int"}]}
    given = partition("2026-01-01", 1, StorageDescriptor=storage, Parameters={"rows": "7"})
    sales.create_partition(**TABLE, PartitionInput=given)
    found = sales.get_partition(**TABLE, PartitionValues=["2026-01-01", "1"])["Partition"]
    assert found.pop("CreationTime")
    added = {"Compressed": False, "NumberOfBuckets": 0, "StoredAsSubDirectories": False}
    assert found == {
        **given,
        **TABLE,
        "CatalogId": "111122223333",
        "StorageDescriptor": {**storage, **added, "Columns": [{"Name": "id", "Type": "int"}]},
    }
    refused = refusal(sales.create_partition, **TABLE, PartitionInput=given)
    assert refused[:2] == ("AlreadyExistsException", "Partition already exists.")


def test_a_partition_has_a_value_for_each_key(sales: Any) -> None:
    assert refusal(sales.create_partition, **TABLE, PartitionInput={"Values": ["1"]})[:2] == NOT_AS_MANY
    assert refusal(sales.create_partition, **TABLE, PartitionInput={})[:2] == NOT_AS_MANY
    sales.create_table(DatabaseName="sales", TableInput={"Name": "whole"})
    whole = {**TABLE, "TableName": "whole"}
    assert refusal(sales.create_partition, **whole, PartitionInput={"Values": []})[:2] == NOT_AS_MANY
    (error,) = sales.batch_create_partition(**TABLE, PartitionInputList=[{"Values": ["1"]}])["Errors"]
    assert (error["PartitionValues"], error["ErrorDetail"]["ErrorCode"]) == (["1"], "InvalidInputException")


def test_of_many_to_create_those_that_are_there_are_named_and_the_others_made(sales: Any) -> None:
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", 1))
    given = [partition("2026-01-01", hour) for hour in (0, 1, 2, 2)]
    errors = sales.batch_create_partition(**TABLE, PartitionInputList=given)["Errors"]
    detail = {"ErrorCode": "AlreadyExistsException", "ErrorMessage": "Partition already exists."}
    assert errors == [{"PartitionValues": ["2026-01-01", hour], "ErrorDetail": detail} for hour in "12"]
    assert values(sales) == [["2026-01-01", hour] for hour in "012"]


def test_an_update_may_give_a_partition_other_values(sales: Any) -> None:
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", 1))
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", 2))
    before = sales.get_partition(**TABLE, PartitionValues=["2026-01-01", "1"])["Partition"]
    moved = partition("2026-01-01", 3, Parameters={"a": "b"})
    old = {"PartitionValueList": ["2026-01-01", "1"]}
    assert refusal(sales.update_partition, **TABLE, **old, PartitionInput=partition("2026-01-01", 2)).code == (
        "AlreadyExistsException"
    )
    sales.update_partition(**TABLE, **old, PartitionInput=moved)
    assert values(sales) == [["2026-01-01", "2"], ["2026-01-01", "3"]]
    after = sales.get_partition(**TABLE, PartitionValues=["2026-01-01", "3"])["Partition"]
    assert (after["Parameters"], after["CreationTime"]) == ({"a": "b"}, before["CreationTime"])
    refused = refusal(sales.update_partition, **TABLE, **old, PartitionInput=moved)
    assert refused[:2] == ("EntityNotFoundException", "Cannot find partition.")


def test_of_many_to_update_and_delete_those_that_are_not_there_are_named(sales: Any) -> None:
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", 1))
    entries = [
        {
            "PartitionValueList": ["2026-01-01", hour],
            "PartitionInput": partition("2026-01-01", hour, Parameters={"a": hour}),
        }
        for hour in "12"
    ]
    detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Cannot find partition."}
    errors = sales.batch_update_partition(**TABLE, Entries=entries)["Errors"]
    assert errors == [{"PartitionValueList": ["2026-01-01", "2"], "ErrorDetail": detail}]
    given = [{"Values": ["2026-01-01", hour]} for hour in "12"]
    assert sales.batch_delete_partition(**TABLE, PartitionsToDelete=given)["Errors"] == [
        {"PartitionValues": ["2026-01-01", "2"], "ErrorDetail": detail}
    ]
    assert values(sales) == []
    refused = refusal(sales.delete_partition, **TABLE, PartitionValues=["2026-01-01", "1"])
    assert refused.code == "EntityNotFoundException"


def test_of_many_to_get_those_that_are_not_there_are_left_over(sales: Any) -> None:
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", 1))
    wanted = [{"Values": ["2026-01-01", hour]} for hour in "12"]
    answer = sales.batch_get_partition(**TABLE, PartitionsToGet=wanted)
    assert [each["Values"] for each in answer["Partitions"]] == [["2026-01-01", "1"]]
    assert answer["UnprocessedKeys"] == [{"Values": ["2026-01-01", "2"]}]


def test_there_are_a_thousand_to_a_page_at_most(server: GlueServer, sales: Any) -> None:
    filled(server, days=22, hours=100)
    pages = list(sales.get_paginator("get_partitions").paginate(**TABLE))
    assert [len(page["Partitions"]) for page in pages] == [1000, 1000, 200]
    assert len({tuple(value) for value in values(sales)}) == 2200
    assert len(sales.get_partitions(**TABLE, MaxResults=3)["Partitions"]) == 3
    assert refusal(sales.get_partitions, **TABLE, MaxResults=1001).code == "ValidationException"


def test_readers_at_the_same_time_get_a_share_each(server: GlueServer, sales: Any) -> None:
    filled(server, days=3, hours=24)
    shares = [values(sales, Segment={"SegmentNumber": number, "TotalSegments": 4}) for number in range(4)]
    assert all(shares)
    assert sorted(chain.from_iterable(shares)) == values(sales)
    wrong = {"SegmentNumber": 4, "TotalSegments": 4}
    assert refusal(sales.get_partitions, **TABLE, Segment=wrong).code == "InvalidInputException"


def test_the_columns_can_be_left_out(sales: Any) -> None:
    storage = {"Location": "s3://bucket/orders/1", "Columns": [{"Name": "id"}]}
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", 1, StorageDescriptor=storage))
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", 2))
    first, second = sales.get_partitions(**TABLE, ExcludeColumnSchema=True)["Partitions"]
    assert first["StorageDescriptor"]["Location"] == "s3://bucket/orders/1"
    assert "Columns" not in first["StorageDescriptor"]
    assert "StorageDescriptor" not in second


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("hour = 9", [9]),
        ("9 <= hour", [10, 11, 9]),
        ("hour > 9 and hour < 11", [10]),
        ("hour between 2 and 3 or hour in (10, '11')", [10, 11, 2, 3]),
        ("day = '2026-01-02'", []),
        ("day >= '2026-01-01' AND NOT (hour <> 4)", [4]),
        ("day like '2026-__-%' and hour = -0", [0]),
        ("hour is null", ["__HIVE_DEFAULT_PARTITION__"]),
        ("hour is not null and HOUR >= 11", [11]),
        ("day = date '2026-01-01' and hour = 1", [1]),
    ],
)
def test_partitions_are_found_by_the_types_of_their_keys(
    server: GlueServer, sales: Any, expression: str, hours: list[int | str]
) -> None:
    filled(server, days=1, hours=12)
    sales.create_partition(**TABLE, PartitionInput=partition("2026-01-01", "__HIVE_DEFAULT_PARTITION__"))
    assert values(sales, Expression=expression) == [["2026-01-01", str(hour)] for hour in hours]


@pytest.mark.parametrize("expression", ["total = 1", "hour =", "hour", "hour = day", "hour + 1 = 2", "hour is 1"])
def test_an_expression_of_anything_but_the_keys_is_refused(sales: Any, expression: str) -> None:
    refused = refusal(sales.get_partitions, **TABLE, Expression=expression)
    assert refused[:2] == ("InvalidInputException", "Invalid partition expression!")


def test_a_number_is_not_compared_with_a_text(sales: Any) -> None:
    refused = refusal(sales.get_partitions, **TABLE, Expression="hour = 'noon'")
    assert refused[:2] == ("InvalidInputException", "noon is no number, as the partition key is.")


def test_the_service_may_answer_fewer_than_it_was_asked_for() -> None:
    with GlueServer(limits=Limits(page=5, batch=4)) as server:
        glue = server.client()
        glue.create_database(DatabaseInput={"Name": "sales"})
        glue.create_table(DatabaseName="sales", TableInput=ORDERS)
        filled(server, days=1, hours=12)
        pages = list(glue.get_paginator("get_partitions").paginate(**TABLE, PaginationConfig={"PageSize": 10}))
        assert [len(page["Partitions"]) for page in pages] == [5, 5, 2]
        wanted = [{"Values": value} for value in values(glue)]
        answer = glue.batch_get_partition(**TABLE, PartitionsToGet=wanted)
        assert [len(answer[name]) for name in ("Partitions", "UnprocessedKeys")] == [4, 8]


def test_more_partitions_than_there_may_be_are_refused() -> None:
    with GlueServer(limits=Limits(partitions=1)) as server:
        glue = server.client()
        glue.create_database(DatabaseInput={"Name": "sales"})
        keys = [{"Name": "day", "Type": "date"}]
        glue.create_table(DatabaseName="sales", TableInput={"Name": "orders", "PartitionKeys": keys})
        answer = glue.batch_create_partition(**TABLE, PartitionInputList=[{"Values": ["1"]}, {"Values": ["2"]}])
        (error,) = plain(answer)["Errors"]
        assert error["ErrorDetail"]["ErrorCode"] == "ResourceNumberLimitExceededException"
