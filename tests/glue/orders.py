"""A table to begin with, and what a client is told when something is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

ORDERS: dict[str, Any] = {
    "Name": "orders",
    "Description": "what was sold",
    "PartitionKeys": [{"Name": "day", "Type": "date", "Comment": "UTC"}, {"Name": "hour", "Type": "int"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "bigint", "Comment": "of the order"}, {"Name": "total", "Type": "double"}],
        "Location": "s3://bucket/orders/",
    },
    "Parameters": {"classification": "parquet", "owner": "ann"},
    "TableType": "EXTERNAL_TABLE",
}
TABLE = {"DatabaseName": "sales", "TableName": "orders"}


class Refusal(NamedTuple):
    code: str
    message: str
    status: int


def refusal(call: Callable[..., Any], **request: Any) -> Refusal:
    """What the server says to it; a test that it answers fails."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    return Refusal(answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"])


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
