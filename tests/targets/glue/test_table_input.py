"""What kind of table it is, and what is given back of it."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.service_model import shape
from airflow_provider_catalog.targets.glue.table_input import input_of, kind_of


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ({}, "table"),
        ({"TableType": "EXTERNAL_TABLE"}, "table"),
        ({"TableType": "MANAGED_TABLE", "Parameters": {"table_type": "whatever"}}, "table"),
        ({"TableType": "VIRTUAL_VIEW"}, "view"),
        ({"TableType": "VIRTUAL_VIEW", "IsMultiDialectView": True}, "multi-dialect view"),
        ({"ViewDefinition": {"Definer": "arn"}}, "multi-dialect view"),
        ({"IsMaterializedView": True, "ViewDefinition": {"Definer": "arn"}}, "materialized view"),
        ({"TargetTable": {"Name": "t"}, "Parameters": {"table_type": "ICEBERG"}}, "resource link"),
        ({"FederatedTable": {"ConnectionName": "c"}}, "federated table"),
        ({"TableType": "GOVERNED"}, "governed table"),
        ({"Parameters": {"table_type": "ICEBERG"}}, "iceberg"),
        ({"Parameters": {"table_type": "iceberg"}}, "iceberg"),
        ({"Parameters": {"metadata_location": "s3://b/m.json"}}, "iceberg"),
        ({"IcebergTableMetadata": {"FormatVersion": "2"}}, "iceberg"),
        ({"Parameters": {"table_type": "DELTA"}}, "delta"),
        ({"Parameters": {"spark.sql.sources.provider": "delta"}}, "delta"),
        ({"Parameters": {"spark.sql.sources.provider": "parquet"}}, "table"),
        ({"StorageDescriptor": {"InputFormat": "org.apache.hudi.hadoop.HoodieParquetInputFormat"}}, "hudi"),
        ({"Parameters": {"spark.sql.sources.provider": "hudi"}}, "hudi"),
        ({"Parameters": None, "StorageDescriptor": None, "TableType": None}, "table"),
    ],
)
def test_a_table_has_a_kind(table: dict[str, Any], kind: str) -> None:
    assert kind_of(table) == kind


def test_what_aws_only_tells_is_left_out_wherever_it_is() -> None:
    told = shape("Table").members.keys() - shape("TableInput").members.keys()
    assert {"DatabaseName", "VersionId", "CreateTime", "IsMultiDialectView", "IsMaterializedView"} <= told
    table = {
        **dict.fromkeys(told, "told"),
        "Name": "t",
        "ViewDefinition": {"Definer": "arn", "Representations": [{"Dialect": "SPARK", "IsStale": True}]},
        "Parameters": {"DatabaseName": "a parameter and no member"},
    }
    assert input_of(table) == {
        "Name": "t",
        "ViewDefinition": {"Definer": "arn", "Representations": [{"Dialect": "SPARK"}]},
        "Parameters": {"DatabaseName": "a parameter and no member"},
    }


def test_what_is_given_back_is_no_part_of_what_was_told() -> None:
    table = {"StorageDescriptor": {"Columns": [{"Name": "a"}]}, "Parameters": {"k": "v"}}
    found = input_of(table)
    found["StorageDescriptor"]["Columns"][0]["Name"] = "b"
    found["Parameters"]["k"] = "w"
    assert table == {"StorageDescriptor": {"Columns": [{"Name": "a"}]}, "Parameters": {"k": "v"}}
