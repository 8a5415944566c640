"""AWS Glue behind a real Airflow: what its tasks write to S3 and to a database are tables there, within seconds.

S3 is moto's, Glue the strict server, which counts what it is asked. The tests are one story: a first run, a user who
writes words of their own, the same run once more, and one that writes a column more. In the end others read the tables.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import awswrangler as wr
import boto3
import httpx
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from airflow_provider_catalog.cli import main
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.types.types import hive_type
from airflow_provider_catalog.targets.glue.wanted import columns_of
from benchmarks.postgres import PostgresServer
from tests.connections import to_postgres
from tests.glue.server import GlueServer
from tests.integration.catalog import Catalog
from tests.integration.standalone import Standalone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("standalone")]
DAGS = Path(__file__).with_name("glue")
RULES = [{"match": "s3://lake/{database}/{table}"}, {"match": "postgres://*/*.mart.{table}", "database": "mart"}]
TABLES = (
    "CREATE SCHEMA mart",
    "CREATE TABLE orders (customer VARCHAR(20), amount NUMERIC(10, 2), sold_at TIMESTAMPTZ)",
    "INSERT INTO orders VALUES ('ada', 12.50, '2026-01-01'), ('grace', 8, '2026-01-02')",
)
ORDERS = {
    "id": "bigint",
    "customer": "string",
    "amount": "decimal(10,2)",
    "sold_at": "timestamp",
    "tags": "array<string>",
    "address": "struct<city:string,zip:int>",
}
REVENUE = {"customer": "varchar(20)", "revenue": "decimal(12,2)", "last_on": "timestamp", "days": "array<date>"}
WIDER = {"orders": {**ORDERS, "discount": "double"}, "revenue": {**REVENUE, "orders": "bigint"}}
PLACES = {"orders": "sales", "revenue": "mart"}
WORDS, COMMENT, PARAMETERS = "Ask the sales team.", "the number on the bill", {"cost_center": "42"}


class Seen(NamedTuple):
    """What there is when all that a run did was carried out, by the names of tables. `writes`: the calls it took."""

    tables: dict[str, dict[str, Any]]
    versions: dict[str, int]
    partitions: dict[str, str]
    writes: dict[str, int]

    def types(self, table: str) -> dict[str, str]:
        return {each["Name"]: each["Type"] for each in self.tables[table]["StorageDescriptor"]["Columns"]}

    def comments(self, table: str) -> dict[str, str]:
        columns = self.tables[table]["StorageDescriptor"]["Columns"]
        return {each["Name"]: each["Comment"] for each in columns if "Comment" in each}


# -- who is there


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """It has a bucket, and forgets what other tests did."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.post(f"{url}/moto-api/reset").raise_for_status()
    client = boto3.session.Session("testing", "testing", region_name="eu-west-1").client("s3", endpoint_url=url)
    client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield url
    server.stop()


@pytest.fixture(scope="module")
def glue() -> Iterator[GlueServer]:
    with GlueServer() as server:
        yield server
    assert not server.failures


@pytest.fixture(scope="module")
def aws(s3: str, glue: GlueServer) -> Mapping[str, str]:
    return {**glue.environment, "AWS_ENDPOINT_URL_S3": s3}


@pytest.fixture(scope="module")
def postgres(postgres_server: PostgresServer) -> Iterator[dict[str, object]]:
    url = postgres_server.create_database("lake")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in TABLES:
            connection.execute(statement)
    yield to_postgres(url)
    postgres_server.drop_database("lake")


@pytest.fixture(scope="module")
def airflow(
    tmp_path_factory: pytest.TempPathFactory, aws: Mapping[str, str], postgres: dict[str, object]
) -> Iterator[Standalone]:
    options = {
        **aws,
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps({"conn_type": "aws"}),
        "AIRFLOW_CONN_POST": json.dumps(postgres),
        "AIRFLOW__CATALOG__PUBLISH": "files, glue",
        "AIRFLOW__CATALOG__GLUE_MAPPING": json.dumps(RULES),
    }
    with Standalone(tmp_path_factory.mktemp("glue"), DAGS, options) as found:
        yield found


@pytest.fixture(scope="module")
def store(airflow: Standalone) -> Iterator[SqlStore]:
    found = SqlStore(f"sqlite:///{airflow.path / 'catalog.db'}")
    yield found
    found.close()


# -- what happens


@pytest.fixture(scope="module")
def soon(airflow: Standalone, glue: GlueServer) -> dict[str, str]:
    """The first run begins: columns of the table that its first task wrote, seconds after that has ended."""
    airflow.trigger("lake", "first")
    airflow.await_task("lake", "first", "write_orders", "success")
    airflow.until(lambda: "sales" in _databases(glue) and seen(glue).types("orders"), 20)
    return seen(glue).types("orders")


