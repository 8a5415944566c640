"""Workers that reach nothing but one URL, as on other machines: no database of the catalog, no file of it, no worker.

One Airflow has the catalog in its api-server. Another, with a scheduler and tasks of its own, knows a URL and a token.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from benchmarks.api_server import ApiServer
from tests.integration.standalone import Standalone

pytestmark = [pytest.mark.slow]
DAGS = Path(__file__).with_name("locked_down")
TABLES = """
CREATE TABLE orders (customer TEXT, amount INTEGER);
CREATE TABLE customers (name TEXT, country TEXT);
INSERT INTO orders VALUES ('ada', 120), ('grace', 80);
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with ApiServer(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def airflow(server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("locked-down")
    with closing(sqlite3.connect(home / "shop.db")) as connection:
        connection.executescript(TABLES)
    options = {
        "AIRFLOW_CONN_SHOP": json.dumps({"conn_type": "sqlite", "host": str(home / "shop.db")}),
        "AIRFLOW__CATALOG__INGEST_URL": server.catalog,
        "AIRFLOW__CATALOG__INGEST_TOKEN": server.token("ingest"),
        "AIRFLOW__CATALOG__EMBEDDED_WORKER": "False",
        "AIRFLOW_CONN_CATALOG_DEFAULT": json.dumps(
            {"conn_type": "catalog", "host": server.catalog, "password": server.token("store")}
        ),
    }
    with Standalone(home, DAGS, options) as found:
        found.trigger("locked_down", "first")
        assert found.await_run("locked_down", "first") == "success"
        yield found


@pytest.fixture(scope="module")
def reader(server: ApiServer) -> Iterator[httpx.Client]:
    with server.client(server.user_token()) as client:
        yield client


def table(airflow: Standalone, name: str) -> str:
    return f"sqlite://{airflow.path / 'shop.db'}/{name}"


def test_what_tasks_did_is_known_where_the_catalog_is(airflow: Standalone, reader: httpx.Client) -> None:
    asked = {"dataset": table(airflow, "best"), "direction": "upstream"}
    airflow.until(lambda: len(reader.get("/lineage", params=asked).json().get("edges", ())) == 2)
    edges = reader.get("/lineage", params=asked).json()["edges"]
    assert [(edge["source"], edge["target"]) for edge in edges] == [
        (table(airflow, "orders"), table(airflow, "revenue")),
        (table(airflow, "revenue"), table(airflow, "best")),
    ]


def test_a_task_that_asked_got_the_answer(airflow: Standalone) -> None:
    told = airflow.ask("GET", "/dags/locked_down/dagRuns/first/taskInstances/asks/xcomEntries/return_value")
    assert sorted(told["value"] if isinstance(told["value"], list) else json.loads(told["value"])) == [
        "orders",
        "revenue",
    ]


def test_what_was_crawled_is_known(airflow: Standalone, reader: httpx.Client) -> None:
    asked = {"dataset": table(airflow, "customers")}
    airflow.until(lambda: reader.get("/dataset", params=asked).is_success)
    columns = reader.get("/dataset", params=asked).json()["columns"]
    assert [column["name"] for column in columns] == ["name", "country"]


def test_runs_and_dag_runs_arrive_and_say_who_sent_them(airflow: Standalone, server: ApiServer) -> None:
    with server.client(server.user_token()) as reader:
        airflow.until(lambda: reader.get("/job/runs", params={"job": "locked_down.crawls"}).is_success)
        runs = reader.get("/job/runs", params={"job": "locked_down.crawls"}).json()["runs"]
        assert [run["state"] for run in runs] == ["COMPLETE"]
        events = reader.get(f"/run/{runs[0]['run_id']}").json()["events"]
    assert {event["details"]["sender"][:12] for event in events} == {"token:ingest"}


def test_nothing_of_the_catalog_was_made_where_the_tasks_are(airflow: Standalone) -> None:
    assert not list(airflow.path.rglob("catalog*.db"))
