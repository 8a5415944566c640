"""`make demo`, as somebody who sees it for the first time."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.home import Home, taken

ROOT = Path(__file__).parents[2]
CATALOG = str(Path(sys.executable).parent / "airflow-catalog")


class Demo:
    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.home = Home(home, free.getsockname()[1])

    def do(self, what: str) -> str:
        line = [sys.executable, "-m", "demo", what, "--home", str(self.home.path), "--port", str(self.home.port)]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, *args: str) -> Any:
        environment = dict(self.home.environment())
        done = subprocess.run(
            [CATALOG, *args, "-o", "json"],
            cwd=self.home.path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    try:
        yield demo
    finally:
        demo.home.stop()


def test_the_demo_shows_where_the_last_table_comes_from_and_leaves_nothing_behind(demo: Demo) -> None:
    told = demo.do("start")
    assert demo.home.url in told
    assert demo.home.login()[1] in told
    shop, files = f"sqlite://{demo.home.path / 'shop.db'}", f"file/{demo.home.path / 'shop'}"

    answer = demo.ask("lineage", f"{shop}/revenue", "--depth", "5")
    assert [(node["dataset_id"], node["distance"]) for node in answer["lineage"]["upstream"]] == [
        (f"{shop}/customers", 1),
        (f"{shop}/orders", 1),
        (f"{files}/berlin.csv", 2),
        (f"{files}/lisbon.csv", 2),
        (f"{files}/oslo.csv", 2),
    ]
    explained = demo.ask("explain", "example_shop", "reports")
    assert {(edge["source"], edge["target"], edge["rule"]) for edge in explained["edges"]} == {
        (f"{shop}/orders", f"{shop}/revenue", "sql"),
        (f"{shop}/customers", f"{shop}/revenue", "sql"),
        (f"{shop}/orders", f"{shop}/top_customers", "sql"),
    }
    coverage = demo.ask("coverage", "--dag", "example_shop")
    without = {task["task"] for task in coverage["tasks"] if not task["has_lineage"]}
    assert without == {"default/example_shop.settle", "default/example_shop.check_returns"}

    assert demo.do("stop").startswith("Stopped ")
    assert demo.home.processes() == []
    assert not taken(demo.home.port)
    assert demo.do("stop") == "The demo was not running.\n"
