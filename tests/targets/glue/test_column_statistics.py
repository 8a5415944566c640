"""Statistics of columns as boto3 gives them, read into what OpenLineage has for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client.facet_v2 import data_quality_metrics_dataset, schema_dataset

from airflow_provider_catalog.targets.glue.service_model import shape
from airflow_provider_catalog.targets.glue.statistics.columns import analyzed, column_metrics, event, metrics, unsaid
from tests.glue.test_column_statistics import statistics

HERE = timezone(timedelta(hours=-7))
COUNTED = {"NumberOfNulls": 0, "NumberOfDistinctValues": 7}


def of(kind: str, **data: Any) -> dict[str, Any]:
    return metrics(statistics("total", kind.upper(), **{f"{kind}ColumnStatisticsData": data}))


def decimal(value: Decimal) -> dict[str, Any]:
    sign, digits, exponent = value.as_tuple()
    unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
    size = unscaled.bit_length() // 8 + 1
    return {"UnscaledValue": unscaled.to_bytes(size, "big", signed=True), "Scale": -int(exponent)}


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "Boolean",
        {"NumberOfTrues": 1, "NumberOfFalses": 2, "NumberOfNulls": 3},
        {"trueCount": 1, "falseCount": 2, "nullCount": 3},
    ),
    ("Long", {**COUNTED, "MinimumValue": -1, "MaximumValue": 9}, {"min": -1, "max": 9}),
    ("Long", {**COUNTED, "MaximumValue": 2**63 - 1}, {"max": 2.0**63, "maxValue": "9223372036854775807"}),
    ("Long", COUNTED, {}),
    ("Double", {**COUNTED, "MinimumValue": -1.5, "MaximumValue": 2.5}, {"min": -1.5, "max": 2.5}),
    (
        "Double",
        {**COUNTED, "MinimumValue": float("-inf"), "MaximumValue": float("nan")},
        {"minValue": "-inf", "maxValue": "nan"},
    ),
    ("String", {**COUNTED, "MaximumLength": 9, "AverageLength": 4.5}, {"maxLength": 9, "averageLength": 4.5}),
    (
        "Binary",
        {"MaximumLength": 9, "AverageLength": 4.5, "NumberOfNulls": 1},
        {"maxLength": 9, "averageLength": 4.5, "nullCount": 1},
    ),
    ("Date", {**COUNTED, "MinimumValue": datetime(1969, 12, 31, tzinfo=UTC)}, {"minValue": "1969-12-31"}),
    ("Date", {**COUNTED, "MinimumValue": datetime(2026, 1, 1, 17, tzinfo=HERE)}, {"minValue": "2026-01-02"}),
    (
        "Date",
        {**COUNTED, "MaximumValue": datetime(2026, 1, 1, 12, tzinfo=UTC)},
        {"maxValue": "2026-01-01T12:00:00+00:00"},
    ),
    ("Decimal", {**COUNTED, "MinimumValue": {"UnscaledValue": b"\xff", "Scale": 2}}, {"min": -0.01}),
    ("Decimal", {**COUNTED, "MaximumValue": {"UnscaledValue": b"\x7f\xff", "Scale": 0}}, {"max": 32767}),
    ("Decimal", {**COUNTED, "MaximumValue": {"UnscaledValue": b"\x07", "Scale": -2}}, {"max": 700}),
    ("Decimal", {**COUNTED, "MaximumValue": {"UnscaledValue": b"\x07", "Scale": 10**9}}, {}),
    (
        "Decimal",
        {**COUNTED, "MaximumValue": decimal(Decimal("-12345678901234567890.123456789012345678"))},
        {"max": -12345678901234567890.123456789012345678, "maxValue": "-12345678901234567890.123456789012345678"},
    ),
]


@pytest.mark.parametrize(("kind", "data", "found"), CASES)
def test_every_type_is_read_for_what_it_is(kind: str, data: dict[str, Any], found: dict[str, Any]) -> None:
    counted = {"nullCount": 0, "distinctCount": 7} if "NumberOfDistinctValues" in data else {}
    assert of(kind, **data) == {**counted, **found}


def test_no_type_of_aws_is_left_out() -> None:
    assert {kind.upper() for kind, _, _ in CASES} == set(shape("ColumnStatisticsType").enum)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**20), max_value=10**20))
def test_a_decimal_is_exact_as_a_number_or_as_a_text(value: Decimal) -> None:
    found = json.loads(json.dumps(of("Decimal", **COUNTED, MaximumValue=decimal(value))))
    assert Decimal(found.get("maxValue") or repr(found["max"])) == value
    assert found["max"] == pytest.approx(float(value))


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_whole_number_is_too(value: int) -> None:
    found = json.loads(json.dumps(of("Long", **COUNTED, MinimumValue=value)))
    assert int(found.get("minValue") or found["min"]) == value


def test_a_column_that_says_nothing_is_left_out() -> None:
    listed: Any = [
        {"ColumnName": "empty", "StatisticsData": {"Type": "LONG"}},
        {"ColumnName": "none"},
        statistics("id"),
    ]
    assert list(column_metrics(listed)) == ["id"]


def test_why_there_are_none_is_said_by_column() -> None:
    errors: Any = [{"ColumnName": "a", "Error": {"ErrorCode": "E", "ErrorMessage": "m"}}, {"ColumnName": "b"}]
    assert dict(unsaid(errors)) == {"a": "E: m", "b": "None: "}


def test_an_event_is_of_the_time_of_the_last_count_and_nothing_else_makes_it_another() -> None:
    listed = [statistics("id"), {**statistics("total"), "AnalyzedTime": datetime(2026, 1, 2, 1, tzinfo=HERE)}]
    at = analyzed(listed)
    assert at.isoformat() == "2026-01-02T08:00:00+00:00"
    made = [event("statistics:x", at, "arn", "table/d/t", column_metrics(listed)) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0]["eventTime"] == "2026-01-02T08:00:00+00:00"


def test_the_facets_are_those_of_openlineage() -> None:
    columns = [{"Name": "id", "Type": "bigint", "Comment": "of the order"}, {"Name": "total"}]
    counted = column_metrics([statistics("id")])
    facets = event("statistics:x", datetime.now(UTC), "arn", "table/d/t", counted, columns)["dataset"]["facets"]
    made = data_quality_metrics_dataset.DataQualityMetricsDatasetFacet(
        columnMetrics=facets["dataQualityMetrics"]["columnMetrics"]
    )
    assert facets["dataQualityMetrics"]["_schemaURL"] == made._get_schema()
    entry = data_quality_metrics_dataset.ColumnMetrics(**counted["id"])
    assert (entry.distinctCount, entry.min, entry.max) == (9, 1, 9)
    fields = [schema_dataset.SchemaDatasetFacetFields(**each) for each in facets["schema"]["fields"]]
    assert [(each.name, each.type, each.description) for each in fields] == [
        ("id", "bigint", "of the order"),
        ("total", None, None),
    ]
