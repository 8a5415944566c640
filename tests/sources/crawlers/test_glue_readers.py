"""Readers of AWS Glue and how they ask: on the strict server, on moto's, and of clients that answer in odd ways."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.crawlers.glue import documents
from airflow_provider_catalog.sources.crawlers.glue.client import GlueClient
from airflow_provider_catalog.sources.crawlers.glue.documents import GlueFound
from airflow_provider_catalog.sources.crawlers.glue.opening import CrawlableGlue, by_default, opened
from airflow_provider_catalog.sources.crawlers.glue.refusals import GlueRefusedError, telling
from airflow_provider_catalog.sources.crawlers.glue.registry import RegistryReader
from airflow_provider_catalog.sources.crawlers.glue.tables import Asked
from airflow_provider_catalog.sources.crawlers.spill import Spill
from airflow_provider_catalog.sources.crawlers.tables import Selection
from tests.glue.orders import ORDERS
from tests.glue.refusals import Refused
from tests.glue.server import GlueServer
from tests.glue_crawled import ACCOUNT, Lake, table
from tests.glue_registries import Registries, Schema


@pytest.fixture
def server() -> Iterator[GlueServer]:
    with GlueServer() as server:
        yield server
    assert not server.failures


@pytest.fixture
def lake(server: GlueServer) -> Lake:
    return Lake(server)


@pytest.fixture
def moto() -> Iterator[str]:
    """A server that has forgotten what other tests did: moto keeps all that it knows once for the whole process."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.post(f"{url}/moto-api/reset").raise_for_status()
    yield url
    server.stop()


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Where nothing says who one is."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    return monkeypatch


def everything(found: CrawlableGlue) -> list[GlueFound]:
    return list(found.tables.tables(list(found.tables.seen())))


def told(found: GlueFound, where: dict[str, Any]) -> dict[str, Any]:
    """What is said of it, by aspects."""
    document = {"time": 1, **where, "table": {**found.to_json(), "fingerprint": "f"}}
    (*_, said) = read(Envelope("crawl_glue", json.dumps(document).encode())).statements
    return {claim.aspect: claim.value for claim in said.content.claims}


# -- what is found


def test_moto_and_the_strict_server_are_read_alike(lake: Lake, moto: str, nobody: pytest.MonkeyPatch) -> None:
    """But for what moto forgets: when something was changed."""
    lake.create(ORDERS)
    for name, value in {"AWS_ENDPOINT_URL": moto, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}.items():
        nobody.setenv(name, value)
    client = boto3.client("glue", "eu-west-1")
    client.create_database(DatabaseInput={"Name": "sales"})
    client.create_table(DatabaseName="sales", TableInput=ORDERS)
    with by_default("eu-west-1", None, Asked()) as found, lake.opened() as strict:
        assert str(found.catalog) == "arn:aws:glue:eu-west-1:123456789012"
        theirs, ours = everything(found), everything(strict)
        for one, other in zip(theirs, ours, strict=True):
            plain = [told(each, strict.catalog.to_json()) for each in (one, other)]
            for said in plain:
                del said["lifecycle"]
            assert plain[0] == plain[1]
    assert [each.name for each in theirs] == ["", "orders"]


