"""`GluePartitionsRegisterOperator`: partitions that are stated, and those that lie in S3, against strict servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from airflow_provider_catalog.operators.glue_partitions import GluePartitionsRegisterOperator
from tests.glue.faults import Faults
from tests.glue.server import GlueServer
from tests.glue.state import Limits
from tests.glue_lake import Lake
from tests.operators.glue_tasks import Task

TABLE: dict[str, Any] = {
    "Name": "orders",
    "TableType": "EXTERNAL_TABLE",
    "PartitionKeys": [{"Name": "dt", "Type": "date"}, {"Name": "hour", "Type": "int"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "id", "Type": "bigint"}],
        "Location": "s3://lake/sales/orders/",
        "InputFormat": "parquet.In",
        "OutputFormat": "parquet.Out",
        "SerdeInfo": {"SerializationLibrary": "parquet"},
    },
}
DAY = "2026-01-01"


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_url: str) -> Any:
    httpx.post(f"{s3_url}/moto-api/reset").raise_for_status()
    client = boto3.session.Session("testing", "testing").client("s3", endpoint_url=s3_url, region_name="us-east-1")
    client.create_bucket(Bucket="lake")
    return client


@pytest.fixture
def lake(tmp_path: Path, s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    with GlueServer(limits=Limits(batch=300)) as server:
        found = Lake(server, tmp_path, s3_url)
        found.connect(monkeypatch)
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
        server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
        server.call("CreateTable", DatabaseName="sales", TableInput=TABLE)
        yield found
    assert not server.failures


def registered(*partitions: Any, **options: Any) -> dict[str, Any]:
    stated = {"partitions": [*partitions]} if partitions else {}
    operator = GluePartitionsRegisterOperator(
        task_id="t", **{"database": "sales", "table": "orders", **stated, **options}
    )
    return operator.execute(Task().context)


def counts(done: dict[str, Any]) -> tuple[int, int, int]:
    return done["added"], done["updated"], done["unchanged"]


def hours(number: int) -> list[tuple[str, int]]:
    return [(f"2026-{1 + at // 672:02d}-{1 + at // 24 % 28:02d}", at % 24) for at in range(number)]


def test_partitions_that_are_missing_are_added_and_the_second_time_none(lake: Lake) -> None:
    first = registered({"dt": DAY, "hour": 1}, (DAY, 2), f"s3://elsewhere/dt={DAY}/hour=3/part-0.parquet")
    assert (counts(first), first["failures"]) == ((3, 0, 0), 0)
    assert lake.partitions() == {
        (DAY, "1"): f"s3://lake/sales/orders/dt={DAY}/hour=1/",
        (DAY, "2"): f"s3://lake/sales/orders/dt={DAY}/hour=2/",
        (DAY, "3"): f"s3://elsewhere/dt={DAY}/hour=3/",
    }
    lake.server.forget()
    assert counts(registered((DAY, 1), (DAY, 2), (DAY, 3))) == (0, 0, 3)
    assert lake.sent() == 0


def test_a_template_may_make_one_text_of_them(lake: Lake) -> None:
    assert counts(registered(partitions=f'[["{DAY}", 1], "dt={DAY}/hour=2"]')) == (2, 0, 0)
    assert counts(registered(partitions=f"dt={DAY}/hour=3")) == (1, 0, 0)
    assert counts(registered(partitions={"dt": DAY, "hour": 3})) == (0, 0, 1)


def test_thousands_are_added_a_hundred_at_a_time_and_found_again_though_aws_answers_fewer_than_it_is_asked_for(
    lake: Lake,
) -> None:
    many = hours(2_050)
    assert counts(registered(*many)) == (2_050, 0, 0)
    assert lake.server.calls["BatchCreatePartition"] == 21
    assert len(lake.partitions()) == 2_050
    lake.server.forget()
    assert counts(registered(*many)) == (0, 0, 2_050)
    assert lake.sent() == 0


def test_with_three_of_ten_calls_throttled_every_partition_arrives(lake: Lake) -> None:
    lake.server.faults = Faults(7, {"throttled": 0.3, "broken_after": 0.05})
    assert counts(registered(*hours(2_000))) == (2_000, 0, 0)
    lake.server.faults = Faults()
    assert len(lake.partitions()) == 2_000


def test_one_that_is_refused_holds_up_no_other_and_the_task_fails_in_the_end(lake: Lake) -> None:
    odd = [("2026-13-01", 1), {"dt": DAY}, (DAY, 1)]
    with pytest.raises(AirflowFailException, match=r"2026-13-01.* is no date; .*it has no value for hour"):
        registered(*odd)
    assert [*lake.partitions()] == [(DAY, "1")]
    done = registered(*odd, strict=False)
    assert (counts(done), done["failures"]) == ((0, 0, 1), 2)
    assert [each["reason"][:25] for each in done["failed"]] == [
        "the value '2026-13-01' of",
        "it has no value for hour;",
    ]


def test_what_aws_refuses_of_a_batch_is_told_one_by_one(lake: Lake) -> None:
    """Somebody takes the last places in the account."""
    lake.server.state.limits = lake.server.state.limits._replace(partitions=2)
    done = registered((DAY, 1), (DAY, 2), (DAY, 3), strict=False)
    assert (done["added"], done["failures"]) == (2, 1)
    assert done["failed"][0]["values"] == [DAY, "3"]
    assert done["failed"][0]["reason"].startswith("ResourceNumberLimitExceededException")


def test_a_call_that_is_denied_names_what_is_missing(lake: Lake) -> None:
    lake.server.deny("glue:BatchCreatePartition")
    with pytest.raises(AirflowFailException, match="2026-01-01/1: allow glue:BatchCreatePartition"):
        registered((DAY, 1))


def test_one_that_somebody_else_adds_meanwhile_is_fine(lake: Lake) -> None:
    def quicker(request: dict[str, Any]) -> None:
        if not lake.partitions():
            theirs = {"Values": [DAY, "1"], "StorageDescriptor": {"Location": "s3://theirs/"}}
            lake.server.call("CreatePartition", DatabaseName="sales", TableName="orders", PartitionInput=theirs)

    lake.server.before("BatchCreatePartition", quicker)
    assert registered((DAY, 1), (DAY, 2))["failures"] == 0
    assert lake.partitions() == {
        (DAY, "1"): "s3://theirs/",
        (DAY, "2"): f"s3://lake/sales/orders/dt={DAY}/hour=2/",
    }


def test_one_that_is_there_gets_its_folder_and_the_format_of_its_table_only_when_asked_to(lake: Lake) -> None:
    theirs = {
        "Values": [DAY, "1"],
        "Parameters": {"rows": "7"},
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "int"}],
            "Location": "s3://old/",
            "InputFormat": "orc",
        },
    }
    lake.server.call("CreatePartition", DatabaseName="sales", TableName="orders", PartitionInput=theirs)
    moved = f"s3://new/dt={DAY}/hour=1/"
    assert counts(registered(moved)) == (0, 0, 1)
    assert counts(registered(moved, if_exists="update")) == (0, 1, 0)
    found = lake.server.call("GetPartition", DatabaseName="sales", TableName="orders", PartitionValues=[DAY, "1"])
    partition = found["Partition"]
    assert (partition["StorageDescriptor"]["Location"], partition["Parameters"]) == (moved, {"rows": "7"})
    assert partition["StorageDescriptor"]["InputFormat"] == "parquet.In"
    assert [each["Type"] for each in partition["StorageDescriptor"]["Columns"]] == ["int"]
    lake.server.forget()
    assert counts(registered(moved, (DAY, 1), if_exists="update")) == (0, 0, 1)
    assert lake.sent() == 0


def test_a_dry_run_counts_and_does_nothing(lake: Lake) -> None:
    assert counts(registered((DAY, 1), dry_run=True)) == (1, 0, 0)
    assert lake.sent() == 0


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"table": "none"}, r"sales\.none is not there: GlueTableRegisterOperator makes it"),
        ({"table": "plain"}, r"sales\.plain: it has no partition keys"),
        ({"table": "ice"}, r"sales\.ice: it is of the kind iceberg, whose partitions are not Glue's to keep"),
    ],
)
def test_a_table_that_takes_no_partitions_is_told_so(lake: Lake, table: dict[str, str], problem: str) -> None:
    lake.server.call("CreateTable", DatabaseName="sales", TableInput={"Name": "plain"})
    ice = {"Name": "ice", "Parameters": {"table_type": "ICEBERG", "metadata_location": "s3://lake/ice/m.json"}}
    lake.server.call("CreateTable", DatabaseName="sales", TableInput=ice)
    with pytest.raises(AirflowFailException, match=problem):
        registered((DAY, 1), **table)


# -- what lies in S3


def put(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket="lake", Key=f"sales/orders/{key}", Body=b"x")


def test_folders_of_the_table_become_partitions_and_what_is_none_is_left_alone(lake: Lake, s3: Any) -> None:
    put(
        s3,
        "dt=2026-01-01/hour=1/a.parquet",
        "dt=2026-01-01/hour=1/b.parquet",
        "DT=2026-01-02/hour=02/deep/er/a.parquet",
    )
    put(s3, "_temporary/0/a.parquet", "dt=2026-01-01/_SUCCESS/x", "a.parquet", "dt=2026-01-03/a.parquet")
    done = registered(from_location=True)
    assert (counts(done), done["ignored"], done["failures"]) == ((2, 0, 0), 2, 0)
    assert lake.partitions() == {
        ("2026-01-01", "1"): "s3://lake/sales/orders/dt=2026-01-01/hour=1/",
        ("2026-01-02", "02"): "s3://lake/sales/orders/DT=2026-01-02/hour=02/",
    }
    lake.server.forget()
    assert counts(registered(from_location=True, if_exists="update")) == (0, 0, 2)
    assert lake.sent() == 0


def test_nothing_that_is_gone_from_s3_is_removed(lake: Lake, s3: Any) -> None:
    registered((DAY, 1))
    put(s3, "dt=2026-01-02/hour=1/a")
    assert counts(registered(from_location=True)) == (1, 0, 0)
    assert len(lake.partitions()) == 2


def test_a_folder_whose_value_nobody_could_read_is_refused_and_the_others_are_not(lake: Lake, s3: Any) -> None:
    put(s3, "dt=yesterday/hour=1/a", f"dt={DAY}/hour=1/a", f"dt={DAY}/hour=__HIVE_DEFAULT_PARTITION__/a")
    done = registered(from_location=True, strict=False)
    assert (counts(done), done["failures"]) == ((2, 0, 0), 1)
    assert "the value 'yesterday' of dt is no date" in done["failed"][0]["reason"]


def test_hundreds_of_folders_are_found_on_as_many_levels_as_there_are_keys(lake: Lake, s3: Any) -> None:
    put(s3, *(f"dt={day}/hour={hour}/a" for day, hour in hours(240)))
    assert counts(registered(from_location=True)) == (240, 0, 0)


def test_a_table_that_does_not_lie_in_s3_has_no_folders_to_list(lake: Lake) -> None:
    stored = {**TABLE["StorageDescriptor"], "Location": "hdfs://name/orders"}
    lake.server.call("UpdateTable", DatabaseName="sales", TableInput={**TABLE, "StorageDescriptor": stored})
    with pytest.raises(AirflowFailException, match="from_location lists folders of S3, and the table lies in hdfs://"):
        registered(from_location=True)


def test_a_bucket_that_is_not_there_is_an_error_that_no_other_try_helps(lake: Lake, s3: Any) -> None:
    s3.delete_bucket(Bucket="lake")
    with pytest.raises(AirflowFailException, match="the folders in lake were not listed: NoSuchBucket"):
        registered(from_location=True)


def test_where_s3_does_not_answer_it_is_worth_another_try(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake._s3 = "http://127.0.0.1:9"
    lake.connect(monkeypatch)
    with pytest.raises(AirflowException, match="the target s3 takes nothing: EndpointConnectionError") as caught:
        registered(from_location=True)
    assert not isinstance(caught.value, AirflowFailException)


@pytest.mark.parametrize(
    ("code", "status", "problem", "again"),
    [
        ("AccessDenied", 403, "allow s3:ListBucket on lake: AccessDenied: no", False),
        ("SlowDown", 503, "the target s3 takes nothing: SlowDown: no", True),
        ("InternalError", 500, "the target s3 takes nothing: InternalError: no", True),
        ("InvalidBucketName", 400, "the folders in lake were not listed: InvalidBucketName: no", False),
    ],
)
def test_what_s3_refuses_is_told_with_what_to_do(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, code: str, status: int, problem: str, again: bool
) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def refuse(*_: Any) -> None:
        raise ClientError(answer, "ListObjectsV2")

    monkeypatch.setattr(S3Hook, "list_prefixes", refuse)
    with pytest.raises(AirflowException, match=problem) as caught:
        registered(from_location=True)
    assert isinstance(caught.value, AirflowFailException) is not again
