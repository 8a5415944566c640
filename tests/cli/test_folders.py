"""`airflow-catalog paths`: where things are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def test_paths_are_those_of_this_environment(run: Run, tmp_path: Path) -> None:
    found = run("paths", "-o", "json").json
    assert Path(found.pop("dags")).samefile(ROOT / "dags")
    assert Path(found.pop("dbt")).samefile(ROOT / "dbt_macros")
    assert found == {
        "store": f"sqlite:///{tmp_path}/catalog.db",
        "spool": f"{tmp_path}/catalog-spool",
        "config": f"{tmp_path}/airflow.cfg",
    }


def test_paths_follow_the_settings(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.cfg"
    other.write_text("[catalog]\nspool_dir = /var/spool/catalog\n")
    monkeypatch.setenv("AIRFLOW_CONFIG", str(other))
    found = run("--store", "sqlite:////elsewhere/catalog.db", "paths", "-o", "json").json
    assert (found["config"], found["spool"]) == (str(other), "/var/spool/catalog")
    assert found["store"] == "sqlite:////elsewhere/catalog.db"


def test_people_see_a_line_for_each(run: Run) -> None:
    names = [line.split()[0] for line in run("paths").out.splitlines()]
    assert names == ["dags", "dbt", "store", "spool", "config"]


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@db:5432/catalog", "postgresql://db/catalog?password=hunter2"])
def test_paths_show_no_password(run: Run, url: str) -> None:
    done = run("--store", url, "paths")
    assert done.code == 0
    assert "hunter2" not in done.out
    assert "postgresql://db" in done.out


def test_paths_do_not_make_what_they_name(run: Run, tmp_path: Path) -> None:
    run("paths")
    assert list(tmp_path.iterdir()) == []
