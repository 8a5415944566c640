"""The command line as a whole: quick, honest about errors, and quiet in a pipe."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from airflow_provider_catalog import cli
from tests.cli.conftest import Run
from tests.services.world import World

COMMANDS = [
    "lineage",
    "impact",
    "path",
    "root-cause",
    "diff",
    "show",
    "search",
    "resolve",
    "set",
    "merge",
    "split",
    "ingest",
    "crawl",
    "dbt",
    "token",
    "replay",
    "export",
    "dead-letters",
    "worker",
    "drain",
    "doctor",
    "explain",
    "coverage",
    "db",
    "rebuild",
    "retain",
    "totals",
    "status",
    "paths",
    "sql-lineage",
    "outbox",
    "push",
    "undo",
]
DOCUMENTED = Path(__file__).parents[2] / "docs" / "cli.md"


def command(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "airflow_provider_catalog.cli", *args]
    return subprocess.run(line, text=True, capture_output=True, check=False, timeout=120, **options)  # type: ignore[call-overload,no-any-return]


def test_help_names_every_command(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    assert all(f"\n    {name} " in done.out or f"\n    {name}\n" in done.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_is_documented(run: Run, name: str) -> None:
    assert run(name, "--help").code == 0
    assert f"airflow-catalog {name}" in DOCUMENTED.read_text(encoding="utf-8")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from airflow_provider_catalog.cli import main; main(['--help']);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert not loaded & {"airflow", "sqlalchemy", "alembic", "orjson", "rich", "yaml", "openlineage"}


def test_no_command_imports_airflow(world: World, url: str) -> None:
    code = (
        "import sys; from airflow_provider_catalog.cli import main\n"
        f"for args in (['lineage', 'orders'], ['show', 'orders'], ['status'], ['worker', '--once']):\n"
        f"    assert main(['--store', {url!r}, *args]) == 0\n"
        "assert 'airflow' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["no-such-command"],
        ["lineage"],
        ["lineage", "x", "--depth", "0"],
        ["lineage", "x", "--as-of", "soon"],
        ["worker"],
        ["worker", "--once", "--follow"],
        ["db"],
    ],
)
def test_a_wrong_command_line_is_exit_code_2(run: Run, args: list[str]) -> None:
    done = run(*args)
    assert done.code == 2
    assert "usage: airflow-catalog" in done.err


def test_errors_are_one_line_and_debug_shows_where(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("--store", "mysql://h/db", "status")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "mysql is not supported" in done.err
    with pytest.raises(Exception, match="not supported"):
        cli.main(["--store", "mysql://h/db", "status", "--debug"])


def test_a_mistake_of_ours_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("airflow_provider_catalog.store.open_store", lambda *args, **more: 1 / 0)
    done = run("status")
    assert (done.code, done.err) == (
        1,
        "airflow-catalog: this should not happen: ZeroDivisionError: division by zero (--debug shows where)\n",
    )


def test_passwords_are_not_shown_when_the_store_is_away(run: Run) -> None:
    done = run("--store", "postgresql://u:hunter2@127.0.0.1:1/db", "status")
    assert done.code == 1
    assert "hunter2" not in done.err


def test_the_store_may_be_named_before_and_after_the_command(run: Run, tmp_path: Path) -> None:
    for name, args in (("a", ["--store", "{}", "status"]), ("b", ["status", "--store", "{}"])):
        assert run(*(arg.format(f"sqlite:///{tmp_path}/{name}.db") for arg in args)).code == 0
        assert (tmp_path / f"{name}.db").exists()


def test_whoever_stops_reading_stops_us_quietly(world: World, url: str) -> None:
    for i in range(40):
        world.ran(f"fan{i}", ["orders"], [f"{'x' * 200}_{i}_{j}" for j in range(20)], at=i + 4)
    line = [sys.executable, "-m", "airflow_provider_catalog.cli", "--store", url, "export"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0


def test_a_pipe_gets_no_colour(world: World, url: str) -> None:
    done = command("--store", url, "lineage", "orders")
    assert done.returncode == 0
    assert "\033" not in done.stdout + done.stderr


def test_a_following_worker_ends_well_when_told_to(world: World, url: str) -> None:
    line = [sys.executable, "-m", "airflow_provider_catalog.cli", "--store", url, "worker", "--follow", "-o", "json"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        time.sleep(0.2)
        process.terminate()
        out, err = process.communicate(timeout=30)
    assert "Working as" in told
    assert (process.returncode, err) == (0, "")
    assert '"envelopes": 0' in out
