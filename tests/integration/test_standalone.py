"""A real Airflow, from a task that runs to what the catalog shows of it.

The tests are one story of one Airflow: what everything leaves behind, how soon, and what becomes of it when nobody
takes it. In the end its api-server is killed, and all of it is stopped.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from airflow_provider_catalog.capture.handover import Breaker
from airflow_provider_catalog.capture.lock import try_lock
from airflow_provider_catalog.services.lineage import walk
from demo.home import taken
from tests.integration.catalog import Catalog
from tests.integration.standalone import Standalone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("standalone")]
DAGS = Path(__file__).with_name("dags")
RUN = "/dags/everything/dagRuns/first"
TASKS = ("success", "mapped", "deferred", "marked_failed", "failure", "retry", "killed", "skipped", "cleared")
TABLES = """
CREATE TABLE orders (customer TEXT, amount INTEGER);
CREATE TABLE customers (name TEXT, country TEXT);
CREATE TABLE parts (part INTEGER, amount INTEGER);
INSERT INTO orders VALUES ('ada', 120), ('grace', 80);
INSERT INTO customers VALUES ('ada', 'UK'), ('grace', 'US');
"""


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("standalone")
    database = home / "shop.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(TABLES)
    connection_to_it = {"AIRFLOW_CONN_SHOP": json.dumps({"conn_type": "sqlite", "host": str(database)})}
    with Standalone(home, DAGS, connection_to_it) as found:
        yield found


@pytest.fixture(scope="module")
def catalog(airflow: Standalone) -> Iterator[Catalog]:
    found = Catalog(airflow.path, airflow.path / "shop.db")
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def everything(airflow: Standalone, catalog: Catalog) -> Catalog:
    """A run of the DAG in which, by hand, a task is marked failed while it runs and another success after it, a third
    is cleared, and at last the run itself is marked success.
    """
    airflow.trigger("everything", "first")
    airflow.await_task("everything", "first", "marked_failed", "running")
    airflow.ask("PATCH", f"{RUN}/taskInstances/marked_failed", new_state="failed")
    assert airflow.await_run("everything", "first") == "failed"
    airflow.ask("PATCH", f"{RUN}/taskInstances/marked_success", new_state="success")
    clear = {"dag_run_id": "first", "task_ids": ["cleared"], "only_failed": False, "dry_run": False}
    airflow.ask("POST", "/dags/everything/clearTaskInstances", **clear)
    assert airflow.await_run("everything", "first") == "failed"
    airflow.ask("PATCH", RUN, state="success")
    airflow.until(catalog.settled)
    return catalog
