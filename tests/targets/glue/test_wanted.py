"""Columns, read from the schema of a dataset."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.wanted import Column, columns_of

SCHEMA = {
    "fields": [
        {"name": "id", "type": "bigint", "description": "Key"},
        {"name": "tags", "type": "array", "fields": [{"name": "_element", "type": "string"}]},
        {"name": "bare"},
        {"name": 7},
        {"type": "no name"},
        {"name": "odd", "type": 7, "description": None, "fields": "none"},
        "no field",
    ]
}
JSON: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from(["fields", "name", "type", "x"]), inner)),
)


def test_columns_are_those_of_the_schema() -> None:
    assert columns_of(SCHEMA) == (
        Column("id", "bigint", "Key"),
        Column("tags", "array", "", (Column("_element", "string"),)),
        Column("bare"),
        Column("odd"),
    )


def test_there_is_an_end_to_how_deep_a_schema_is_read() -> None:
    deep: dict[str, Any] = {"name": "a"}
    for _ in range(500):
        deep = {"name": "a", "fields": [deep]}
    depth, [column] = 1, columns_of({"fields": [deep]})
    while column.fields:
        depth, [column] = depth + 1, column.fields
    assert depth == 32


@given(JSON)
def test_any_value_may_be_a_schema(value: Any) -> None:
    assert all(isinstance(column, Column) for column in columns_of(value))
