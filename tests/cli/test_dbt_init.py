"""`dbt init`: each case of tests/golden/dbt/init is a project before and what becomes of its files; PACKAGE is ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "dbt" / "init"
PAGE = (ROOT / "docs" / "dbt-cli.md").read_text(encoding="utf-8")
DBT = Path(sys.executable).with_name("dbt")
PROFILE = "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n"
LINE = 'on-run-end: "{{ export_lineage_to_catalog() }}"\n'
PROJECT = f"name: shop\nprofile: shop\n{LINE}"
UNDEFINED = (
    "'export_lineage_to_catalog' is undefined. This can happen when calling a macro that does not exist. "
    'Check for typos and/or install package dependencies with "dbt deps".'
)


def cases(file: str) -> list[Any]:
    found = json.loads((GOLDEN / file).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["says"].replace(" ", "_")) for case in found]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if it were installed here."""
    installed = tmp_path / "site packages" / "airflow_provider_catalog" / "dbt_macros"
    shutil.copytree(ROOT / "dbt_macros", installed, ignore=shutil.ignore_patterns("integration_test_project"))
    monkeypatch.setattr("airflow_provider_catalog.cli.dbt_init.dbt_package", lambda: installed)
    return installed


def put(folder: Path, files: dict[str, str], package: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(filled(text, package).encode())
    return folder


def filled(text: str, package: Path) -> str:
    """Within quotes as it is, else as YAML has to write a path with a space."""
    return (
        text.replace('"PACKAGE', f'"{package}')
        .replace("PACKAGE/macros", f'"{package}/macros"')
        .replace("PACKAGE", f'"{package}"')
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", cases("done.json"))
def test_a_project_is_connected_and_keeps_the_rest(case: Any, run: Run, package: Path, tmp_path: Path) -> None:
    folder = put(tmp_path / "shop", case["before"], package)
    before = files(folder)
    command = ("dbt", "init", "--project-dir", folder, *case["args"])
    shown = run(*command, "--dry-run", "-o", "json")
    assert (shown.code, files(folder)) == (0, before)
    done = run(*command, "-o", "json")
    assert done.code == 0, done.err
    wanted = before | {name: filled(text, package).encode() for name, text in case["after"].items()}
    assert files(folder) == wanted
    assert [each["changed"] for each in done.json["files"]] == [each["changed"] for each in shown.json["files"]]
    again = run(*command, "-o", "json")
    assert ([each["changed"] for each in again.json["files"] if each["changed"]], files(folder)) == ([], wanted)


@pytest.mark.parametrize("case", cases("refused.json"))
def test_what_cannot_be_done_is_told_and_nothing_is_changed(case: Any, run: Run, package: Path, tmp_path: Path) -> None:
    folder = put(tmp_path / "shop", case["before"], package)
    before = files(folder)
    done = run("dbt", "init", "--project-dir", folder, *case["args"])
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert case["reason"].replace("PACKAGE", str(package)) in done.err
    assert files(folder) == before


def test_people_see_what_was_done_and_what_is_next(run: Run, package: Path, tmp_path: Path) -> None:
    folder = put(tmp_path / "shop", {"dbt_project.yml": PROJECT}, package)
    done = run("dbt", "init", "--project-dir", folder)
    assert [line.split()[0] for line in done.out.splitlines() if str(folder) in line] == ["written", "written"]
    assert done.out.endswith("Next: dbt deps\n")
    assert "Next" not in run("dbt", "init", "--project-dir", folder).out


def test_the_project_is_looked_for_as_dbt_looks(
    run: Run, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(tmp_path / "shop", {"dbt_project.yml": PROJECT, "models/a.sql": "select 1"}, package)
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    monkeypatch.chdir(folder / "models")
    assert run("dbt", "init", "-o", "json").json["project"] == "shop"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DBT_PROJECT_DIR", str(folder))
    assert run("dbt", "init", "-o", "json").json["project"] == "shop"


def test_without_a_package_the_line_is_needed_and_is_told(run: Run, package: Path, tmp_path: Path) -> None:
    folder = put(tmp_path / "shop", {"dbt_project.yml": "name: shop\n"}, package)
    assert LINE.strip() in run("dbt", "init", "--project-dir", folder, "--macro-paths").out
    put(tmp_path / "with", {"dbt_project.yml": PROJECT}, package)
    assert LINE.strip() not in run("dbt", "init", "--project-dir", tmp_path / "with", "--macro-paths").out


def test_a_link_stays_one_and_a_mode_is_kept(run: Run, package: Path, tmp_path: Path) -> None:
    folder = put(tmp_path / "shop", {"dbt_project.yml": PROJECT}, package)
    shared = tmp_path / "shared.yml"
    shared.write_text("packages: []\n")
    shared.chmod(0o640)
    (folder / "packages.yml").symlink_to(shared)
    assert run("dbt", "init", "--project-dir", folder).code == 0
    assert (folder / "packages.yml").is_symlink()
    assert (str(package) in shared.read_text(), shared.stat().st_mode & 0o777) == (True, 0o640)


def dbt(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "0", "DBT_PROFILES_DIR": str(folder)}
    line = [str(DBT), "--no-use-colors", *args]
    return subprocess.run(line, cwd=folder, env=told, text=True, capture_output=True, check=False, timeout=240)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["--wrapper", "--macro-paths"])
def test_the_bare_line_works_in_dbt_itself_after_init(how: str, run: Run, package: Path, tmp_path: Path) -> None:
    files = {"dbt_project.yml": PROJECT, "profiles.yml": PROFILE, "models/orders.sql": "select 1 as id"}
    folder = put(tmp_path / "shop", files, package)
    without = dbt(folder, "run")
    assert (without.returncode, UNDEFINED in without.stdout) == (2, True)
    assert run("dbt", "init", "--project-dir", folder, how).code == 0
    if how == "--wrapper":
        assert dbt(folder, "deps").returncode == 0
    done = dbt(folder, "run")
    assert (done.returncode, "Completed successfully" in done.stdout) == (0, True), done.stdout


@pytest.mark.slow
def test_a_wrapper_whose_package_is_not_installed_is_told_by_the_error_of_the_page(
    run: Run, package: Path, tmp_path: Path
) -> None:
    files = {"dbt_project.yml": PROJECT, "profiles.yml": PROFILE, "models/orders.sql": "select 1 as id"}
    folder = put(tmp_path / "shop", files, package)
    run("dbt", "init", "--project-dir", folder)
    (folder / "packages.yml").unlink()
    done = dbt(folder, "run")
    assert (done.returncode, "'airflow_catalog' is undefined" in done.stdout) == (2, True)


def test_the_errors_of_dbt_are_on_the_page_word_for_word() -> None:
    assert UNDEFINED in PAGE
    assert "'airflow_catalog' is undefined" in PAGE
    assert "Compilation Error in operation shop-on-run-end-0 (./dbt_project.yml)" in PAGE
