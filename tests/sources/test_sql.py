"""SQL from golden data: adding a case is adding a line to a file of tests/golden/sql/tables.

`UPDATE_GOLDEN=1 pytest tests/sources/test_sql.py` writes what is expected anew: read the difference before you commit.
Of statements their kinds are expected, with a question mark where the reading is not sure.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.sources.sql import SqlLineage, lineage

GOLDEN = Path(__file__).parents[1] / "golden" / "sql" / "tables"
FILES = sorted(GOLDEN.glob("*.json"))
CASES = [
    pytest.param(path, i, id=f"{path.stem}-{i}-{case['sql'][:40]!r}")
    for path in FILES
    for i, case in enumerate(json.loads(path.read_text()))
]

WORDS = [
    *("SELECT", "*", "FROM", "JOIN", "WITH", "AS", "(", ")", ",", ".", ";", "a", "b", '"c"', "INSERT", "INTO", "TABLE"),
    *("CREATE", "TEMP", "VIEW", "DROP", "UPDATE", "SET", "=", "DELETE", "MERGE", "USING", "ON", "'x'", "'", "--", "/*"),
    *(
        "ALTER",
        "RENAME",
        "TO",
        "UNION",
        "ALL",
        "VALUES",
        "1",
        "EXEC",
        "USE",
        "COPY",
        "@s",
        "#t",
        "{{ x }}",
        "$$",
        "[d]",
    ),
]


def read(case: dict[str, Any]) -> SqlLineage:
    return lineage(
        case["sql"],
        dialect=case["dialect"],
        default_database=case.get("database"),
        default_schema=case.get("schema"),
    )


def told(found: SqlLineage) -> dict[str, Any]:
    kinds = [f"{each.kind}{'?' if each.confidence < 1 else ''}" for each in found.statements]
    edges = [list(edge) for edge in found.edges]
    return {"inputs": list(found.inputs), "outputs": list(found.outputs), "edges": edges, "statements": kinds}


@pytest.mark.parametrize(("path", "number"), CASES)
def test_tables_and_edges_are_those_of_the_golden_files(path: Path, number: int) -> None:
    cases = json.loads(path.read_text())
    case = cases[number]
    found = told(read(case))
    if os.environ.get("UPDATE_GOLDEN"):
        case["expected"] = found
        path.write_text("[\n" + ",\n".join(f" {json.dumps(each, ensure_ascii=False)}" for each in cases) + "\n]\n")
    assert found == case["expected"]


@pytest.mark.parametrize("dialect", ["", "postgres", "snowflake", "bigquery", "tsql", "hive", "oracle", "clickhouse"])
@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_no_text_is_too_strange_to_read(dialect: str, sql: str) -> None:
    found = lineage(sql, dialect)
    if not {"rename", "alter"} & {each.kind for each in found.statements}:
        assert {*(name for edge in found.edges for name in edge)} <= {*found.inputs, *found.outputs}
    assert all(each.confidence == 1 or each.error for each in found.statements)


@given(st.text())
def test_no_text_at_all_is_too_strange_to_read(sql: str) -> None:
    lineage(sql, "postgres")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 30_000 + "1" + ")" * 30_000 + " FROM t",
        "SELECT " + "NOT " * 30_000 + "1 FROM t",
        "SELECT " + "CASE WHEN 1 THEN " * 3_000 + "1" + " END" * 3_000 + " FROM t",
        "SELECT " + " + ".join(["x"] * 20_000) + " FROM t",  # noqa: S608  to be read, never run
        "INSERT INTO t VALUES " + ", ".join(["(1, 'x', now())"] * 120_000),  # noqa: S608  as above
        "SELECT * FROM t;" * 20_000,
        "SELECT '" + "\\'" * 500_000 + " FROM t",
        "/*" * 500_000,
        "$a" * 500_000,
        "FROM " * 200_000,
        "WITH " * 200_000,
        "{{" * 500_000,
        "[" * 500_000,
        "x" * 3_000_000,
    ],
    ids=lambda sql: f"{sql[:25]!r}",
)
def test_no_text_takes_long(sql: str) -> None:
    started = process_time()
    lineage(sql, "postgres")
    assert process_time() - started < 100


def test_deep_and_long_statements_are_read_all_the_same() -> None:
    deep = lineage("INSERT INTO t SELECT " + "(" * 1_000 + "1" + ")" * 1_000 + " FROM s")
    many = lineage("INSERT INTO t VALUES " + ", ".join(["(1)"] * 20_000))  # noqa: S608  as above
    assert (deep.edges, deep.statements[0].error) == ((("s", "t"),), "nested too deep")
    assert many.outputs == ("t",)
    assert "too many to parse" in str(many.statements[0].error)


def test_a_long_script_is_parsed_as_far_as_that_takes_no_time() -> None:
    found = lineage("SELECT * FROM t;" * 60_000)
    assert found.inputs == ("t",)
    assert len(found.statements) == 60_000
    assert (found.statements[0].confidence, found.statements[-1].confidence) == (1.0, 0.5)


def test_what_is_not_supported_is_told_in_the_answer_and_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert lineage("REFRESH MATERIALIZED VIEW quiet").statements[0].error
    assert not caplog.records


def test_the_log_of_others_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    lineage("SELECT 1")
    with caplog.at_level(logging.WARNING):
        logging.getLogger("sqlglot").warning("of somebody else")
    assert [record.message for record in caplog.records] == ["of somebody else"]


def test_the_parser_is_loaded_when_there_is_sql_to_read() -> None:
    code = "import sys, airflow_provider_catalog.sources as s; print('sqlglot' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_a_reason_quotes_no_sql() -> None:
    for sql in ("SELECT 'hunter2 FROM", "SELECT hunter2 FROM FROM WHERE hunter2 hunter2 hunter2"):
        assert "hunter2" not in str(lineage(sql).statements[0].error)