@pytest.fixture(scope="module")
def first(airflow: Standalone, glue: GlueServer, soon: dict[str, str]) -> Seen:
    return ended(airflow, glue, "first")


@pytest.fixture(scope="module")
def edited(glue: GlueServer, first: Seen) -> Seen:
    """By a user of boto3, table by table."""
    client = glue.client()
    known = set(client.meta.service_model.shape_for("TableInput").members)
    for name, database in PLACES.items():
        table = {key: each for key, each in first.tables[name].items() if key in known}
        table["Description"] = f"{WORDS}\n\n{table.get('Description', '')}".strip()
        table["Parameters"] = {**table["Parameters"], **PARAMETERS}
        table["StorageDescriptor"]["Columns"][0]["Comment"] = COMMENT
        client.update_table(DatabaseName=database, TableInput=table)
    return seen(glue)


@pytest.fixture(scope="module")
def second(airflow: Standalone, glue: GlueServer, edited: Seen) -> Seen:
    return ran(airflow, glue, "second")


@pytest.fixture(scope="module")
def wider(airflow: Standalone, glue: GlueServer, second: Seen) -> Seen:
    return ran(airflow, glue, "wider")


def ran(airflow: Standalone, glue: GlueServer, run: str) -> Seen:
    glue.forget()
    airflow.trigger("lake", run)
    return ended(airflow, glue, run)


def ended(airflow: Standalone, glue: GlueServer, run: str) -> Seen:
    assert airflow.await_run("lake", run) == "success"
    catalog = Catalog(airflow.path, airflow.path)
    with closing(catalog.store):
        airflow.until(lambda: all(_quiet(catalog) for _ in range(2)))
    return seen(glue)


def _quiet(catalog: Catalog) -> bool:
    """What a target finds comes in once more, so that one look is not enough."""
    waiting = {each.target: each.waiting + each.refused for each in catalog.store.outbox.standing()}
    return catalog.settled() and waiting.keys() >= {"files", "glue"} and not any(waiting.values())


def seen(glue: GlueServer) -> Seen:
    calls = {name: count for name, count in glue.calls.items() if not name.startswith(("Get", "BatchGet"))}
    found = {name: PLACES[name] for name in PLACES if PLACES[name] in _databases(glue)}
    tables = {
        name: glue.call("GetTable", DatabaseName=database, Name=name)["Table"] for name, database in found.items()
    }
    versions = {
        name: len(glue.call("GetTableVersions", DatabaseName=database, TableName=name)["TableVersions"])
        for name, database in found.items()
    }
    partitions = glue.call("GetPartitions", DatabaseName="sales", TableName="orders")["Partitions"]
    where = {each["Values"][0]: each["StorageDescriptor"]["Location"] for each in partitions}
    return Seen(tables, versions, where, calls)


def _databases(glue: GlueServer) -> set[str]:
    """With tables in them."""
    names = [each["Name"] for each in glue.call("GetDatabases")["DatabaseList"]]
    return {name for name in names if glue.call("GetTables", DatabaseName=name)["TableList"]}


# -- the story


def test_what_a_task_wrote_is_a_table_seconds_after_it_has_ended(soon: dict[str, str]) -> None:
    assert soon == ORDERS


