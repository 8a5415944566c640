"""Tasks that run operators of the amazon provider against a stand-in for AWS, and what is read of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.providers.amazon.aws.operators.glue_catalog import GlueCatalogCreateTableOperator
from airflow.providers.amazon.aws.operators.redshift_data import RedshiftDataOperator
from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator, S3DeleteObjectsOperator
from airflow.providers.amazon.aws.transfers.dynamodb_to_s3 import DynamoDBToS3Operator
from airflow.sdk import DAG
from moto import mock_aws

from airflow_provider_catalog.capture import collected, task
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import EXISTENCE, Statement
from airflow_provider_catalog.sources import read

REGION = "eu-west-1"
ATHENA = f"awsathena://athena.{REGION}.amazonaws.com/AwsDataCatalog"


class Instance(SimpleNamespace):
    """A task instance as it is in its own process."""

    def get_template_context(self) -> dict[str, Any]:
        now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        return {"dag_run": SimpleNamespace(logical_date=now, run_after=now, clear_number=0), "ti": self}

    def xcom_push(self, **_: Any) -> None:
        """Airflow's."""


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], Statement]]:
    """What is read of an operator that has run, with the connection that Airflow knows as `aws_default`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    extra = {"region_name": REGION, "role_arn": "arn:aws:iam::123456789012:role/etl"}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps({"conn_type": "aws", "extra": {"region_name": REGION}}))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_ROLE", json.dumps({"conn_type": "aws", "extra": extra}))

    def run(operator: Any) -> Statement:
        ti = Instance(
            dag_id="lake", task_id="t", run_id="r", map_index=-1, try_number=1, task=operator, state="success"
        )
        collected.begin()
        operator.execute(ti.get_template_context())
        record = task.ended(ti, "success", "ours")
        (said,) = read(Envelope("task", json.dumps(record).encode())).statements
        return said

    with mock_aws(), DAG("lake", schedule=None):
        yield run


def names(said: Statement) -> dict[str, list[str]]:
    return {"reads": [*map(str, said.lineage.reads)], "writes": [*map(str, said.lineage.writes)]}


def test_a_query_of_athena(ran: Callable[[Any], Statement]) -> None:
    said = ran(
        AthenaOperator(
            task_id="query",
            query="SELECT o.id FROM orders o JOIN crm.customers c ON o.customer = c.id",
            database="sales",
            output_location="s3://results/athena/",
            sleep_time=0,
        )
    )
    assert names(said) == {
        "reads": [f"{ATHENA}.sales.orders", f"{ATHENA}.crm.customers"],
        "writes": ["s3://results/athena"],
    }
    assert said.complete


def test_sql_by_the_data_api_of_redshift(ran: Callable[[Any], Statement]) -> None:
    sql = "INSERT INTO mart.daily SELECT day, amount FROM sales.orders"
    where: dict[str, Any] = {"database": "dwh", "cluster_identifier": "prod", "durable": False}
    said = ran(RedshiftDataOperator(task_id="load", sql=sql, wait_for_completion=False, **where))
    server = f"redshift://prod.{REGION}:5439/dwh"
    assert names(said) == {"reads": [f"{server}.sales.orders"], "writes": [f"{server}.mart.daily"]}
    assert len(said.lineage.columns) == 2
    assert said.complete


def test_a_copy_in_s3_of_which_three_tell_and_a_deletion_of_which_nobody_else_does(
    ran: Callable[[Any], Statement],
) -> None:
    s3 = boto3.client("s3", region_name=REGION)
    for bucket in ("landing", "lake"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="landing", Key="a.csv", Body=b"x")
    ends = {"source_bucket_key": "s3://landing/a.csv", "dest_bucket_key": "s3://lake/a.csv"}
    said = ran(S3CopyObjectOperator(task_id="copy", **ends))
    assert names(said) == {"reads": ["s3://landing/a.csv"], "writes": ["s3://lake/a.csv"]}
    said = ran(S3DeleteObjectsOperator(task_id="delete", bucket="landing", keys="a.csv"))
    (gone,) = [each for each in said.content.claims if each.aspect == EXISTENCE]
    assert (str(gone.subject), gone.value) == ("s3://landing/a.csv", False)


def test_a_table_of_glue_in_the_account_of_the_connections_role(ran: Callable[[Any], Statement]) -> None:
    boto3.client("glue", region_name=REGION).create_database(DatabaseInput={"Name": "sales"})
    stated = {"StorageDescriptor": {"Location": "s3://lake/orders/"}}
    said = ran(
        GlueCatalogCreateTableOperator(
            task_id="create", database_name="sales", table_name="orders", table_input=stated, aws_conn_id="aws_role"
        )
    )
    assert names(said) == {"reads": [], "writes": [f"arn:aws:glue:{REGION}:123456789012/table/sales/orders"]}


def test_an_export_of_dynamodb_has_the_same_name_every_day(ran: Callable[[Any], Statement]) -> None:
    boto3.client("s3", region_name=REGION).create_bucket(
        Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="carts",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    days = [
        ran(
            DynamoDBToS3Operator(
                task_id=f"day_{day}", dynamodb_table_name="carts", s3_bucket_name="lake", s3_key_prefix="x/"
            )
        )
        for day in (1, 2)
    ]
    assert names(days[0]) == {"reads": ["dynamodb:///table/carts"], "writes": ["s3://lake/x"]}
    assert days[0].lineage == days[1].lineage
