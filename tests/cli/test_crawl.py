"""`crawl db`: what people see is kept in tests/golden/crawlers/cli.txt, a session in which the database changes.

`UPDATE_GOLDEN=1` writes what is printed now. How long it took is 0.00 there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_provider_catalog.cli import crawl
from airflow_provider_catalog.cli.progress import Progress
from tests.cli.conftest import Run
from tests.crawled import Database
from tests.deployment import Deployment

GOLDEN = Path(__file__).parents[1] / "golden" / "crawlers" / "cli.txt"


@pytest.fixture
def shop(tmp_path: Path) -> Database:
    return Database.of("sqlite", tmp_path)


def session(text: str, shop: Database, run: Run) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("# "):
            yield line
            shop.run(line.removeprefix("# "))
        elif line.startswith("$ "):
            yield line
            done = run(*shlex.split(line.removeprefix("$ airflow-catalog ").replace("URL", shop.url)))
            yield f"{done.out}{done.err}".rstrip("\n")


def test_what_people_see_is_as_kept(shop: Database, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = GOLDEN.read_text(encoding="utf-8")
    seen = "\n".join(session(expected, shop, run)).replace(str(tmp_path), "")
    found = re.sub(r"\b\d+\.\d+(?=$|\n)", "0.00", seen) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == expected


@pytest.mark.parametrize(
    "args", [["crawl"], ["crawl", "db"], ["crawl", "db", "sqlite:///x.db", "--conn-id", "shop"], ["crawl", "s3"]]
)
def test_one_database_is_named_in_one_way(run: Run, args: list[str]) -> None:
    assert run(*args).code == 2


def test_a_connection_of_airflow_is_crawled(shop: Database, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run("CREATE TABLE orders (id INTEGER)")
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps({"conn_type": "sqlite", "host": shop.path}))
    assert run("crawl", "db", "--conn-id", "shop", "-o", "json").json["new"] == 1
    assert run("crawl", "db", shop.url, "-o", "json").json["unchanged"] == 1
    done = run("crawl", "db", "--conn-id", "nowhere")
    assert (done.code, done.err) == (
        1,
        "airflow-catalog: nowhere was not crawled: Airflow has no connection of that name\n",
    )


def test_a_connection_that_airflow_keeps_is_found_outside_of_tasks(deployment: Deployment, shop: Database) -> None:
    shop.run("CREATE TABLE orders (id INTEGER)")
    added = deployment.run("connections", "add", "shop", "--conn-type", "sqlite", "--conn-host", shop.path)
    assert added.returncode == 0, added.stderr
    command = ("-m", "airflow_provider_catalog.cli", "crawl", "db", "--conn-id", "shop", "-o", "json")
    done = deployment.python(*command, store_url=deployment.store_url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout[done.stdout.index("{") :])["new"] == 1


def test_a_url_is_crawled_without_airflow(shop: Database, url: str) -> None:
    shop.run("CREATE TABLE orders (id INTEGER)")
    code = (
        "import sys; from airflow_provider_catalog.cli import main\n"
        f"assert main(['--store', {url!r}, 'crawl', 'db', {shop.url!r}]) == 0\n"
        "assert 'airflow' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_new_bar_begins_when_something_else_is_counted() -> None:
    shown: list[object] = []

    class Bar(Progress):
        def begin(self, what: str, total: int | None) -> None:
            shown.append((what, total))

        def update(self, completed: int, count: int) -> None:
            shown.append((completed, count))

    tell = crawl._telling(Bar())
    tell("tables seen", 500, None)
    tell("tables sent", 500, 700)
    tell("tables sent", 700, 700)
    assert shown == [(500, 500), ("tables sent", 700), (500, 500), (700, 700)]
