"""`dbt coverage`: what nobody described, tested or owns. What people see is kept in tests/golden/dbt/coverage.

A golden file begins with the command line and goes on with the output and the exit code; `UPDATE_GOLDEN=1` writes it.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.services.dbt_manifests import catalog, manifest

GOLDEN = Path(__file__).parents[1] / "golden" / "dbt"
KEPT = GOLDEN / "coverage"
SHOP = json.loads((GOLDEN / "small.json").read_text(encoding="utf-8"))


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a target folder."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path, SHOP)
    return tmp_path


def put(folder: Path, said: dict[str, Any]) -> None:
    (folder / "target").mkdir(exist_ok=True)
    (folder / "target" / "manifest.json").write_text(json.dumps(manifest(said)))
    if (told := catalog(said)) is not None:
        (folder / "target" / "catalog.json").write_text(json.dumps(told))


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.txt")), ids=lambda path: path.stem)
def test_what_people_see_is_as_kept(path: Path, written: Path, run: Run) -> None:
    command, _, expected = path.read_text(encoding="utf-8").partition("\n")
    done = run(*shlex.split(command.removeprefix("$ airflow-catalog ")))
    found = f"{done.out}{done.err}exit code {done.code}\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(f"{command}\n{found}", encoding="utf-8")
    assert found == expected


def lacking(run: Run, *args: str) -> dict[str, Any]:
    return {each["name"]: each for each in run("dbt", "coverage", "target", "-o", "json", *args).json["lacking"]}


def test_the_columns_of_the_database_count_where_they_are_known(written: Path, run: Run) -> None:
    assert lacking(run)["stg_orders"]["undescribed_columns"] == ["note"]
    put(written, {**SHOP, "catalog": {"stg_orders": {"ID": "integer", "amount": "integer", "loaded_at": "timestamp"}}})
    assert lacking(run)["stg_orders"]["undescribed_columns"] == ["loaded_at"]


def test_a_test_counts_for_the_column_it_is_about_and_a_singular_one_for_all_it_reads(written: Path, run: Run) -> None:
    found = lacking(run)
    assert (found["sums"]["tested"], found["sums"]["untested_columns"]) == (True, ["cents"])
    assert (found["stg_orders"]["tested"], found["stg_orders"]["untested_columns"]) == (True, ["amount", "note"])
    assert (found["rates"]["tested"], found["forecast"]["tested"]) == (True, False)


def test_an_owner_is_in_meta_or_owns_the_group(written: Path, run: Run) -> None:
    owned = {name: each["owners"] for name, each in lacking(run).items() if each["owners"]}
    assert owned == {"stg_orders": ["data"], "raw.orders": ["shop-backend"], "sums": ["Finance"]}


def test_only_models_can_have_unit_tests(written: Path, run: Run) -> None:
    tested = {name: each["unit_tested"] for name, each in lacking(run).items()}
    assert tested["sums"] is True
    assert (tested["forecast"], tested["rates"], tested["raw.orders"]) == (False, None, None)


def test_packages_are_others_work(written: Path, run: Run) -> None:
    assert "dbt_utils.macros_model" not in lacking(run)
    assert "dbt_utils.macros_model" in lacking(run, "--packages")


@pytest.mark.parametrize("named", ["target", ".", "target/manifest.json"])
def test_the_manifest_is_found_by_folder_project_and_name(written: Path, run: Run, named: str) -> None:
    assert run("dbt", "coverage", named, "-o", "json").json["project"] == "shop"


@pytest.mark.parametrize(("under", "code"), [("0", 0), ("50", 0), ("50.5", 1), ("100", 1)])
def test_too_little_is_exit_code_1(written: Path, run: Run, under: str, code: int) -> None:
    done = run("dbt", "coverage", "target", "--of", "owners", "--fail-under", under)
    assert (done.code, "is less than" in done.err) == (code, bool(code))


@pytest.mark.parametrize("under", ["-1", "101", "x", "nan"])
def test_what_is_no_percentage_is_exit_code_2(written: Path, run: Run, under: str) -> None:
    assert run("dbt", "coverage", "target", "--fail-under", under).code == 2


def test_an_empty_project_lacks_nothing(written: Path, run: Run) -> None:
    put(written, {})
    done = run("dbt", "coverage", "target", "--fail-under", "100", "-o", "json")
    assert (done.code, done.json["percent"], done.json["lacking"]) == (0, 100, [])


def test_no_store_is_made(written: Path, run: Run) -> None:
    run("dbt", "coverage", "target")
    assert [path.name for path in written.iterdir()] == ["target"]
