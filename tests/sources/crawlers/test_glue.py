"""What crawls of AWS Glue sent, as golden data: adding a case is adding a file to tests/golden/crawlers/glue.

`NAME.json` has what crawls sent, `NAME.expected.json` the statements. `UPDATE_GOLDEN=1 pytest tests/sources/crawlers`
writes the latter anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.errors import ForbiddenError, RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Claim, Origin
from airflow_provider_catalog.services.access import within
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.connections import database
from airflow_provider_catalog.sources.crawlers.glue.catalog import Account, GlueCatalog, SchemaRegistries
from airflow_provider_catalog.sources.crawlers.schema_texts import described
from tests.sources.documents import assert_golden, paths, replaced
from tests.sources.test_rejections import JSON, readable

GOLDEN = Path(__file__).parents[2] / "golden" / "crawlers" / "glue"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json") if not path.stem.endswith(".expected"))
NOW = 1_893_456_000_000_000  # 2030
KIND = "crawl_glue"
ACCOUNT = Account("aws", "eu-west-1", "111122223333")


def sent(case: str) -> list[Any]:
    crawls: list[Any] = json.loads((GOLDEN / f"{case}.json").read_text())["crawls"]
    return crawls


TABLE, SCHEMA = sent("table")[0], sent("schemas")[0]


def crawled(document: Any) -> Envelope:
    return Envelope(KIND, json.dumps(document).encode(), recorded_at=NOW)


def claims(document: Any) -> list[Claim]:
    return [claim for statement in read(crawled(document)).statements for claim in statement.content.claims]


@pytest.mark.parametrize("case", CASES)
def test_what_crawls_sent_becomes_the_statements_of_the_golden_files(case: str) -> None:
    statements = [statement for each in sent(case) for statement in read(crawled(each)).statements]
    assert_golden(statements, GOLDEN / f"{case}.expected.json")
    assert "hunter2" not in (GOLDEN / f"{case}.expected.json").read_text()


@pytest.mark.parametrize("document", [TABLE, SCHEMA, *sent("versions"), *sent("views"), *sent("link"), *sent("spark")])
@given(data=st.data())
def test_whatever_stands_in_the_place_of_a_node_a_thing_of_glue_is_read_or_rejected(
    document: Any, data: st.DataObject
) -> None:
    readable(KIND, replaced(document, data.draw(st.sampled_from(list(paths(document)))), data.draw(JSON)))


def test_nobody_speaks_as_another_than_the_crawler_of_that_catalog() -> None:
    for stated in ("human", "", "../x", "crawler:arn:aws:glue:eu-west-1:444455556666"):
        for said in read(crawled(TABLE | {"producer": stated})).statements:
            assert said.producer == "crawler:arn:aws:glue:eu-west-1:111122223333"
            assert said.origin == Origin.SOURCE


def test_whoever_may_speak_of_some_namespaces_names_nothing_in_others() -> None:
    """A folder becomes one with the table: that is said of the folder, too."""
    ours = ("arn:aws:glue:eu-west-1:*", "awsathena://athena.eu-west-1.*", "s3://lake")
    within(Caller("token:ours", frozenset({"ingest"}), namespaces=ours), read(crawled(TABLE)))
    for fewer in (ours[1:], ours[:1], ours[:2]):
        with pytest.raises(ForbiddenError):
            within(Caller("token:ours", frozenset({"ingest"}), namespaces=fewer), read(crawled(TABLE)))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("table", "name"), "ü" * 999, "more than 2000 bytes"),
        (("namespace",), "postgres://db", "none of Glue"),
        (("namespace",), "arn:aws:glue:eu-west-1:1", "none of Glue"),
        (("table", "glue"), None, "/table/glue: expected an object"),
        (("table", "fingerprint"), None, "/table/fingerprint: expected a string"),
        (("table", "glue", "CreateTime"), "yesterday", "/table/glue/CreateTime: not an ISO 8601 time"),
        (("table", "glue", "StorageDescriptor", "Columns", 0), 7, "Columns/0: expected an object"),
    ],
)
def test_what_is_no_crawl_of_glue_is_rejected_and_told_why(path: tuple[Any, ...], value: Any, reason: str) -> None:
    with pytest.raises(RejectedError, match=reason):
        read(crawled(replaced(TABLE, path, value)))


def test_a_table_is_called_as_its_arn_and_athena_call_it() -> None:
    catalog = GlueCatalog(ACCOUNT)
    assert catalog.dataset("Sales", "orders") == DatasetId.parse(
        "arn:aws:glue:eu-west-1:111122223333:table/sales/orders"
    )
    assert catalog.dataset("sales", "") == DatasetId.parse("arn:aws:glue:eu-west-1:111122223333:database/sales")
    assert SchemaRegistries(ACCOUNT).dataset("events", "orders") == DatasetId.parse(
        "arn:aws:glue:eu-west-1:111122223333:schema/events/orders"
    )


@pytest.mark.parametrize(
    ("partition", "region", "extra"),
    [
        ("aws", "eu-west-1", {"region_name": "eu-west-1"}),
        ("aws-us-gov", "us-gov-west-1", {"region_name": "us-gov-west-1"}),
        ("aws-cn", "cn-north-1", {"region_name": "cn-north-1", "aws_domain": "amazonaws.com.cn"}),
    ],
)
def test_a_task_of_athena_and_a_crawl_name_a_table_alike(partition: str, region: str, extra: dict[str, str]) -> None:
    where = database({"conn_type": "athena", "extra": {**extra, "schema_name": "sales"}})
    captured = where.dataset("AwsDataCatalog.sales.orders")
    assert captured is not None
    assert GlueCatalog(Account(partition, region, "111122223333")).athena("Sales", "orders") == captured


@pytest.mark.parametrize("stated", ["", "1111", "111122223333/x", "arn:aws:glue:eu-west-1:111122223333", "1" * 13])
def test_what_is_no_catalog_is_refused(stated: str) -> None:
    with pytest.raises(ValueError, match="give the 12 digits of an account"):
        GlueCatalog.of("aws", "eu-west-1", stated)


def test_a_schema_of_any_depth_describes_fields_to_some_depth() -> None:
    avro: Any = "string"
    for level in range(300):
        avro = {"type": "record", "name": f"r{level}", "fields": [{"name": "inner", "type": avro}]}
    fields, depth = described(json.dumps(avro), "AVRO"), 0
    while fields:
        fields, depth = fields[0].get("fields", []), depth + 1
    assert depth == 16


@given(st.text(), st.sampled_from(["AVRO", "JSON", "PROTOBUF", ""]))
def test_any_text_describes_fields_or_none(text: str, format_: str) -> None:
    assert all(field["name"] for field in described(text, format_))


@given(JSON, st.sampled_from(["AVRO", "JSON"]))
def test_any_document_describes_fields_or_none(document: Any, format_: str) -> None:
    described(json.dumps({"type": "record", "fields": document, "properties": document}), format_)
