"""`DatabaseCrawlOperator`, in a real Airflow that knows one URL and a token, and by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.links import CatalogLink
from airflow_provider_catalog.operators.database import DatabaseCrawlOperator
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.worker.merge import Merger
from tests.crawled import Database
from tests.deployment import Deployment
from tests.served import Server

DAGS = str(Path(__file__).with_name("dags"))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database.of("sqlite", tmp_path)
    database.run(
        "CREATE TABLE orders (id INTEGER)", "CREATE TABLE customers (id INTEGER)", "CREATE TABLE secrets (id INTEGER)"
    )
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps({"conn_type": "sqlite", "host": database.path}))
    return database


def test_a_task_that_knows_one_url_and_a_token_crawls(server: Server, shop: Database, deployment: Deployment) -> None:
    environment = deployment.environment(ingest_url=server.place, ingest_token="worker-secret") | {
        "AIRFLOW__CORE__DAGS_FOLDER": DAGS
    }
    del environment["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
    command = [sys.executable, "-m", "airflow", "dags", "test", "crawling"]
    done = subprocess.run(command, cwd=deployment.home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (deployment.home / "catalog.db").exists()
    store = server.state.store
    Merger(store).drain()
    assert [column.name for column in describe(store, find_dataset(store, "orders")).columns] == ["id"]
    names = {entity.name for entity in store.scan("dataset")}
    assert names == {"orders", "customers"}


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)
    return url


def counted(**options: Any) -> dict[str, Any]:
    return DatabaseCrawlOperator(task_id="crawl", conn_id="shop", **options).execute({})


@pytest.mark.parametrize(
    ("options", "tables"),
    [
        ({}, 3),
        ({"include": ["main.o*", "main.c*"]}, 2),
        ({"include": "main.o*, main.c*"}, 2),
        ({"include": [], "exclude": ["main.secret*"]}, 2),
        ({"include": "*.orders", "exclude": "*.orders"}, 0),
    ],
)
def test_it_gives_back_what_it_counted(shop: Database, catalog: str, options: dict[str, Any], tables: int) -> None:
    found = counted(**options)
    assert (found["tables"], found["new"], found["database"]) == (tables, tables, f"sqlite://{shop.path}")
    json.dumps(found)


def test_the_next_time_only_what_changed_is_sent(shop: Database, catalog: str) -> None:
    counted()
    with closing(open_store(catalog)) as store:
        Merger(store).drain()
        shop.run("ALTER TABLE orders ADD COLUMN paid INTEGER", "DROP TABLE secrets")
        found = counted()
        assert (found["new"], found["changed"], found["gone"], found["unchanged"]) == (0, 1, 1, 1)
        assert store.status().pending == 2


def test_its_page_links_to_the_catalog_and_its_fields_are_templates() -> None:
    assert DatabaseCrawlOperator.template_fields == ("conn_id", "include", "exclude")
    assert isinstance(DatabaseCrawlOperator.operator_extra_links[0], CatalogLink)
