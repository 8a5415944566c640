"""`explain` and `coverage`: what was captured, what was not, and why, on every database.

What people see is kept in tests/golden/capture, as in tests/golden/cli. `UPDATE_GOLDEN=1` writes what is printed now.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.store import open_store
from tests.cli.conftest import Run
from tests.services.captured import envelope, openlineage, record, records, silent

GOLDEN = Path(__file__).parents[1] / "golden" / "capture"
SENSOR = "airflow.providers.standard.sensors.time_delta.TimeDeltaSensor"
ARRIVED = Callable[..., None]


@pytest.fixture
def url(store_url: str) -> str:
    return store_url


@pytest.fixture
def arrived(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> ARRIVED:
    """Records come in as they do from tasks: into the log, and a worker merges them."""
    monkeypatch.setenv("AIRFLOW__CATALOG__NAMESPACE", "prod")

    def arrive(*told: dict[str, Any]) -> None:
        store = open_store(url)
        store.accept([envelope(each) for each in told])
        store.close()
        assert run("worker", "--once", "-o", "json").json["rejected"] == 0

    return arrive


def shop() -> list[dict[str, Any]]:
    """Tasks that are seen in whole, in part and not at all."""
    assets = {"inlets": [{"uri": "s3://lake/x"}, {"uri": "s3://lake/y"}], "outlets": [{"uri": "s3://lake/z"}]}
    inputs = [{"namespace": "s3://lake", "name": "x"}]
    return [
        *records("sql_operator"),
        *records("mapped"),
        record("no_connection", **assets),
        record("unreadable_sql"),
        record("no_connection", task_id="blind"),
        silent(task_id="wait", operator_class=SENSOR),
        silent(task_id="fails", operator_class=SENSOR, state="failed"),
        openlineage("shop.outside", "00000000-0000-7000-8000-000000000001", inputs=inputs),
        silent(dag_id="other"),
    ]


def test_what_people_see_is_as_kept(run: Run, arrived: ARRIVED) -> None:
    arrived(*shop())
    kept = {path: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.txt")}
    found = {path: printed(run, text.partition("\n")[0]) for path, text in kept.items()}
    if os.environ.get("UPDATE_GOLDEN"):
        for path, text in found.items():
            path.write_text(text, encoding="utf-8")
    assert found == kept


def printed(run: Run, line: str) -> str:
    done = run(*shlex.split(line.removeprefix("$ airflow-catalog ")))
    return f"{line}\n{done.out}{done.err}"


def test_programs_get_the_same_in_json_and_yaml(run: Run, arrived: ARRIVED) -> None:
    yaml = pytest.importorskip("yaml")
    arrived(*records("sql_operator"))
    for command in (["explain", "shop", "load"], ["coverage"]):
        assert yaml.safe_load(run(*command, "-o", "yaml").out) == run(*command, "-o", "json").json


def test_a_run_is_chosen_on_the_command_line(run: Run, arrived: ARRIVED) -> None:
    arrived(*records("retry"), *records("mapped"))
    name = records("retry")[0]["run_id"]
    found = run("explain", "shop", "load", name, "--try", "1", "-o", "json").json
    assert (found["state"], found["error"]) == ("up_for_retry", "TimeoutError: too slow")
    assert run("explain", "shop", "load", found["run"]["run_id"], "-o", "json").json == found
    mapped = run("explain", "shop", "each", "--map-index", "0", "-o", "json").json
    assert mapped["captured"][0]["datasets"] == ["s3://lake/part=0/x.parquet"]
    assert "map index    1\n" in run("explain", "shop", "each", "--map-index", "1").out


def test_the_namespace_is_that_of_the_settings_or_the_one_that_is_named(run: Run, arrived: ARRIVED) -> None:
    arrived(silent(namespace="staging"))
    done = run("explain", "shop", "load")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "there is one with --namespace 'staging'" in done.err
    assert run("explain", "shop", "load", "--namespace", "staging", "-o", "json").json["task"] == "staging/shop.load"


def test_a_task_that_only_others_told_of_sends_to_the_doctor(run: Run, arrived: ARRIVED) -> None:
    arrived(openlineage("shop.load", "00000000-0000-7000-8000-000000000001"))
    done = run("explain", "shop", "load")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "`airflow-catalog doctor`" in done.err


def test_a_terminal_is_not_told_what_to_do_by_a_dag(run: Run, arrived: ARRIVED) -> None:
    evil = "\x1b[2J\nevil"
    assets = [{"uri": f"s3://lake/{evil}"}]
    arrived(silent(task_id=f"t{evil}", operator_class=evil, incomplete=[evil], outlets=assets, run_id=evil))
    arrived(silent(operator_class=evil))
    shown = [run("explain", "shop", f"t{evil}"), run("explain", "shop", "load", "x"), run("coverage")]
    assert [done.code for done in shown] == [0, 1, 0]
    assert not any("\x1b" in done.out + done.err for done in shown)


def test_an_unknown_dag_is_an_error_of_one_line(run: Run, arrived: ARRIVED) -> None:
    arrived(silent())
    done = run("coverage", "--dag", "nope")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


def test_when_all_tasks_have_lineage_none_is_listed_without(run: Run, arrived: ARRIVED) -> None:
    arrived(*records("sql_operator"))
    shown = run("coverage", "--without").out
    assert shown.endswith("\n\n1 of 1 tasks (100 %) have lineage\n")
    assert "shop.load" not in shown


def test_an_empty_catalog_sends_to_the_doctor(run: Run) -> None:
    done = run("coverage")
    assert (done.code, done.out) == (0, "No task of Airflow is known yet: `airflow-catalog doctor` says why.\n")


@pytest.mark.parametrize(
    "args", [["explain"], ["explain", "shop"], ["explain", "a", "b", "--try", "0"], ["coverage", "shop"]]
)
def test_a_wrong_command_line_is_exit_code_2(run: Run, args: list[str]) -> None:
    assert run(*args).code == 2


def test_neither_imports_airflow(arrived: ARRIVED, url: str) -> None:
    arrived(*records("sql_operator"))
    code = (
        "import sys; from airflow_provider_catalog.cli import main\n"
        "for args in (['explain', 'shop', 'load'], ['coverage']):\n"
        f"    assert main(['--store', {url!r}, *args]) == 0\n"
        "assert 'airflow' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
