from __future__ import annotations

from typing import Any

import pytest

from tests.glue.orders import ORDERS, refusal
from tests.glue.server import GlueServer
from tests.glue.state import Catalog

TARGET = {"DatabaseName": "sales", "Name": "Orders"}


@pytest.fixture
def linked(sales: Any) -> Any:
    """A database `shop` with a link `ours` to the table, and a link `market` to the database."""
    sales.create_database(DatabaseInput={"Name": "shop"})
    sales.create_table(DatabaseName="shop", TableInput={"Name": "ours", "TargetTable": TARGET})
    sales.create_database(DatabaseInput={"Name": "market", "TargetDatabase": {"DatabaseName": "Sales"}})
    return sales


def test_a_link_is_shown_by_its_own_name_with_the_columns_of_its_target(linked: Any) -> None:
    found = linked.get_table(DatabaseName="shop", Name="ours")["Table"]
    assert (found["Name"], found["DatabaseName"], found["TargetTable"]) == ("ours", "shop", TARGET)
    assert found["StorageDescriptor"]["Columns"] == ORDERS["StorageDescriptor"]["Columns"]
    assert found["Parameters"] == ORDERS["Parameters"]
    assert linked.get_tables(DatabaseName="shop")["TableList"] == [found]


def test_an_update_of_a_link_writes_its_target(linked: Any) -> None:
    given = {"Name": "ours", "Description": "seen through the link", "TargetTable": TARGET}
    linked.update_table(DatabaseName="shop", TableInput=given, VersionId="0")
    found = linked.get_table(DatabaseName="sales", Name="orders")["Table"]
    assert (found["Name"], found["Description"], found["VersionId"]) == ("orders", "seen through the link", "1")
    assert "TargetTable" not in found
    assert linked.get_table(DatabaseName="shop", Name="ours")["Table"]["VersionId"] == "1"


def test_partitions_and_versions_of_a_link_are_those_of_its_target(linked: Any) -> None:
    link, target = {"DatabaseName": "shop", "TableName": "ours"}, {"DatabaseName": "market", "TableName": "orders"}
    linked.create_partition(**link, PartitionInput={"Values": ["2026-01-01", "1"]})
    assert linked.get_partitions(**link)["Partitions"] == linked.get_partitions(**target)["Partitions"]
    linked.update_table(DatabaseName="market", TableInput=ORDERS)
    assert [each["VersionId"] for each in linked.get_table_versions(**link)["TableVersions"]] == ["1", "0"]


def test_to_delete_a_link_leaves_its_target(linked: Any) -> None:
    linked.delete_table(DatabaseName="shop", Name="ours")
    linked.delete_database(Name="market")
    assert linked.get_table(DatabaseName="sales", Name="orders")
    assert linked.get_tables(DatabaseName="shop")["TableList"] == []


def test_a_table_made_through_a_link_of_a_database_is_made_in_its_target(linked: Any) -> None:
    linked.create_table(DatabaseName="market", TableInput={"Name": "returns"})
    assert linked.get_table(DatabaseName="sales", Name="returns")["Table"]["DatabaseName"] == "sales"
    given = {"Name": "link", "TargetTable": TARGET}
    assert refusal(linked.create_table, DatabaseName="market", TableInput=given).code == "InvalidInputException"


def test_a_link_of_a_database_is_shown_and_updated_as_its_target(linked: Any) -> None:
    given = {"Name": "market", "Description": "shared", "TargetDatabase": {"DatabaseName": "Sales"}}
    linked.update_database(Name="market", DatabaseInput=given)
    found = linked.get_database(Name="sales")["Database"]
    assert (found["Name"], found["Description"]) == ("sales", "shared")
    assert "TargetDatabase" not in found
    found = linked.get_database(Name="market")["Database"]
    assert (found["Name"], found["Description"]) == ("market", "shared")
    assert found["TargetDatabase"] == {"DatabaseName": "Sales"}


def test_a_link_that_leads_nowhere_is_shown_as_it_is_and_cannot_be_written(linked: Any) -> None:
    linked.delete_table(DatabaseName="sales", Name="orders")
    found = linked.get_table(DatabaseName="shop", Name="ours")["Table"]
    assert (found["Name"], found["TargetTable"]) == ("ours", TARGET)
    assert "StorageDescriptor" not in found
    refused = refusal(linked.update_table, DatabaseName="shop", TableInput={"Name": "ours"})
    assert refused[:2] == ("EntityNotFoundException", "Table orders not found.")
    linked.delete_database(Name="sales")
    assert linked.get_database(Name="market")["Database"]["TargetDatabase"] == {"DatabaseName": "Sales"}
    assert refusal(linked.get_tables, DatabaseName="market").code == "EntityNotFoundException"


def test_a_table_does_not_become_a_link(linked: Any) -> None:
    given = {"Name": "orders", "TargetTable": {"DatabaseName": "shop", "Name": "ours"}}
    assert refusal(linked.update_table, DatabaseName="sales", TableInput=given).code == "InvalidInputException"


def test_a_link_to_a_link_is_not_followed(linked: Any) -> None:
    given = {"Name": "twice", "TargetTable": {"DatabaseName": "shop", "Name": "ours"}}
    linked.create_table(DatabaseName="shop", TableInput=given)
    refused = refusal(linked.get_partitions, DatabaseName="shop", TableName="twice")
    assert refused.code == "InvalidInputException"


def test_a_link_may_lead_into_the_catalog_of_another_account(server: GlueServer, linked: Any) -> None:
    server.state.catalogs["999999999999"] = Catalog("999999999999")
    elsewhere = {"CatalogId": "999999999999", "DatabaseName": "theirs"}
    server.call("CreateDatabase", CatalogId="999999999999", DatabaseInput={"Name": "theirs"})
    server.call("CreateTable", **elsewhere, TableInput=ORDERS)
    given = {"Name": "far", "TargetTable": {**elsewhere, "Name": "orders"}}
    linked.create_table(DatabaseName="shop", TableInput=given)
    linked.update_table(DatabaseName="shop", TableInput={"Name": "far", "Owner": "ann"})
    assert server.call("GetTable", **elsewhere, Name="orders")["Table"]["Owner"] == "ann"
    assert linked.get_table(DatabaseName="shop", Name="far")["Table"]["CatalogId"] == "111122223333"
