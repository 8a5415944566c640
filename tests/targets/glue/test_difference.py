"""What two tables differ in."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.difference import differences
from airflow_provider_catalog.targets.glue.ownership import MEMORY


def listed(*columns: dict[str, Any]) -> dict[str, Any]:
    return {"StorageDescriptor": {"Columns": list(columns)}}


A, B = {"Name": "a", "Type": "int"}, {"Name": "b", "Type": "int"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({}, {"Owner": "x"}, [("Owner", None, "x")]),
        ({"Owner": "x"}, {}, [("Owner", "x", None)]),
        ({"Retention": 0}, {}, []),
        ({}, {"PartitionKeys": [], "Description": "", "Parameters": {}}, []),
        ({}, {"StorageDescriptor": {"Compressed": False, "SerdeInfo": {"Parameters": {}}}}, []),
        (listed(A), listed(A, B), [("StorageDescriptor.Columns.b", None, B)]),
        (listed(A, B), listed(B), [("StorageDescriptor.Columns.a", A, None)]),
        (listed(A, B), listed(B, A), [("StorageDescriptor.Columns", ["a", "b"], ["b", "a"])]),
        (listed(A), listed({**A, "Type": "date"}), [("StorageDescriptor.Columns.a.Type", "int", "date")]),
        (listed(A, A), listed(A), [("StorageDescriptor.Columns", [A, A], [A])]),
        ({"Parameters": {"k": "v"}}, {"Parameters": {"k": "w"}}, [("Parameters.k", "v", "w")]),
        ({"Parameters": {MEMORY: "v"}}, {"Parameters": {MEMORY: "w"}}, []),
        ({}, {"Parameters": {MEMORY: "w"}}, []),
        ({"Parameters": None}, {"Parameters": "odd"}, []),
        ({"SkewedInfo": {"Names": ["a"]}}, {"SkewedInfo": {"Names": ["b"]}}, [("SkewedInfo.Names", ["a"], ["b"])]),
    ],
)
def test_each_member_that_is_another_is_named(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, Any, Any]]
) -> None:
    assert list(differences(before, after)) == expected
