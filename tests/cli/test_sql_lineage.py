"""`sql-lineage`: what people see is kept in tests/golden/cli/sql, one file a case, beside the SQL.

A golden file begins with the command line and goes on with the output and, unless it is 0, the exit code.
`UPDATE_GOLDEN=1` writes what is printed now.
"""

from __future__ import annotations

import codecs
import doctest
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from airflow_provider_catalog.sources.database_families import FAMILIES
from airflow_provider_catalog.sources.sql import limits
from tests.cli.conftest import Run
from tests.services.world import NAMESPACE, World

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "cli" / "sql"
CORPUS = ROOT / "tests" / "golden" / "sql" / "columns"
PAGE = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
COPY = "INSERT INTO a SELECT x FROM b"
_DRAWN = re.compile(r'  n\d+\["[^"<>`%\n]+"\]|  n\d+ (?:-->|-\.->)(?:\|"[^"<>`%\n]+"\|)? n\d+')


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_what_people_see_is_as_kept(path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN)
    command, _, expected = path.read_text(encoding="utf-8").partition("\n")
    done = run(*shlex.split(command.removeprefix("$ airflow-catalog ")))
    found = f"{done.out}{done.err}" + (f"exit code {done.code}\n" if done.code else "")
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(f"{command}\n{found}", encoding="utf-8")
    assert found == expected


def test_names_cannot_steer_the_terminal(run: Run) -> None:
    for form in ("table", "mermaid"):
        out = run("sql-lineage", GOLDEN / "odd.sql", "--level", "column", "-o", form).out
        assert all(character.isprintable() for character in out.replace("\n", ""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_sql_is_read_in_the_encodings_that_tools_write(run: Run, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.sql").write_text('SELECT x FROM "café"', encoding=encoding)
    assert run("sql-lineage", tmp_path / "a.sql", "-o", "json").json["scripts"][0]["inputs"] == ["café"]


def test_a_dash_is_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(COPY.encode())))
    (script,) = run("sql-lineage", "-", "-o", "json").json["scripts"]
    assert (script["file"], script["edges"]) == ("-", [{"input": "b", "output": "a"}])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("SELECT 'é'".encode("latin-1"), "it is no text, or not in UTF-8"),
        (b"SELECT 1\0", "it is no text"),
        (codecs.BOM_UTF16_LE + b"odd", "it is no text, or not in UTF-8"),
        (b" " * 8_000_001, "it is over the limit of 8000000 bytes"),
    ],
)
def test_what_is_no_sql_is_said_and_the_others_are_shown(run: Run, tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "bad.sql").write_bytes(content)
    (tmp_path / "good.sql").write_text(COPY)
    done = run("sql-lineage", tmp_path / "bad.sql", tmp_path / "good.sql", "-o", "json")
    assert (done.code, done.err) == (1, f"airflow-catalog: {tmp_path}/bad.sql: {reason}\n")
    assert done.json["unread"] == [{"file": f"{tmp_path}/bad.sql", "reason": reason}]
    assert [script["edges"] for script in done.json["scripts"]] == [[{"input": "b", "output": "a"}]]


def test_an_unknown_dialect_is_told_which_ones_there_are(run: Run) -> None:
    done = run("sql-lineage", GOLDEN / "board.sql", "--dialect", "postgress")
    assert (done.code, done.out) == (2, "")
    known = set(done.err.split("known are ")[1].strip().split(", "))
    assert {"postgres", "snowflake", "bigquery", "mssql", "db2", "impala", "generic"} <= known
    assert {family.dialect for family in FAMILIES.values()} - {""} <= known


def test_a_dialect_may_be_written_in_any_case(run: Run) -> None:
    assert run("sql-lineage", GOLDEN / "board.sql", "--dialect", "Snowflake", "-o", "json").json["scripts"][0][
        "outputs"
    ] == ["MART.BOARD"]


@pytest.mark.parametrize("schema", ["", "[]", '{"a": "b"}', '{"a": [1]}', '{"a": null}', "[" * 100_000])
def test_a_schema_of_another_form_is_told_the_right_one(run: Run, tmp_path: Path, schema: str) -> None:
    (tmp_path / "schema.json").write_text(schema)
    done = run("sql-lineage", GOLDEN / "board.sql", "--schema", tmp_path / "schema.json")
    assert (done.code, done.out) == (2, "")
    assert 'is not JSON such as {"shop.orders": ["id", "amount"]}' in done.err


