"""Lineage on the command line. What people see is kept in tests/golden/cli, one file a case.

A golden file begins with the command line and goes on with the output. `UPDATE_GOLDEN=1` writes what is printed now.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EdgeKind, Event
from tests.cli.conftest import Run
from tests.services.world import World, column, job_id, table

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"


@pytest.fixture
def wide(world: World) -> World:
    """The shop with a hub, columns, another platform, a circle and odd names; aside, a shelf that is read by boards."""
    world.said(job_id("etl.load"), "jobType", {"processingType": "BATCH", "integration": "AIRFLOW", "jobType": "TASK"})
    world.ran("etl.fan", ["report"], [f"copy_{i:02d}" for i in range(14)], at=4)
    world.ran("etl.dump", ["revenue"], [DatasetId("s3://lake", "dump/revenue.parquet")], at=5)
    world.ran("etl.back", ["report"], ["orders"], at=6)
    world.ran("etl.odd", ["copy_00"], [table("naïve\x1b[31m表\nname")], at=7)
    columns = {
        ("orders.id", "revenue.order_id"): EdgeKind.IDENTITY,
        ("orders.email", "revenue.order_id"): EdgeKind.FILTER,
    }
    world.ran("etl.sum", ["orders", "customers"], ["revenue"], at=8, columns=columns)
    world.ran(
        "etl.show", ["revenue"], ["report"], at=9, state=Event.FAIL, details={"errorMessage": {"message": "no space"}}
    )
    world.edited(table("report"), "ownership", {"owners": [{"name": "finance"}]})
    world.edited(column("orders.email"), "tag:pii", {"key": "pii", "value": ""})
    _boards(world)
    return world


def _boards(world: World) -> None:
    world.ran("etl.stock", ["shelf"], ["stock"], at=10)
    world.ran("etl.board", ["shelf", "stock"], at=10)
    world.ran("etl.check", ["stock"], at=10)
    world.said(job_id("etl.board"), "jobType", {"processingType": "BATCH", "integration": "DBT", "jobType": "EXPOSURE"})
    world.said(job_id("etl.board"), "ownership", {"owners": [{"name": "finance"}, {"name": "sales"}]})
    world.edited(table("stock"), "ownership", {"owners": [{"name": "finance"}]})


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_what_people_see_is_as_kept(path: Path, wide: World, run: Run) -> None:
    command, _, expected = path.read_text(encoding="utf-8").partition("\n")
    done = run(*shlex.split(command.removeprefix("$ airflow-catalog ")))
    found = f"{done.out}{done.err}"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(f"{command}\n{found}", encoding="utf-8")
    assert found == expected


def test_json_is_the_lineage_api(world: World, run: Run) -> None:
    found = run("lineage", "orders", "--output", "json").json
    assert found["total_downstream"] == 2
    assert found["lineage"]["upstream"][0]["transformation"]["sql"] == "insert into orders"


@pytest.mark.parametrize("command", ["lineage", "impact"])
def test_a_column_may_be_named_with_the_full_id_of_its_dataset(wide: World, run: Run, command: str) -> None:
    orders = table("orders")
    short, full = (run(command, f"{name}#id", "-o", "json").json for name in ("orders", f"{orders}"))
    assert full == short
    assert full["column"] == "id"


def test_yaml_says_the_same_as_json(world: World, run: Run) -> None:
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(run("lineage", "orders", "-o", "yaml").out) == run("lineage", "orders", "-o", "json").json


def test_an_unknown_dataset_says_what_to_do(world: World, run: Run) -> None:
    done = run("lineage", "no_such_table")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("airflow-catalog: no dataset named 'no_such_table'")
    assert len(done.err.splitlines()) == 1


def test_a_path_that_is_not_there_is_exit_code_1(world: World, run: Run) -> None:
    assert run("path", "report", "raw").code == 0
    assert run("path", "customers", "raw").code == 1


def test_a_text_of_many_lines_is_shown_in_its_lines_where_no_names_stand(world: World, run: Run) -> None:
    sql = "\n    SELECT a,\n\n        b\x1b[2J\n    FROM t\nowner   mallory"
    world.ran("etl.load", ["raw"], ["orders"], details={"sql": {"query": sql}})
    lines = run("show", "etl.load").out.splitlines()
    at = lines.index("sql     SELECT a,")
    assert lines[at + 1 : at + 4] == ["                b\ufffd[2J", "            FROM t", "        owner mallory"]


def test_a_terminal_that_is_ascii_gets_ascii(wide: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_catalog.cli.output.Style.of", lambda stream: _ascii())
    assert "`-- " in run("lineage", "orders").out


def _ascii() -> object:
    from airflow_provider_catalog.cli.output import Style

    return Style(colour=True, unicode=False)
