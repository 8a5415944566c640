from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.model import StructureShape
from hypothesis import HealthCheck, given, settings

from tests.glue import model, tables, wire
from tests.glue.orders import ORDERS, plain, refusal
from tests.glue.server import GlueServer, Limits
from tests.glue.shapes import made_up

INPUT = cast("StructureShape", model.service().shape_for("TableInput"))
ADDED = {
    "DatabaseName": "sales",
    "CatalogId": "111122223333",
    "CreatedBy": "arn:aws:sts::111122223333:assumed-role/tests/session",
    "IsRegisteredWithLakeFormation": False,
    "IsMaterializedView": False,
    "IsMultiDialectView": False,
    "Retention": 0,
    "VersionId": "0",
}
STORAGE = {"Compressed": False, "NumberOfBuckets": 0, "StoredAsSubDirectories": False}


def table(glue: Any, name: str = "orders") -> dict[str, Any]:
    found: dict[str, Any] = glue.get_table(DatabaseName="sales", Name=name)["Table"]
    return found


def timeless(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in {"CreateTime", "UpdateTime"}}


def test_a_table_comes_back_as_it_was_made_with_what_aws_adds(server: GlueServer, sales: Any) -> None:
    found = table(sales)
    assert found["CreateTime"] == found["UpdateTime"]
    assert found["CreateTime"].timestamp() == pytest.approx(server.state.clock.now(), abs=60)
    storage = {**STORAGE, **ORDERS["StorageDescriptor"]}
    assert timeless(found) == {**ADDED, **ORDERS, "StorageDescriptor": storage}


def input_of(found: dict[str, Any]) -> dict[str, Any]:
    """What to send so that it stays as it is."""
    given: dict[str, Any] = wire.copied({name: found[name] for name in found if name in INPUT.members})
    for view in given.get("ViewDefinition", {}).get("Representations", ()):
        del view["IsStale"]
    return given


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=made_up(INPUT))
def test_no_member_of_the_model_is_lost(server: GlueServer, given: dict[str, Any]) -> None:
    """What was sent is in the answer, but for names that fold; to write it back changes nothing."""
    server.state.catalogs[server.state.account].databases.clear()
    server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
    keys = [{**key, "Parameters": {}} for key in given.get("PartitionKeys", ())]
    given = {**given, "PartitionKeys": keys, "TargetTable": None, "FederatedTable": None}
    server.call("CreateTable", DatabaseName="sales", TableInput=given)
    found = server.call("GetTable", DatabaseName="sales", Name=given["Name"])["Table"]
    kept = tables.written(given)
    assert {name: found[name] for name in kept} == {**kept, **folded_or_shown(found)}
    action = {"ViewUpdateAction": "REPLACE"} if "ViewDefinition" in found else {}
    server.call("UpdateTable", DatabaseName="sales", TableInput=input_of(found), **action)
    after = server.call("GetTable", DatabaseName="sales", Name=given["Name"])["Table"]
    assert timeless(after) == {**timeless(found), "VersionId": "1"}


def folded_or_shown(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("Name", "ViewDefinition") if name in found}


def test_names_of_tables_and_columns_fold_and_those_within_a_type_do_not(sales: Any) -> None:
    given = {
        "Name": "Returns",
        "PartitionKeys": [{"Name": "Day", "Type": "date"}],
        "StorageDescriptor": {"Columns": [{"Name": "Whom", "Type": "struct<firstName:string>"}]},
    }
    sales.create_table(DatabaseName="SALES", TableInput=given)
    found = table(sales, "RETURNS")
    assert (found["Name"], found["DatabaseName"]) == ("returns", "sales")
    assert found["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    assert found["StorageDescriptor"]["Columns"] == [{"Name": "whom", "Type": "struct<firstName:string>"}]
    refused = refusal(sales.create_table, DatabaseName="sales", TableInput={"Name": "RETURNS"})
    assert refused[:2] == ("AlreadyExistsException", "Table already exists.")


def test_an_update_replaces_everything(server: GlueServer, sales: Any) -> None:
    before = table(sales)
    server.state.clock.advance(100)
    sales.update_table(DatabaseName="sales", TableInput={"Name": "Orders", "Parameters": {"a": "1"}})
    after = table(sales)
    assert timeless(after) == {**ADDED, "Name": "orders", "Parameters": {"a": "1"}, "VersionId": "1"}
    assert after["CreateTime"] == before["CreateTime"]
    assert (after["UpdateTime"] - before["UpdateTime"]).total_seconds() == pytest.approx(100, abs=5)


def test_times_are_whole_seconds_and_keep_what_was_sent(sales: Any) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    sales.update_table(DatabaseName="sales", TableInput={"Name": "orders", "LastAccessTime": at})
    found = table(sales)
    assert found["LastAccessTime"] == at
    assert found["UpdateTime"].microsecond == 0


def test_a_write_over_another_version_than_was_read_is_refused(sales: Any) -> None:
    update = {"DatabaseName": "sales", "TableInput": ORDERS}
    sales.update_table(**update, VersionId="0")
    assert refusal(sales.update_table, **update, VersionId="0")[:2] == (
        "ConcurrentModificationException",
        "Update table failed due to concurrent modifications.",
    )
    sales.update_table(**update, VersionId="1")
    sales.update_table(**update)
    assert table(sales)["VersionId"] == "3"


def test_what_is_not_there_is_not_found(sales: Any) -> None:
    not_found = ("EntityNotFoundException", "Table none not found.")
    assert refusal(sales.get_table, DatabaseName="sales", Name="None")[:2] == not_found
    assert refusal(sales.update_table, DatabaseName="sales", TableInput={"Name": "none"})[:2] == not_found
    assert refusal(sales.delete_table, DatabaseName="sales", Name="none")[:2] == not_found
    refused = refusal(sales.get_table, DatabaseName="none", Name="orders")
    assert refused[:2] == ("EntityNotFoundException", "Database none not found.")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"Name": "t", "PartitionKeys": [{"Name": "d", "Parameters": {"a": "b"}}]},
            "Parameters not supported for partition columns",
        ),
        (
            {"Name": "t", "PartitionKeys": [{"Name": "d", "Type": "Struct<a:int>"}]},
            "Only primitive types are supported for partition columns",
        ),
    ],
)
def test_what_glue_refuses_of_a_table(sales: Any, given: dict[str, Any], said: str) -> None:
    refused = refusal(sales.create_table, DatabaseName="sales", TableInput=given)
    assert refused[:2] == ("InvalidInputException", said)


