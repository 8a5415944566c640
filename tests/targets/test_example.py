"""The example of the documentation, run as it stands there."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, run, url, world
from tests.services.world import World, table

__all__ = ["run", "url", "world"]
PAGE = Path(__file__).parents[2] / "docs" / "publish.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example is installed, and told where to write."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    package = tmp_path / "my_company"
    package.mkdir()
    (package / "catalog.py").write_text(code)
    (made := tmp_path / "files").mkdir()
    for name, value in (("CATALOG_FOLDER", str(made)), ("AIRFLOW__CATALOG__PUBLISH", "my_company.catalog.Folder")):
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("my_company", "my_company.catalog"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return made


def test_it_publishes_what_it_takes_and_says_what_it_refuses(run: Run, world: World, folder: Path) -> None:
    world.said(table("orders"), "ownership", {"owners": [{"name": "ann"}]})
    done = run("worker", "--once", "-o", "json").json
    assert (done["published"], done["refused"]) == (1, 4)
    (file,) = folder.iterdir()
    assert json.loads(file.read_text())["dataset"] == "postgres://db:5432/shop.public.orders"
    listed = run("outbox", "list", "--target", "folder", "-o", "json").json
    assert listed["targets"] == [{"target": "folder", "waiting": 0, "refused": 4, "down_since": None, "reason": ""}]
    assert {each["reason"] for each in listed["refused"]} == {"nobody owns it"}
    run("set", "revenue", "--owner", "bob")
    assert run("worker", "--once", "-o", "json").json["published"] == 1
    assert len([*folder.iterdir()]) == 2


def test_while_its_folder_is_away_everything_waits(run: Run, world: World, folder: Path) -> None:
    world.said(table("orders"), "ownership", {"owners": [{"name": "ann"}]})
    folder.rmdir()
    done = run("worker", "--once")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "the target folder takes nothing: [Errno 2] No such file" in done.err
    assert run("outbox", "list", "-o", "json").json["targets"][0]["waiting"] == 5
    folder.mkdir()
    assert run("worker", "--once", "-o", "json").json["published"] == 1
