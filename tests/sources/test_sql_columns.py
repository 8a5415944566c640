"""Columns of SQL: cases are data, in tests/golden/sql_columns. Each edge is written `output <- input (kind)`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.sources.sql import SqlLineage, lineage

GOLDEN = Path(__file__).parents[1] / "golden" / "sql_columns"
CASES = [
    (path, number) for path in sorted(GOLDEN.glob("*.json")) for number in range(len(json.loads(path.read_text())))
]


def told(found: SqlLineage) -> dict[str, Any]:
    def end(table: str | None, column: str) -> str:
        return f"{table}#{column}" if table else f"#{column}"

    def shown(edges: Any) -> list[str]:
        return [
            f"{end(e.output_table, e.output_column)} <- {end(e.input_table, e.input_column)} ({e.kind.name.lower()})"
            + (f": {e.transformation}" if e.transformation else "")
            for e in edges
        ]

    return {"columns": shown(found.columns), "influences": shown(found.influences)}


@pytest.mark.parametrize(("path", "number"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_columns_are_those_of_the_golden_files(path: Path, number: int) -> None:
    cases = json.loads(path.read_text())
    case = cases[number]
    found = told(
        lineage(case["sql"], case.get("dialect"), case.get("database"), case.get("in_schema"), case.get("schema"))
    )
    if os.environ.get("UPDATE_GOLDEN"):
        case["expected"] = found
        path.write_text("[\n" + ",\n".join(f" {json.dumps(each, ensure_ascii=False)}" for each in cases) + "\n]\n")
    assert found == case["expected"]


class Lazily:
    """Somebody who is asked for the columns of one table after the other."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def columns(self, table: str) -> list[str] | None:
        self.asked.append(table)
        return ["id", "name"] if table == "shop.orders" else None


def test_a_schema_may_be_asked_for_table_by_table_and_each_only_once() -> None:
    schema = Lazily()
    found = lineage(
        "SELECT * FROM shop.orders o JOIN shop.orders p ON o.id = p.id; SELECT * FROM x", "postgres", schema=schema
    )
    assert schema.asked == ["shop.orders", "x"]
    assert {(edge.output_column, edge.input_table) for edge in found.columns} == {
        ("id", "shop.orders"),
        ("name", "shop.orders"),
    }


def test_tables_whose_columns_were_missed_are_told() -> None:
    found = lineage("INSERT INTO t SELECT * FROM a; INSERT INTO t SELECT x FROM b", "postgres", schema={"b": ["x"]})
    assert "a" in found.wanted
    assert "b" not in found.wanted


def test_a_sum_of_thousands_and_a_union_of_thousands_are_read() -> None:
    columns = [f"c{number}" for number in range(3_000)]
    found = lineage(f"SELECT {' + '.join(columns)} AS total FROM t", "postgres")  # noqa: S608  read, never run
    assert {edge.input_column for edge in found.columns} == set(columns)
    unions = " UNION ALL ".join(f"SELECT a FROM t{number}" for number in range(500))  # noqa: S608  as above
    assert len(lineage(f"INSERT INTO t {unions}", "postgres").columns) == 500
