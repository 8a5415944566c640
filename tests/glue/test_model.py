"""What botocore's model of Glue does not allow, in AWS's words. The clients here check nothing themselves."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from tests.glue import model
from tests.glue.orders import ORDERS, refusal
from tests.glue.refusals import Refused

LENGTH = "Member must have length"
UNLIKE = r"Member must satisfy regular expression pattern: [\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*"
NAME = f"{LENGTH} less than or equal to 255, {LENGTH} greater than or equal to 1, {UNLIKE}"


def column(**members: Any) -> dict[str, Any]:
    return {"StorageDescriptor": {"Columns": [{"Name": "a"}, {"Name": "b", **members}]}}


@pytest.mark.parametrize(
    ("most", "members"),
    [
        (2048, lambda text: {"Description": text}),
        (255, lambda text: column(Comment=text)),
        (131_072, lambda text: column(Type=text)),
        (409_600, lambda text: {"ViewOriginalText": text}),
        (255, lambda text: {"Parameters": {text: "value"}}),
        (512_000, lambda text: {"Parameters": {"key": text}}),
    ],
)
@pytest.mark.parametrize("letter", ["a", "é", "漢", "🙂"])
def test_the_length_of_a_text_is_that_of_its_bytes(sales: Any, most: int, members: Any, letter: str) -> None:
    size = len(letter.encode())
    fits = letter * (most // size)
    sales.update_table(DatabaseName="sales", TableInput={"Name": "orders", **members(fits)})
    given = {"Name": "orders", **members(fits + "x" * (most % size + 1))}
    refused = refusal(sales.update_table, DatabaseName="sales", TableInput=given)
    assert refused.code == "ValidationException"
    assert f"Member must have length less than or equal to {most}" in refused.message


@pytest.mark.parametrize(
    ("members", "value", "path", "constraint"),
    [
        ({"Description": "x" * 2049}, f"'{'x' * 2049}'", "description", f"{LENGTH} less than or equal to 2048"),
        (column(Comment="a\nb"), "'a\nb'", "storageDescriptor.columns.2.member.comment", UNLIKE),
        ({"Parameters": {"": "b"}}, '\'{"": "b"}\'', "parameters", f"Map keys must satisfy constraint: [{NAME}]"),
        ({"Retention": -1}, "'-1'", "retention", "Member must have value greater than or equal to 0"),
        ({"Name": None}, "null", "name", "Member must not be null"),
        ({"Colour": "red"}, "'red'", "Colour", "Member is not known"),
        (
            {"ViewDefinition": {"Representations": [{"Dialect": "HIVE"}]}},
            "'HIVE'",
            "viewDefinition.representations.1.member.dialect",
            "Member must satisfy enum value set: [REDSHIFT, ATHENA, SPARK]",
        ),
        (
            {"ViewDefinition": {"Representations": []}},
            "'[]'",
            "viewDefinition.representations",
            f"{LENGTH} greater than or equal to 1",
        ),
        (
            {"StorageDescriptor": {"BucketColumns": ["a", ""]}},
            '\'["a", ""]\'',
            "storageDescriptor.bucketColumns",
            f"Member must satisfy constraint: [{NAME}]",
        ),
    ],
)
def test_what_is_wrong_is_said_as_aws_says_it(members: dict[str, Any], value: str, path: str, constraint: str) -> None:
    with pytest.raises(Refused) as caught:
        model.validate("CreateTable", {"DatabaseName": "sales", "TableInput": {**ORDERS, **members}})
    said = f"Value {value} at 'table.{path}' failed to satisfy constraint: {constraint}"
    assert caught.value.code == "ValidationException"
    assert caught.value.message == f"1 validation error detected: {said}"


def test_all_that_is_wrong_is_said_at_once(glue: Any) -> None:
    refused = refusal(glue.create_table, TableInput={"Description": "\0"})
    assert refused.message.startswith("3 validation errors detected: ")
    assert refused.message.count("failed to satisfy constraint") == 3


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"Description": 7}, "NUMBER_VALUE can not be converted to a String"),
        ({"Retention": "7"}, "STRING_VALUE can not be converted to a Integer"),
        ({"Retention": True}, "TRUE_VALUE can not be converted to a Integer"),
        ({"Retention": 2**31}, "2147483648 can not be converted to a Integer"),
        ({"LastAccessTime": "2026-01-01"}, "STRING_VALUE can not be converted to a Timestamp"),
        ({"Parameters": []}, "Start of list found where not expected."),
        ({"StorageDescriptor": {"Columns": {}}}, "Start of structure or map found where not expected."),
        ({"StorageDescriptor": "none"}, "Expected a structure, found a scalar."),
        ({"Owner": {}}, "Start of structure or list can not be converted to a String"),
    ],
)
def test_a_value_of_another_type_cannot_be_read(members: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as caught:
        model.validate("CreateTable", {"DatabaseName": "sales", "TableInput": {**ORDERS, **members}})
    assert (caught.value.code, caught.value.message) == ("SerializationException", said)


def test_what_is_null_is_as_if_it_was_not_there() -> None:
    model.validate("CreateTable", {"DatabaseName": "sales", "TableInput": {**ORDERS, "Description": None}})


@pytest.mark.parametrize(
    ("operation", "member", "item", "most"),
    [
        ("BatchCreatePartition", "PartitionInputList", {"Values": ["1"]}, 100),
        ("BatchUpdatePartition", "Entries", {"PartitionValueList": ["1"], "PartitionInput": {}}, 100),
        ("BatchDeletePartition", "PartitionsToDelete", {"Values": ["1"]}, 25),
        ("BatchGetPartition", "PartitionsToGet", {"Values": ["1"]}, 1000),
        ("BatchDeleteTable", "TablesToDelete", "t", 100),
        ("BatchDeleteTableVersion", "VersionIds", "1", 100),
    ],
)
def test_more_than_so_many_at_once_are_refused_whole(operation: str, member: str, item: Any, most: int) -> None:
    request = {"DatabaseName": "sales"} | ({} if operation == "BatchDeleteTable" else {"TableName": "orders"})
    model.validate(operation, {**request, member: [item] * most})
    with pytest.raises(Refused, match=f"Member must have length less than or equal to {most}$"):
        model.validate(operation, {**request, member: [item] * (most + 1)})


def test_every_operation_of_the_model_can_be_asked_about() -> None:
    """None of its patterns is one that cannot be read here."""
    for operation in sorted(model.operations()):
        with suppress(Refused):
            model.validate(operation, {})
    assert len(model.operations()) > 200
