from __future__ import annotations

import shutil
import subprocess
import sys
from configparser import ConfigParser
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "airflow_provider_catalog"
MAPPED = {
    "airflow_provider_catalog.dags": ROOT / "dags",
    "airflow_provider_catalog.dbt_macros": ROOT / "dbt_macros",
}
"""Folders that are packages under another name."""
MACROS = ROOT / "dbt_macros"
_MADE = {"target", "logs", "dbt_packages"}
"""Folders of dbt that git does not keep."""
EXTRAS = {"all", "amazon", "atlas", "dbt", "dev", "fast", "postgres", "search"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that nothing left over in a `build` folder gets in."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for folder in (PACKAGE, *MAPPED.values()):
        shutil.copytree(folder, copy / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def built(source: Path, how: str) -> ZipFile:
    build = f"from setuptools import build_meta; build_meta.build_{how}({how!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (made,) = (source / how).glob("*.whl")
    return ZipFile(made)


@pytest.fixture(scope="module")
def wheel(source: Path) -> ZipFile:
    return built(source, "wheel")


def metadata(wheel: ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def test_the_wheel_holds_every_module_of_the_package(wheel: ZipFile) -> None:
    modules = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py")}
    modules |= {
        f"{name.replace('.', '/')}/{path.relative_to(folder)}"
        for name, folder in MAPPED.items()
        for path in folder.rglob("*.py")
    }
    assert modules <= set(wheel.namelist())


def test_every_package_is_listed() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert setup["options"]["packages"].split() == sorted({*found, *MAPPED})


def test_an_editable_installation_finds_the_folders_under_their_names(source: Path, tmp_path: Path) -> None:
    built(source, "editable").extractall(tmp_path)
    modules = [name for name, folder in MAPPED.items() if (folder / "__init__.py").exists()]
    code = (
        f"import site; site.addsitedir({str(tmp_path)!r}); from importlib.resources import files;"
        f"print(*map(files, {[*modules, PACKAGE.name]}), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-ISc", code], capture_output=True, text=True, check=True)
    assert [Path(line).parent for line in done.stdout.splitlines()] == [source] * (len(modules) + 1)


def test_the_wheel_holds_every_file_a_migration_needs(wheel: ZipFile) -> None:
    templates = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.mako")}
    assert templates <= set(wheel.namelist())


def test_the_wheel_holds_the_whole_dbt_package(wheel: ZipFile) -> None:
    files = (file for kind in ("sql", "yml", "csv", "md") for file in MACROS.rglob(f"*.{kind}"))
    kept = {f"airflow_provider_catalog/{file.relative_to(ROOT)}" for file in files if not _MADE & {*file.parts}}
    assert len(kept) > 30
    assert kept == {name for name in wheel.namelist() if "/dbt_macros/" in name}


def test_the_wheel_installs_one_top_level_package_and_none_that_dbt_would_load(wheel: ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"airflow_provider_catalog"}


def test_the_wheel_is_typed(wheel: ZipFile) -> None:
    assert "airflow_provider_catalog/py.typed" in wheel.namelist()


def test_the_wheel_carries_its_licence(wheel: ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("/LICENSE"))
    assert wheel.read(name) == (ROOT / "LICENSE").read_bytes()
    assert metadata(wheel)["License-Expression"] == "Apache-2.0"


def test_the_extras_that_the_documentation_names_exist(wheel: ZipFile) -> None:
    assert set(metadata(wheel).get_all("Provides-Extra", [])) == EXTRAS


def test_nothing_is_pinned() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    requirements = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    assert not [line for text in requirements for line in text.splitlines() if "==" in line]


def test_the_entry_points_are_the_ones_airflow_and_the_shell_look_for(wheel: ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    points = ConfigParser()
    points.read_string(wheel.read(name).decode())
    assert dict(points["console_scripts"]) == {"airflow-catalog": "airflow_provider_catalog.cli:main"}
    assert dict(points["apache_airflow_provider"]) == {
        "provider_info": "airflow_provider_catalog.provider_info:get_provider_info"
    }
    assert dict(points["airflow.plugins"]) == {"catalog": "airflow_provider_catalog.plugin:CatalogPlugin"}
