from __future__ import annotations

from typing import Any

import pytest

from tests.glue.orders import ORDERS, TABLE, refusal

BY_DAY = {"IndexName": "by_day", "Keys": ["Day"]}


def names(glue: Any) -> list[str]:
    return [each["IndexName"] for each in glue.get_partition_indexes(**TABLE)["PartitionIndexDescriptorList"]]


def test_an_index_tells_its_keys_with_their_types(sales: Any) -> None:
    sales.create_partition_index(**TABLE, PartitionIndex=BY_DAY)
    (found,) = sales.get_partition_indexes(**TABLE)["PartitionIndexDescriptorList"]
    assert found == {"IndexName": "by_day", "Keys": [{"Name": "day", "Type": "date"}], "IndexStatus": "ACTIVE"}
    sales.delete_partition_index(**TABLE, IndexName="by_day")
    assert names(sales) == []
    assert refusal(sales.delete_partition_index, **TABLE, IndexName="by_day").code == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("index", "code"),
    [
        ({"IndexName": "more", "Keys": ["total"]}, "InvalidInputException"),
        ({"IndexName": "by_day", "Keys": ["hour"]}, "AlreadyExistsException"),
        ({"IndexName": "again", "Keys": ["day"]}, "AlreadyExistsException"),
    ],
)
def test_what_glue_refuses_of_an_index(sales: Any, index: dict[str, Any], code: str) -> None:
    sales.create_partition_index(**TABLE, PartitionIndex=BY_DAY)
    assert refusal(sales.create_partition_index, **TABLE, PartitionIndex=index).code == code
    assert names(sales) == ["by_day"]


def test_a_table_has_three_at_most(sales: Any) -> None:
    for keys in (["day"], ["hour"], ["day", "hour"]):
        sales.create_partition_index(**TABLE, PartitionIndex={"IndexName": "_".join(keys), "Keys": keys})
    fourth = {"IndexName": "fourth", "Keys": ["hour", "day"]}
    refused = refusal(sales.create_partition_index, **TABLE, PartitionIndex=fourth)
    assert refused[:2] == ("ResourceNumberLimitExceededException", "Partition index limit exceeded. Maximum: 3")


def test_a_table_may_be_made_with_its_indexes_or_is_not_made(sales: Any) -> None:
    given = {"DatabaseName": "sales", "TableInput": {**ORDERS, "Name": "returns"}}
    wrong = [{"IndexName": "x", "Keys": ["none"]}]
    assert refusal(sales.create_table, **given, PartitionIndexes=wrong).code == "InvalidInputException"
    sales.create_table(**given, PartitionIndexes=[BY_DAY])
    found = sales.get_partition_indexes(DatabaseName="sales", TableName="returns")
    assert [each["IndexName"] for each in found["PartitionIndexDescriptorList"]] == ["by_day"]
