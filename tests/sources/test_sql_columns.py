"""Columns of SQL: cases are data, in tests/golden/sql/columns. Each edge is written `output <- input (kind)`.

A case may also state the tables that are read and written, the files as datasets, and the kinds of the statements, with
a question mark where the reading is not sure. What it does not state is not compared, or written by UPDATE_GOLDEN.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from airflow_provider_catalog.sources.sql import SqlLineage, lineage
from airflow_provider_catalog.sources.sql.edges import Edge

GOLDEN = Path(__file__).parents[1] / "golden" / "sql" / "columns"
CASES = [
    (path, number) for path in sorted(GOLDEN.glob("*.json")) for number in range(len(json.loads(path.read_text())))
]


def told(found: SqlLineage) -> dict[str, list[str]]:
    return {
        "columns": [shown(each) for each in found.columns],
        "influences": [shown(each) for each in found.influences],
        "inputs": list(found.inputs),
        "outputs": list(found.outputs),
        "datasets": [str(each) for each in found.datasets],
        "statements": [f"{each.kind}{'?' if each.confidence < 1 else ''}" for each in found.statements],
    }


def shown(edge: Edge) -> str:
    ends = [f"{table or ''}#{column}" for table, column in (edge[:2], edge[2:4])]
    return f"{ends[0]} <- {ends[1]} ({edge.kind.name.lower()})" + (edge.transformation and f": {edge.transformation}")


@pytest.mark.parametrize(("path", "number"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_what_is_said_is_what_the_golden_files_state(path: Path, number: int) -> None:
    cases = json.loads(path.read_text())
    case = cases[number]
    names = ("dialect", "database", "in_schema", "schema", "gives")
    said = told(lineage(case["sql"], *(case.get(name) for name in names)))
    found = {key: said[key] for key in case["expected"]}
    if os.environ.get("UPDATE_GOLDEN"):
        case["expected"] = found
        path.write_text("[\n" + ",\n".join(f" {json.dumps(each, ensure_ascii=False)}" for each in cases) + "\n]\n")
    assert found == case["expected"]


@pytest.mark.parametrize("key", ["columns", "influences", "inputs", "outputs", "datasets", "statements"])
def test_every_part_of_what_is_said_is_stated_by_many_cases(key: str) -> None:
    """So that none is left out by mistake."""
    stated = [
        case for path in GOLDEN.glob("*.json") for case in json.loads(path.read_text()) if key in case["expected"]
    ]
    assert len(stated) > 100


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
