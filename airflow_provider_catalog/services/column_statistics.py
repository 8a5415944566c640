"""What was counted of the values of a column, by whoever counted last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.services.facts import Resolved
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Fact

_Value: TypeAlias = int | float | str

_NUMBERS = {
    "distinctCount": "distinct_count",
    "nullCount": "null_count",
    "count": "count",
    "sum": "sum",
    "averageLength": "average_length",
    "maxLength": "max_length",
    "trueCount": "true_count",
    "falseCount": "false_count",
}
_ENDS = {"min": ("minValue", "min"), "max": ("maxValue", "max")}
"""A text where there is one: dates are no numbers, and a long decimal is not the number that JSON makes of it."""


class ColumnStatistics(NamedTuple):
    """`values` by the names that answers have for them; `said`: who counted, and since when it is so."""

    values: Mapping[str, _Value]
    said: Fact

    def to_json(self) -> dict[str, Any]:
        return {**self.values, "said_by": self.said.producer, "since": iso(self.said.valid_from)}

    def __str__(self) -> str:
        return ", ".join(_words(self.values))


def column_statistics(word: Resolved | None) -> ColumnStatistics | None:
    """None where nothing was counted that we know of."""
    stated = word.value if word else None
    values = dict(_values(stated)) if isinstance(stated, dict) else {}
    return ColumnStatistics(values, word.said) if word and values else None


def _values(stated: Mapping[str, Any]) -> Iterator[tuple[str, _Value]]:
    for key, name in _NUMBERS.items():
        if type(stated.get(key)) in (int, float):
            yield name, stated[key]
    for name, keys in _ENDS.items():
        found = next((stated[key] for key in keys if type(stated.get(key)) in (int, float, str)), None)
        if found is not None:
            yield name, found


def _words(values: Mapping[str, _Value]) -> Iterator[str]:
    if "min" in values or "max" in values:
        yield f"{values.get('min', '')} to {values.get('max', '')}".strip()
    for name, text in (
        ("distinct_count", "{} distinct"),
        ("null_count", "{} null"),
        ("true_count", "{} true"),
        ("false_count", "{} false"),
        ("average_length", "{:.4g} long"),
        ("max_length", "{} at most"),
    ):
        if name in values:
            yield text.format(values[name])