def test_a_run_leaves_tables_with_columns_partitions_and_parameters(first: Seen) -> None:
    orders, revenue = first.tables["orders"], first.tables["revenue"]
    assert (first.types("orders"), first.types("revenue")) == (ORDERS, REVENUE)
    assert orders["PartitionKeys"] == [{"Name": "dt", "Type": "string"}]
    assert first.partitions == {f"2026-01-0{day}": f"s3://lake/sales/orders/dt=2026-01-0{day}/" for day in (1, 2)}
    assert orders["StorageDescriptor"]["Location"] == "s3://lake/sales/orders/"
    assert "Parquet" in orders["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert (orders["Parameters"]["classification"], orders["TableType"]) == ("parquet", "EXTERNAL_TABLE")
    assert "What each customer paid." in revenue["Description"]
    assert first.comments("revenue") == {"revenue": "in euro"}


def test_the_same_run_once_more_writes_nothing(edited: Seen, second: Seen) -> None:
    assert second == edited._replace(writes={})


def test_a_column_more_is_one_update_of_each_table_and_its_partition(wider: Seen) -> None:
    assert wider.writes == {"UpdateTable": 2, "BatchCreatePartition": 1}
    assert {name: wider.types(name) for name in PLACES} == WIDER
    assert wider.partitions.keys() == {"2026-01-01", "2026-01-02", "2026-01-03"}


def test_the_table_before_is_kept_as_a_version(glue: GlueServer, second: Seen, wider: Seen) -> None:
    assert wider.versions == {name: count + 1 for name, count in second.versions.items()}
    for name, database in PLACES.items():
        now, before, *_ = glue.call("GetTableVersions", DatabaseName=database, TableName=name)["TableVersions"]
        assert (now["Table"], before["Table"]) == (wider.tables[name], second.tables[name])


@pytest.mark.parametrize("name", PLACES)
def test_what_a_user_wrote_is_still_there(wider: Seen, name: str) -> None:
    table = wider.tables[name]
    assert table["Description"].startswith(WORDS)
    assert table["Parameters"].items() >= PARAMETERS.items()
    assert table["StorageDescriptor"]["Columns"][0]["Comment"] == COMMENT


# -- others read the tables


@pytest.fixture
def reader(aws: Mapping[str, str], wider: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is told by the environment where AWS is."""
    for name, value in aws.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("reader")
def test_boto3_reads_them() -> None:
    pages = boto3.session.Session().client("glue").get_paginator("get_tables").paginate(DatabaseName="sales")
    (table,) = (each for page in pages for each in page["TableList"])
    columns = {each["Name"]: each["Type"] for each in table["StorageDescriptor"]["Columns"]}
    assert (table["Name"], columns) == ("orders", WIDER["orders"])


@pytest.mark.usefixtures("reader")
def test_awswrangler_reads_what_is_said_of_them() -> None:
    assert wr.catalog.get_table_types("sales", "orders") == {**WIDER["orders"], "dt": "string"}
    assert wr.catalog.get_table_types("mart", "revenue") == WIDER["revenue"]
    assert wr.catalog.get_table_description("sales", "orders") == WORDS
    assert wr.catalog.get_columns_comments("mart", "revenue")["revenue"] == "in euro"
    assert wr.catalog.get_table_parameters("sales", "orders")["cost_center"] == "42"
    assert wr.catalog.get_table_location("sales", "orders") == "s3://lake/sales/orders/"
    assert sorted(wr.catalog.tables(database="mart")["Table"]) == ["revenue"]
    assert wr.catalog.does_table_exist("sales", "orders")
    partitions = wr.catalog.get_partitions("sales", "orders")
    assert partitions["s3://lake/sales/orders/dt=2026-01-03/"] == ["2026-01-03"]


@pytest.mark.usefixtures("reader")
def test_awswrangler_reads_their_rows() -> None:
    """Their oldest files have a column less."""
    rows = wr.s3.read_parquet_table("orders", "sales", columns=["id", "dt"], validate_schema=False)
    assert sorted(zip(rows["dt"], rows["id"], strict=True)) == [
        (f"2026-01-0{day}", number) for day in (1, 2, 3) for number in (1, 2)
    ]


@pytest.mark.usefixtures("reader")
def test_crawled_into_an_empty_store_their_schemas_are_those_they_were_made_of(
    tmp_path: Path, glue: GlueServer, store: SqlStore
) -> None:
    url = f"sqlite:///{tmp_path / 'second.db'}"
    assert main(["--store", url, "crawl", "glue", "--catalog-id", glue.state.account]) == 0
    crawled = {"orders": [*_made_of(store, "sales/orders/dt=2026-01-03"), ("dt", "string")]}
    crawled["revenue"] = _made_of(store, "lake.mart.revenue")
    arn = f"arn:aws:glue:{glue.state.region}:{glue.state.account}"
    with closing(open_database(url)) as second:
        for name, database in PLACES.items():
            found = _schema(second, DatasetId(arn, f"table/{database}/{name}").uid)
            assert [(each["name"], each["type"]) for each in found["fields"]] == crawled[name]


def _made_of(store: SqlStore, beginning: str) -> list[tuple[str, str]]:
    """The columns of a dataset in the first store, as Hive has them."""
    (dataset,) = (each for each in store.scan("dataset") if each.name.startswith(beginning))
    dialect = "postgres" if dataset.namespace.startswith("postgres") else ""
    columns = columns_of(_schema(store, dataset.uid))
    return [(each.name, hive_type(each.type, dialect, each.fields).type) for each in columns]


def _schema(store: SqlStore, uid: int) -> Any:
    (fact,) = store.facts([uid], aspects=["schema"])
    return fact.value


def test_nothing_was_refused_on_the_way(glue: GlueServer, wider: Seen) -> None:
    """But for what is looked for before it is there."""
    assert Counter(glue.refusals).keys() <= {"EntityNotFoundException"}
