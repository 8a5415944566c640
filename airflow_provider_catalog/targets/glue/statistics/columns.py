"""Statistics of columns as AWS Glue has them, read into OpenLineage's facet `dataQualityMetrics`.

What the facet has no room for stands beside it under names of ours: `minValue` and `maxValue` where a number would not
be exact or there is none, lengths, and how many are true and false.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias

from airflow_provider_catalog.services.facets import facet

_Glue: TypeAlias = Mapping[str, Any]

METRICS = "dataQualityMetrics"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"
_DIGITS = 38
"""No decimal of Hive has more."""
_EXACT = 2**53
"""Whole numbers up to this are themselves in every reader of JSON."""
_COUNTS = {
    "NumberOfNulls": "nullCount",
    "NumberOfDistinctValues": "distinctCount",
    "NumberOfTrues": "trueCount",
    "NumberOfFalses": "falseCount",
    "AverageLength": "averageLength",
    "MaximumLength": "maxLength",
}
_ENDS = {"MinimumValue": "min", "MaximumValue": "max"}


def metrics(statistics: _Glue) -> dict[str, Any]:
    """Of one column: an entry of `columnMetrics`. `statistics` is a ColumnStatistics of boto3's."""
    stated = statistics.get("StatisticsData") or {}
    data = next((value for key, value in stated.items() if key != "Type" and isinstance(value, Mapping)), {})
    found = {name: data[key] for key, name in _COUNTS.items() if _finite(data.get(key))}
    for key, name in _ENDS.items():
        if data.get(key) is not None:
            found |= _end(name, data[key])
    return found


def column_metrics(listed: Iterable[_Glue]) -> dict[str, dict[str, Any]]:
    return {str(each["ColumnName"]): made for each in listed if (made := metrics(each))}


def analyzed(listed: Sequence[_Glue]) -> datetime:
    """When the last of them was counted."""
    latest: datetime = max(each["AnalyzedTime"] for each in listed)
    return latest.astimezone(UTC)


def event(
    producer: str, at: datetime, namespace: str, name: str, counted: Mapping[str, Any], columns: Sequence[_Glue] = ()
) -> dict[str, Any]:
    """A DatasetEvent. The same numbers of the same time are the same event. `columns`: where nobody knows them yet."""
    made = {METRICS: facet(METRICS, {"columnMetrics": dict(counted)})}
    if columns:
        made["schema"] = facet("schema", {"fields": [_field(column) for column in columns]})
    dataset = {"namespace": namespace, "name": name, "facets": made}
    return {"eventTime": at.isoformat(), "producer": producer, "schemaURL": _EVENT, "dataset": dataset}


def _field(column: _Glue) -> dict[str, str]:
    stated = {"name": column["Name"], "type": column.get("Type"), "description": column.get("Comment")}
    return {key: value for key, value in stated.items() if value}


def _end(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, datetime):
        return {f"{name}Value": _moment(value)}
    if isinstance(value, Mapping):
        return _number(name, _decimal(value)) if abs(int(value["Scale"])) <= _DIGITS else {}
    if isinstance(value, float) and not math.isfinite(value):
        return {f"{name}Value": str(value)}
    return _number(name, value) if isinstance(value, int) else {name: value}


def _number(name: str, value: Decimal | int) -> dict[str, Any]:
    """What readers would round is told as a text, too."""
    exact = Decimal(value)
    near = int(exact) if exact.copy_abs() <= _EXACT and exact == int(exact) else float(exact)
    return {name: near} if Decimal(repr(near)) == exact else {name: near, f"{name}Value": format(exact, "f")}


def _decimal(value: _Glue) -> Decimal:
    """Bytes of a whole number in two's complement, and how many of its digits are behind the point."""
    digits = Decimal(int.from_bytes(value["UnscaledValue"], "big", signed=True)).as_tuple()
    return Decimal((digits.sign, digits.digits, -int(value["Scale"])))


def _moment(value: datetime) -> str:
    """AWS keeps a day as its midnight in UTC; boto3 gives it in the time zone of the machine."""
    moment = value.astimezone(UTC)
    return moment.date().isoformat() if moment.time() == time.min else moment.isoformat()


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def unsaid(errors: Iterable[_Glue]) -> Iterator[tuple[str, str]]:
    """Columns of which AWS has no statistics, and why."""
    for each in errors:
        detail = each.get("Error") or {}
        yield str(each.get("ColumnName")), f"{detail.get('ErrorCode')}: {detail.get('ErrorMessage', '')}"