def test_versions_are_read_from_moto_as_well(moto: str, nobody: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ENDPOINT_URL": moto, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}.items():
        nobody.setenv(name, value)
    client = boto3.client("glue", "eu-west-2")
    client.create_database(DatabaseInput={"Name": "d"})
    client.create_table(DatabaseName="d", TableInput=table("t", columns={"id": "int"}))
    client.update_table(DatabaseName="d", TableInput=table("t"))
    with by_default("eu-west-2", None, Asked(versions=True)) as found:
        _, made = everything(found)
    had = [version["StorageDescriptor"]["Columns"] for version in made.more["versions"]]
    assert [[column["Name"] for column in columns] for columns in had] == [["id"], ["id", "paid"]]


@pytest.mark.parametrize(
    ("region", "namespace"),
    [
        ("us-gov-west-1", f"arn:aws-us-gov:glue:us-gov-west-1:{ACCOUNT}"),
        ("cn-north-1", f"arn:aws-cn:glue:cn-north-1:{ACCOUNT}"),
    ],
)
def test_other_partitions_of_aws_have_names_of_their_own(region: str, namespace: str) -> None:
    with GlueServer(region=region) as server:
        lake = Lake(server)
        lake.create(table("orders"))
        with lake.opened() as found:
            assert found.catalog.spelled == namespace
            assert [each.name for each in everything(found)] == ["", "orders"]


def test_a_catalog_of_another_account_is_asked_for_by_its_id(lake: Lake) -> None:
    asked: list[Any] = []
    lake.server.before("GetTables", asked.append)
    with lake.opened() as found:
        everything(found)
    assert [each["CatalogId"] for each in asked] == [ACCOUNT]


def test_what_may_not_be_seen_is_no_reason_to_stop_what_may_not_be_asked_is(lake: Lake) -> None:
    lake.create(table("orders"))
    lake.server.deny("glue:GetTableVersions")
    with (
        lake.opened(versions=True) as found,
        pytest.raises(CrawlError, match=r"AccessDeniedException.*; allow glue:GetTableVersions"),
    ):
        everything(found)


def test_a_table_that_goes_while_we_look_had_no_versions_and_no_partitions(lake: Lake) -> None:
    lake.create(table("events", PartitionKeys=[{"Name": "day", "Type": "date"}]))
    lake.server.after("GetTables", lambda _: lake.drop("events"))
    with lake.opened(versions=True, partitions=True) as found:
        _, events = everything(found)
    assert events.more == {"partitions": 0, "versions": []}


def test_no_more_than_a_thousand_versions_are_asked_for(lake: Lake) -> None:
    for number in range(1_150):
        stated = table("orders", columns={f"c{number % 2}": "int"})
        (lake.update if number else lake.create)(stated)
    with lake.opened(versions=True) as found:
        _, orders = everything(found)
    assert len(orders.more["versions"]) == 1_000
    assert lake.server.calls["GetTableVersions"] == 10


@pytest.mark.parametrize(
    ("selection", "schemas"),
    [
        (Selection(), {"sales", "sale", "mart"}),
        (Selection(("sales.*",)), {"sales"}),
        (Selection(("sales.orders",)), {"sales"}),
        (Selection(("s*.orders", "mart.big")), {"sales", "sale", "mart"}),
        (Selection(("*.orders",)), {"sales", "sale", "mart"}),
        (Selection(("[sm]art.*",)), {"sales", "sale", "mart"}),
        (Selection((), ("sales.*",)), {"sale", "mart"}),
        (Selection((), ("sale*.*",)), {"mart"}),
        (Selection((), ("*.orders",)), {"sales", "sale", "mart"}),
        (Selection(("m*",), ("mart.*",)), set()),
    ],
)
def test_only_schemas_in_which_something_could_be_wanted_are_looked_into(
    selection: Selection, schemas: set[str]
) -> None:
    assert {schema for schema in ("sales", "sale", "mart") if selection.may_cover(schema)} == schemas


_NAMES = st.text("ab.*?[]", min_size=1, max_size=4)


@given(_NAMES, _NAMES, st.lists(_NAMES, max_size=2), st.lists(_NAMES, max_size=2))
def test_what_is_covered_is_in_a_schema_that_is_looked_into(
    schema: str, name: str, include: list[str], exclude: list[str]
) -> None:
    selection = Selection(tuple(include), tuple(exclude))
    assert selection.may_cover(schema) or not selection.covers(schema, name)


# -- what travels


def test_documents_travel_without_what_nobody_changed() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    stated: dict[str, Any] = {
        "Name": "t",
        "DatabaseName": "d",
        "CatalogId": "1",
        "CreatedBy": "arn:aws:iam::1:role/x",
        "LastAccessTime": now,
        "IsRegisteredWithLakeFormation": True,
        "UpdateTime": now,
        "Description": "",
        "Parameters": {"recordCount": "7", "transient_lastDdlTime": "7", "delta.lastUpdateVersion": "7"},
        "StorageDescriptor": {"Columns": [], "Location": "s3://b/k", "SkewedInfo": {"SkewedColumnNames": ["a"]}},
        "ViewDefinition": {"ViewVersionId": 7, "Representations": [{"Dialect": "ATHENA", "IsStale": True}]},
    }
    assert documents.table(stated) == {
        "UpdateTime": "2026-05-01T00:00:00+00:00",
        "Parameters": {},
        "StorageDescriptor": {"Location": "s3://b/k"},
        "ViewDefinition": {"Representations": [{"Dialect": "ATHENA"}]},
    }


def test_a_parameter_of_any_length_is_cut_but_for_what_spark_says_of_columns() -> None:
    schema = {"spark.sql.sources.schema.part.0": "x" * 9_000, "long": "y" * 9_000}
    kept = documents.table({"Parameters": schema})["Parameters"]
    assert {name: len(value) for name, value in kept.items()} == {
        "spark.sql.sources.schema.part.0": 9_000,
        "long": 4_000,
    }


def test_the_time_of_a_change_makes_no_other_fingerprint_and_the_change_does() -> None:
    def fingerprint(**document: Any) -> str:
        return GlueFound("d", "t", document, {}).fingerprint

    assert fingerprint(UpdateTime="a", VersionId="1") == fingerprint(UpdateTime="b", VersionId="2")
    assert fingerprint(Owner="a") != fingerprint(Owner="b")


@given(st.lists(st.lists(st.tuples(st.text(), st.integers(0, 9)), max_size=5), max_size=5), st.sets(st.integers(0, 25)))
def test_what_was_spilled_is_read_back_in_any_part(pages: list[list[tuple[str, int]]], places: set[int]) -> None:
    with closing(Spill()) as spill:
        numbers = [number for page in pages for number in spill.add(page)]
        stated = dict(zip(numbers, [list(each) for page in pages for each in page], strict=True))
        wanted = [number for place, number in enumerate(numbers) if place in places]
        assert list(spill.read(reversed(wanted))) == [stated[number] for number in wanted]


# -- how it is asked


class Answering:
    """A client of boto3's that says this, one after the other."""

    def __init__(self, *answers: Any) -> None:
        self._answers = iter(answers)
        self.requests: list[dict[str, Any]] = []

    def get_tables(self, **request: Any) -> Any:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, str):
            raise ClientError({"Error": {"Code": answer, "Message": "no"}}, "GetTables")
        return answer