@pytest.mark.parametrize("args", [[], ["x.sql", "--schema", "gone.json"], ["x.sql", "--level", "row"]])
def test_a_wrong_command_line_is_exit_code_2(run: Run, args: list[str]) -> None:
    done = run("sql-lineage", *args)
    assert (done.code, done.out) == (2, "")


def test_columns_come_from_the_catalog(world: World, run: Run, tmp_path: Path) -> None:
    world.has_columns("sold", "id", "amount")
    (tmp_path / "star.sql").write_text("INSERT INTO copy SELECT * FROM sold; INSERT INTO copy SELECT * FROM gone")
    where = ("--default-database", "shop", "--default-schema", "public", "--from-store", NAMESPACE)
    (script,) = run("sql-lineage", tmp_path / "star.sql", *where, "-o", "json").json["scripts"]
    assert {(each["input_table"], each["input_column"]) for each in script["columns"]} == {
        ("shop.public.sold", "id"),
        ("shop.public.sold", "amount"),
    }
    assert script["wanted"] == ["shop.public.copy", "shop.public.gone"]


def test_neither_airflow_nor_a_store_is_needed(tmp_path: Path) -> None:
    code = (
        "import sys; from airflow_provider_catalog.cli import main\n"
        f"for form in ('table', 'json', 'mermaid'):\n"
        f"    assert main(['sql-lineage', {str(GOLDEN / 'load.sql')!r}, '-o', form]) == 0\n"
        "assert not {'airflow', 'sqlalchemy', 'alembic'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"AIRFLOW_HOME": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("edges", "told"), [(500, False), (501, True)])
def test_a_diagram_that_github_does_not_draw_is_told(run: Run, tmp_path: Path, edges: int, told: bool) -> None:
    tables = ", ".join(f"b{number}" for number in range(edges))
    (tmp_path / "wide.sql").write_text(f"INSERT INTO a SELECT 1 FROM {tables}")  # noqa: S608  read, never run
    done = run("sql-lineage", tmp_path / "wide.sql", "-o", "mermaid")
    assert (done.code, "no diagram of more than 500 edges" in done.err) == (0, told)


def test_all_sql_of_the_golden_files_is_shown_in_all_forms(run: Run, tmp_path: Path) -> None:
    spoken: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted(CORPUS.glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            file = tmp_path / f"{path.stem}_{number}.sql"
            file.write_text(case["sql"], encoding="utf-8")
            spoken[case.get("dialect") or "generic"].append(file)
    assert sum(map(len, spoken.values())) > 500
    for dialect, files in spoken.items():
        command = ("sql-lineage", *files, "--dialect", dialect, "--influences", "-o")
        shown, drawn = run(*command, "table"), run(*command, "mermaid")
        assert (shown.code, drawn.code) == (0, 0)
        edges = sum(len(s["columns"]) + len(s["influences"]) for s in run(*command, "json").json["scripts"])
        assert shown.out.count(" <- ") >= edges
        assert [line for line in drawn.out.splitlines()[1:] if not _DRAWN.fullmatch(line)] == []


def test_the_command_is_documented_as_the_others_are() -> None:
    assert "`airflow-catalog sql-lineage" in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_on_sql_shows_what_one_sees(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (sql,) = blocks("sql")
    (tmp_path / "load.sql").write_text(sql)
    (session,) = blocks("console")
    command, _, expected = session.partition("\n")
    done = run(*shlex.split(command.removeprefix("$ airflow-catalog ")))
    assert (done.code, done.out) == (0, expected)


def test_the_python_of_the_page_on_sql_does_what_it_says() -> None:
    (example,) = blocks("python")
    test = doctest.DocTestParser().get_doctest(example, {}, "docs/sql.md", None, 0)
    assert len(test.examples) > 2
    assert doctest.DocTestRunner().run(test).failed == 0


def test_every_key_of_the_document_is_on_the_page_on_sql(run: Run) -> None:
    document = run("sql-lineage", GOLDEN / "load.sql", "-o", "json").json
    (script,) = document["scripts"]
    keys = {*document, *script, *script["edges"][0], *script["columns"][0], *script["statements"][0]}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


def test_the_limits_are_those_of_the_page_on_sql() -> None:
    for limit in (limits.TEXT, limits._TOKENS, limits._STATEMENT, limits._DEPTH):
        assert f"{limit:,}" in PAGE