def test_a_table_without_an_input_is_one_this_server_does_not_know(sales: Any) -> None:
    refused = refusal(sales.create_table, DatabaseName="sales")
    assert refused[:2] == ("InvalidInputException", "This server knows tables by their TableInput only.")


def test_of_many_to_delete_each_one_that_is_not_there_is_named(sales: Any) -> None:
    sales.create_table(DatabaseName="sales", TableInput={"Name": "returns"})
    answer = sales.batch_delete_table(DatabaseName="sales", TablesToDelete=["Orders", "none", "returns"])
    detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Table none not found."}
    assert answer["Errors"] == [{"TableName": "none", "ErrorDetail": detail}]
    assert sales.get_tables(DatabaseName="sales")["TableList"] == []
    sales.create_table(DatabaseName="sales", TableInput=ORDERS)
    assert table(sales)["VersionId"] == "0"


def test_there_are_a_hundred_to_a_page_at_most(server: GlueServer, sales: Any) -> None:
    for number in range(249):
        server.call("CreateTable", DatabaseName="sales", TableInput={"Name": f"t{number:03}"})
    pages = list(sales.get_paginator("get_tables").paginate(DatabaseName="sales"))
    assert [len(page["TableList"]) for page in pages] == [100, 100, 50]
    names = [each["Name"] for page in pages for each in page["TableList"]]
    assert names == ["orders", *(f"t{number:03}" for number in range(249))]
    assert len(sales.get_tables(DatabaseName="sales", MaxResults=7)["TableList"]) == 7
    assert refusal(sales.get_tables, DatabaseName="sales", MaxResults=101).code == "ValidationException"


def test_a_page_goes_on_where_the_last_one_ended_whatever_was_written_meanwhile(server: GlueServer, sales: Any) -> None:
    for name in "bdfh":
        server.call("CreateTable", DatabaseName="sales", TableInput={"Name": name})
    first = sales.get_tables(DatabaseName="sales", MaxResults=2)
    assert [each["Name"] for each in first["TableList"]] == ["b", "d"]
    for name in "aeg":
        server.call("CreateTable", DatabaseName="sales", TableInput={"Name": name})
    server.call("DeleteTable", DatabaseName="sales", Name="d")
    rest = sales.get_tables(DatabaseName="sales", NextToken=first["NextToken"])
    assert [each["Name"] for each in rest["TableList"]] == ["e", "f", "g", "h", "orders"]
    assert "NextToken" not in rest


def test_a_token_belongs_to_the_request_it_was_made_for(server: GlueServer, sales: Any) -> None:
    server.call("CreateTable", DatabaseName="sales", TableInput={"Name": "other"})
    token = sales.get_tables(DatabaseName="sales", MaxResults=1)["NextToken"]
    assert len(sales.get_tables(DatabaseName="sales", MaxResults=9, NextToken=token)["TableList"]) == 1
    for wrong in ({"NextToken": token, "Expression": "o.*"}, {"NextToken": "b3RoZXI="}, {"NextToken": "x"}):
        assert refusal(sales.get_tables, DatabaseName="sales", **wrong).code == "InvalidInputException"


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("orders", ["orders"]),
        ("order", []),
        ("order.*", ["orders", "orders_2", "orders_3"]),
        ("order*", ["orders", "orders_2", "orders_3"]),
        ("*_3", ["orders_3", "returns_3"]),
        ("ORDERS_[0-9]", ["orders_2", "orders_3"]),
        ("orders|returns_[0-9]*", ["orders", "returns_3"]),
        ("", ["orders", "orders_2", "orders_3", "returns_3"]),
    ],
)
def test_tables_are_found_by_an_expression(sales: Any, expression: str, names: list[str]) -> None:
    for name in ("orders_2", "orders_3", "returns_3"):
        sales.create_table(DatabaseName="sales", TableInput={"Name": name})
    found = sales.get_tables(DatabaseName="sales", Expression=expression, AttributesToGet=["NAME"])
    assert found["TableList"] == [{"Name": name} for name in names]