def test_a_page_may_be_empty_before_the_last() -> None:
    client = Answering({"TableList": [], "NextToken": "a"}, {"NextToken": "b"}, {"TableList": [{"Name": "t"}]})
    pages = list(GlueClient(client, "here").pages("get_tables", "TableList", {"DatabaseName": "d"}))
    assert pages == [[], [], [{"Name": "t"}]]
    asked = {"DatabaseName": "d", "MaxResults": 100}
    assert client.requests == [asked, {**asked, "NextToken": "a"}, {**asked, "NextToken": "b"}]


def test_the_same_page_over_and_over_ends_the_crawl() -> None:
    client = Answering(*({"TableList": [], "NextToken": "a"} for _ in range(9)))
    with pytest.raises(CrawlError, match="here was not crawled: get_tables gives the same page over and over"):
        list(GlueClient(client, "here").pages("get_tables", "TableList", {}))


def test_what_boto3_does_not_try_again_is_tried_again() -> None:
    waited: list[float] = []
    for code in ("OperationTimeoutException", "FederationSourceRetryableException"):
        waited.clear()
        assert GlueClient(Answering(*[code] * 5, {"ok": 1}), "here", waited.append).ask("get_tables", {}) == {"ok": 1}
        assert len(waited) == 5
        assert max(waited) <= 3.2
    with pytest.raises(GlueRefusedError, match="OperationTimeoutException"):
        GlueClient(Answering(*["OperationTimeoutException"] * 6), "here", waited.append).ask("get_tables", {})
    with pytest.raises(GlueRefusedError, match="InvalidInputException"):
        GlueClient(Answering("InvalidInputException", {"ok": 1}), "here", waited.append).ask("get_tables", {})


# -- who asks


@pytest.mark.parametrize(
    ("region", "account", "problem"),
    [
        ("eu-west-1", None, "Unable to locate credentials; set AWS_PROFILE or AWS_ACCESS_KEY_ID, .* or give --conn-id"),
        (None, None, "You must specify a region.; give --region, or set AWS_DEFAULT_REGION"),
    ],
)
def test_who_says_too_little_is_told_what_to_say(
    nobody: pytest.MonkeyPatch, region: str | None, account: str | None, problem: str
) -> None:
    with pytest.raises(CrawlError, match=f"AWS Glue was not crawled: {problem}"), by_default(region, account, Asked()):
        pass


