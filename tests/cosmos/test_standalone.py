"""dbt in a real Airflow: what a task has loaded, what Cosmos and a shell have made of it, and what tests found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
import pytest

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, JobId
from airflow_provider_catalog.services.lineage import walk
from airflow_provider_catalog.sources.dbt.nodes import CHECK
from airflow_provider_catalog.store.protocol import RunRow
from airflow_provider_catalog.store.sql.store import SqlStore
from benchmarks.postgres import PostgresServer
from tests.dbt_macros.project import DBT
from tests.dbt_projects.built import Built, build
from tests.integration.standalone import Standalone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("standalone")]
DAGS = Path(__file__).with_name("standalone_dags")
COSMOS = ("stg_orders", "stg_order_lines", "fct_order_lines")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Built]:
    made = build("shop", "postgres", tmp_path_factory.mktemp("project"), postgres_server)
    assert made.ran.returncode == 0, made.ran.output
    with psycopg.connect(made.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA arrived")
        connection.execute("CREATE TABLE arrived.orders AS SELECT * FROM raw_shop.orders")
    yield made
    postgres_server.drop_database(made.url.rpartition("/")[2])


@pytest.fixture(scope="module")
def airflow(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    told = built.project.environment
    warehouse = {
        "conn_type": "postgres",
        "host": told["SHOP_PG_HOST"],
        "port": int(told["SHOP_PG_PORT"]),
        "login": told["SHOP_PG_USER"],
        "password": told["SHOP_PG_PASSWORD"],
        "schema": told["SHOP_PG_DBNAME"],
    }
    options = {
        "AIRFLOW_CONN_WAREHOUSE": json.dumps(warehouse),
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "airflow_provider_catalog.transport.CatalogTransport"}),
        "TESTED_PROJECT": str(built.project.root),
        "TESTED_DBT": str(DBT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
        **told,
    }
    with Standalone(tmp_path_factory.mktemp("cosmos"), DAGS, options) as found:
        yield found


@pytest.fixture(scope="module")
def store(airflow: Standalone) -> Iterator[SqlStore]:
    airflow.trigger("cosmos_shop", "first")
    assert airflow.await_run("cosmos_shop", "first") == "success", airflow.told()
    found = SqlStore(f"sqlite:///{airflow.path / 'catalog.db'}")
    airflow.until(lambda: not found.status().pending and bool(_runs(found, "stg_products")), 60)
    yield found
    found.close()


def _named(store: SqlStore, name: str) -> list[int]:
    """The jobs of a node, as everybody names it."""
    found = (each for each in store.scan("job", limit=10_000) if not each.name.startswith("cosmos_shop"))
    return [each.uid for each in found if each.name.endswith(f".shop.{name}")]


def _runs(store: SqlStore, name: str) -> list[RunRow]:
    jobs = _named(store, name)
    return store.runs(jobs) if jobs else []


def _relation(built: Built, relation: str) -> DatasetId:
    return DatasetId(built.namespace, f"{built.url.rpartition('/')[2]}.{relation}")


@pytest.mark.parametrize("name", [*COSMOS, "stg_products"])
def test_a_model_is_one_job_that_ran_once(store: SqlStore, name: str) -> None:
    assert len(_named(store, name)) == 1
    assert [run.state.name for run in _runs(store, name)] == ["COMPLETE"]


def test_a_run_is_below_the_task_that_ran_dbt(store: SqlStore) -> None:
    (run,) = _runs(store, "fct_order_lines")
    invocation = store.run(str(run.parent_run_id))
    assert invocation is not None
    task = store.run(str(invocation[0].parent_run_id))
    assert task is not None
    (job,) = store.entities([task[0].job]).values()
    assert job.name == "cosmos_shop.shop.fct_order_lines_run"


def test_no_dataset_is_there_twice(store: SqlStore) -> None:
    """Whoever named it: the task of SQL, Cosmos' assets, its OpenLineage events, dbt, or the crawl."""
    nodes = [each for each in store.scan("dataset", limit=10_000) if each.uid == each.node]
    shown = Counter(tuple(each.name.lower().rsplit(".", 2)[-2:]) for each in nodes)
    assert [name for name, count in shown.items() if count > 1] == []
    assert len(nodes) > 50


def test_what_a_task_loads_goes_on_through_dbt(built: Built, store: SqlStore) -> None:
    answer = walk(store, str(_relation(built, "arrived.orders")), direction="downstream", depth=3)
    names = {".".join(node.label.id.rsplit(".", 2)[-2:]): node.distance for node in answer.downstream}
    assert names["raw_shop.orders"] == 1
    assert names["analytics_staging.stg_orders"] == 2
    assert names["analytics.fct_order_lines"] == 3


@pytest.mark.parametrize("relation", ["analytics_staging.stg_orders", "analytics.fct_order_lines"])
def test_each_column_is_made_of_what_its_sql_says_and_only_once(
    airflow: Standalone, built: Built, store: SqlStore, relation: str
) -> None:
    """A star of an ephemeral model, too, once the catalog has put together what it knows."""
    wanted = {name: sorted(map(tuple, some)) for name, some in built.golden("column_lineage")[relation].items()}
    airflow.until(lambda: _made_of(store, _relation(built, relation), wanted) == wanted, 30)
    assert _made_of(store, _relation(built, relation), wanted) == wanted


def _made_of(store: SqlStore, dataset: DatasetId, columns: Iterable[str]) -> dict[str, list[tuple[str, str, str]]]:
    uids = {ColumnId(dataset, name).uid: name for name in columns}
    edges = [e for e in store.neighbours(uids, "upstream", level="column") if e.kind is not None and e.kind.direct]
    above = store.columns({edge.source for edge in edges})
    datasets = store.entities({column.dataset for column in above.values()})
    found: dict[str, list[tuple[str, str, str]]] = {name: [] for name in columns}
    for edge in edges:
        source = above[edge.source]
        table = datasets[source.dataset].name.partition(".")[2]
        found[uids[edge.target]].append((table, source.name, edge.kind.name if edge.kind else ""))
    return {name: sorted(some) for name, some in found.items()}


def test_tests_are_told_once_and_write_nothing(built: Built, store: SqlStore) -> None:
    dataset = _relation(built, "analytics_staging.stg_orders")
    checks = [fact for fact in store.facts([dataset.uid]) if fact.aspect.startswith(CHECK)]
    assert checks
    assert len({fact.aspect for fact in checks}) == len(checks)
    tested = _named(store, "stg_orders.test")
    assert len(tested) == 1
    assert [port.direction for port in store.ports(jobs=tested) if port.direction == "w"] == []
    task = JobId("default", "cosmos_shop.shop.stg_orders.test")
    assert [port for port in store.ports(jobs=[task.uid]) if port.direction == "w"] == []


def test_nothing_was_refused(store: SqlStore) -> None:
    assert store.dead_letters() == []