def test_an_expression_that_is_none_is_refused(sales: Any) -> None:
    assert refusal(sales.get_tables, DatabaseName="sales", Expression="(").code == "InvalidInputException"


def test_only_what_is_asked_for_is_shown(sales: Any) -> None:
    found = sales.get_tables(DatabaseName="sales", AttributesToGet=["NAME", "TABLE_TYPE"])
    assert plain(found) == {"TableList": [{"Name": "orders", "TableType": "EXTERNAL_TABLE"}]}
    refused = refusal(sales.get_table, DatabaseName="sales", Name="orders", AttributesToGet=["NAME"])
    assert refused.code == "InvalidInputException"
    assert sales.get_table(DatabaseName="sales", Name="orders", AttributesToGet=["DEFAULT"])["Table"] == table(sales)


def test_what_only_the_service_says_outlives_an_update(server: GlueServer, sales: Any) -> None:
    said = {"IsRegisteredWithLakeFormation": True, "RLSProperties": {"DefaultRLSPolicy": "p"}}
    tables.seed(server.state, {"DatabaseName": "sales", "Name": "iceberg", **said})
    sales.update_table(DatabaseName="sales", TableInput={"Name": "iceberg", "Owner": "ann"})
    found = table(sales, "iceberg")
    assert {name: found[name] for name in said} == said
    assert (found["Owner"], found["VersionId"]) == ("ann", "1")


def test_a_table_of_a_federated_source_is_read_and_not_written(sales: Any) -> None:
    given = {"Name": "far", "FederatedTable": {"Identifier": "x", "ConnectionName": "c"}}
    sales.create_table(DatabaseName="sales", TableInput=given)
    sales.create_database(DatabaseInput={"Name": "elsewhere", "FederatedDatabase": {"Identifier": "x"}})
    refused = refusal(sales.create_table, DatabaseName="elsewhere", TableInput={"Name": "t"})
    assert refused.code == "FederationSourceException"
    assert table(sales, "far")["FederatedTable"] == given["FederatedTable"]
    for call, request in ((sales.update_table, {"TableInput": given}), (sales.delete_table, {"Name": "far"})):
        assert refusal(call, DatabaseName="sales", **request).code == "FederationSourceException"


def test_more_tables_than_there_may_be_are_refused() -> None:
    with GlueServer(limits=Limits(tables=1)) as server:
        glue = server.client()
        glue.create_database(DatabaseInput={"Name": "sales"})
        glue.create_table(DatabaseName="sales", TableInput={"Name": "a"})
        refused = refusal(glue.create_table, DatabaseName="sales", TableInput={"Name": "b"})
        assert refused.code == "ResourceNumberLimitExceededException"


def test_what_is_done_to_a_view_is_said_by_an_action(sales: Any) -> None:
    athena, redshift = ({"Dialect": dialect, "ViewOriginalText": "select 1"} for dialect in ("ATHENA", "REDSHIFT"))

    def view(*dialects: dict[str, str]) -> dict[str, Any]:
        return {"Name": "v", "ViewDefinition": {"Representations": list(dialects)}}

    def shown() -> list[str]:
        return [each["Dialect"] for each in table(sales, "v")["ViewDefinition"]["Representations"]]

    sales.create_table(DatabaseName="sales", TableInput=view(athena))
    assert table(sales, "v")["ViewDefinition"]["Representations"] == [{**athena, "IsStale": False}]
    assert refusal(sales.update_table, DatabaseName="sales", TableInput=view(athena)).code == "InvalidInputException"
    add: dict[str, Any] = {"DatabaseName": "sales", "ViewUpdateAction": "ADD"}
    assert refusal(sales.update_table, **add, TableInput=view(athena)).code == "InvalidInputException"
    sales.update_table(**add, TableInput=view(redshift))
    assert shown() == ["ATHENA", "REDSHIFT"]
    assert table(sales, "v")["IsMultiDialectView"] is True
    sales.update_table(DatabaseName="sales", TableInput=view(athena), ViewUpdateAction="DROP")
    assert shown() == ["REDSHIFT"]
    sales.update_table(DatabaseName="sales", TableInput=view(athena), ViewUpdateAction="REPLACE")
    assert shown() == ["ATHENA"]