def test_a_profile_that_nobody_made_is_named(nobody: pytest.MonkeyPatch) -> None:
    nobody.setenv("AWS_PROFILE", "nowhere")
    with (
        pytest.raises(CrawlError, match=r"The config profile \(nowhere\) could not be found; `aws configure"),
        by_default("eu-west-1", None, Asked()),
    ):
        pass


def test_without_boto3_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with (
        pytest.raises(CrawlError, match=r"pip install 'airflow-provider-catalog\[amazon\]'"),
        by_default("eu-west-1", ACCOUNT, Asked()),
    ):
        pass


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("ExpiredTokenException", "The security token included in the request is expired", "log in again"),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", "check the key"),
        ("InvalidSignatureException", "The request signature we calculated does not match", "check the key"),
        ("GlueEncryptionException", "cannot decrypt", "allow kms:Decrypt"),
        ("ThrottlingException", "Rate exceeded", "crawl when less is going on"),
    ],
)
def test_what_aws_says_is_repeated_with_what_to_do(lake: Lake, code: str, message: str, advice: str) -> None:
    def refuse(_request: Any) -> None:
        raise Refused(code, message)

    lake.server.before("GetDatabases", refuse)
    with (
        lake.opened() as found,
        pytest.raises(CrawlError, match=rf"{code}\).* GetDatabases operation.*: {message}; {advice}") as caught,
    ):
        everything(found)
    assert str(caught.value).startswith(f"{found.catalog} was not crawled: ")
    assert caught.value.retryable


def test_where_nobody_answers_says_where_to_look(nobody: pytest.MonkeyPatch) -> None:
    session, once = boto3.session.Session("x", "y"), Config(retries={"total_max_attempts": 1})
    client = session.client("glue", "eu-west-1", endpoint_url="http://127.0.0.1:1", config=once)
    with (
        opened(lambda _: client, ACCOUNT, Asked()) as found,
        pytest.raises(CrawlError, match=r"Could not connect to the endpoint URL.*; check --region"),
    ):
        everything(found)


def test_what_is_none_of_botocores_is_left_alone() -> None:
    with pytest.raises(ZeroDivisionError), telling("here"):
        raise ZeroDivisionError


# -- the Schema Registry


@pytest.fixture
def registries() -> Registries:
    made = Registries()
    made["events"] = {name: Schema("AVRO", ("{}", '{"type": "record"}')) for name in ("a", "b", "c")}
    made["empty"] = {}
    made["closed"] = {"x": Schema("JSON", ("{}",))}
    return made


def schemas(registries: Registries, **asked: Any) -> list[GlueFound]:
    with closing(RegistryReader(GlueClient(registries, "here"), Asked(**asked))) as reader:
        return list(reader.tables(list(reader.seen())))


def test_every_schema_of_every_registry_is_read_with_its_text(registries: Registries) -> None:
    found = schemas(registries)
    keys = [("events", "a"), ("events", "b"), ("events", "c"), ("closed", "x")]
    assert [(each.schema, each.name) for each in found] == keys
    assert found[0].document["SchemaDefinition"] == '{"type": "record"}'
    assert "versions" not in found[0].more
    assert registries.calls.count("GetSchema") == registries.calls.count("GetSchemaVersion") == 4


def test_its_versions_are_read_where_they_are_wanted(registries: Registries) -> None:
    first, *_ = schemas(registries, versions=True)
    assert [each["VersionNumber"] for each in first.more["versions"]] == [1, 2]


def test_only_what_is_asked_for_is_read(registries: Registries) -> None:
    assert [each.name for each in schemas(registries, selection=Selection(("closed.*",)))] == ["x"]
    assert registries.calls.count("ListSchemas") == 1


def test_a_registry_that_may_not_be_looked_into_costs_only_itself(registries: Registries) -> None:
    registries.closed.add("closed")
    with closing(RegistryReader(GlueClient(registries, "here"))) as reader:
        assert len(list(reader.seen())) == 3
        assert reader.unread == {"closed"}
