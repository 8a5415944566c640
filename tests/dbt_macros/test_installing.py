"""Every way to install the macros exports, and exports once."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from airflow_provider_catalog.model.dbt_nodes import _BROUGHT, _COLUMN, _CONFIG, _KEPT, _PLACED
from airflow_provider_catalog.sources.dbt.exported import documents_of_rows
from tests.dbt_macros.project import PACKAGE, Project

MACROS = sorted(PACKAGE.glob("macros/**/*.sql"))
LINE = "{{ export_lineage_to_catalog() }}"
WRAPPER = (
    "{% macro export_lineage_to_catalog() %}{{ return(airflow_catalog.export_lineage_to_catalog()) }}{% endmacro %}"
)


def small(root: Path, macro_paths: str = "macros") -> Project:
    for folder in ("models", "macros"):
        (root / folder).mkdir(parents=True)
    (root / "dbt_project.yml").write_text(f"name: small\nprofile: small\nmacro-paths: ['{macro_paths}']\n")
    (root / "profiles.yml").write_text("small: {outputs: {default: {type: duckdb, path: shop.duckdb}}}\n")
    (root / "models" / "one.sql").write_text("select 1 as id")
    return Project(root)


def as_a_package(root: Path) -> Project:
    return small(root).install()


def as_a_package_with_the_bare_line(root: Path) -> Project:
    project = small(root).hook(LINE, LINE).install()
    (root / "macros" / "catalog.sql").write_text(WRAPPER)
    return project


def as_a_folder_of_macros(root: Path) -> Project:
    return small(root, str(PACKAGE / "macros")).hook(LINE, LINE)


def as_a_folder_of_a_repository(root: Path) -> Project:
    repository = root.parent / "repository"
    shutil.copytree(PACKAGE, repository / "dbt_macros", ignore=shutil.ignore_patterns("dbt_packages", "target", "logs"))
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    for command in (("init", "-q", "-b", "main"), ("add", "."), (*author, "commit", "-q", "-m", "Macros")):
        subprocess.run(("git", *command), cwd=repository, check=True)
    stated = {"git": f"file://{repository}", "subdirectory": "dbt_macros", "revision": "main", "warn-unpinned": False}
    return small(root).install(yaml.safe_dump({"packages": [stated]}))


@pytest.mark.parametrize(
    "installed",
    [as_a_package, as_a_package_with_the_bare_line, as_a_folder_of_macros, as_a_folder_of_a_repository],
)
def test_it_exports_once(installed: Callable[[Path], Project], tmp_path: Path) -> None:
    project = installed(tmp_path / "small")
    ran = project.dbt("run", transport="table")
    assert ran.returncode == 0, ran.output
    assert not ran.lines("WARNING")
    assert [len(document["nodes"]) for document in documents_of_rows(project.rows())] == [1]
    assert [each["transport"] for each in project.markers()] == ["table"]
    assert len(project.rows()) == 1


def test_every_macro_and_argument_is_documented() -> None:
    stated = re.compile(r"{% macro (\w+)\(([^)]*)\)")
    written = {
        name: re.findall(r"\w+", arguments) for file in MACROS for name, arguments in stated.findall(file.read_text())
    }
    documented = yaml.safe_load((PACKAGE / "macros" / "_macros.yml").read_text())["macros"]
    assert {each["name"]: [a["name"] for a in each.get("arguments", ())] for each in documented} == written
    assert all(each["description"].strip() for each in documented)


@pytest.mark.parametrize("file", MACROS, ids=lambda file: file.stem)
def test_a_file_holds_one_macro_and_its_variants(file: Path) -> None:
    names = re.findall(r"{% macro (\w+)\(", file.read_text())
    assert {name.rpartition("__")[2] for name in names} == {file.stem}


def test_macros_keep_of_a_node_what_the_catalog_keeps() -> None:
    nodes = _lists("airflow_catalog_nodes")
    assert nodes["kept_keys"] | {"compiled_code"} == set(_KEPT)
    assert (nodes["config_keys"], nodes["column_keys"]) == (set(_CONFIG), set(_COLUMN))
    assert nodes["brought"] == set(_BROUGHT)
    assert _lists("airflow_catalog_parents")["keys"] | {"config"} == set(_PLACED)


def _lists(macro: str) -> dict[str, set[str]]:
    text = (PACKAGE / "macros" / "record" / f"{macro}.sql").read_text()
    lists = re.findall(r"set (\w*keys|brought) = \[(.*?)\]", text, re.DOTALL)
    return {name: set(re.findall(r"'(\w+)'", body)) for name, body in lists}
