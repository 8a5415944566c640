from __future__ import annotations

from typing import Any

import pytest

from tests.glue.orders import plain, refusal
from tests.glue.server import GlueServer, Limits


def test_a_database_comes_back_as_it_was_made(server: GlueServer, glue: Any) -> None:
    given = {
        "Name": "sales",
        "Description": "Umsätze",
        "LocationUri": "s3://bucket/sales",
        "Parameters": {"team": "a"},
        "CreateTableDefaultPermissions": [
            {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
        ],
    }
    glue.create_database(DatabaseInput=given)
    found = glue.get_database(Name="sales")["Database"]
    assert found.pop("CreateTime").timestamp() == pytest.approx(server.state.clock.now(), abs=60)
    assert found == {**given, "CatalogId": "111122223333"}


def test_names_fold_to_lower_case(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "Sales"})
    assert glue.get_database(Name="SALES")["Database"]["Name"] == "sales"
    assert refusal(glue.create_database, DatabaseInput={"Name": "sAles"}).code == "AlreadyExistsException"


def test_an_update_replaces_all_but_the_name_and_the_time_of_creation(server: GlueServer, glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "sales", "Description": "old", "Parameters": {"a": "1"}})
    before = glue.get_database(Name="sales")["Database"]
    server.state.clock.advance(100)
    glue.update_database(Name="sales", DatabaseInput={"Name": "sales", "LocationUri": "s3://bucket/"})
    assert glue.get_database(Name="sales")["Database"] == {
        "Name": "sales",
        "LocationUri": "s3://bucket/",
        "CatalogId": before["CatalogId"],
        "CreateTime": before["CreateTime"],
    }
    refused = refusal(glue.update_database, Name="sales", DatabaseInput={"Name": "other"})
    assert refused[:2] == ("InvalidInputException", "Database name cannot be changed.")


def test_a_database_goes_with_its_tables(sales: Any) -> None:
    sales.delete_database(Name="Sales")
    assert refusal(sales.get_database, Name="sales")[:2] == ("EntityNotFoundException", "Database sales not found.")
    assert refusal(sales.get_tables, DatabaseName="sales").code == "EntityNotFoundException"
    sales.create_database(DatabaseInput={"Name": "sales"})
    assert sales.get_tables(DatabaseName="sales")["TableList"] == []


def test_there_are_a_hundred_to_a_page_at_most(server: GlueServer, glue: Any) -> None:
    for number in range(205):
        server.call("CreateDatabase", DatabaseInput={"Name": f"d{number:03}"})
    pages = list(glue.get_paginator("get_databases").paginate())
    assert [len(page["DatabaseList"]) for page in pages] == [100, 100, 5]
    names = [each["Name"] for page in pages for each in page["DatabaseList"]]
    assert names == [f"d{number:03}" for number in range(205)]


def test_only_what_is_asked_for_is_shown(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "sales", "Description": "long"})
    glue.create_database(DatabaseInput={"Name": "elsewhere", "FederatedDatabase": {"Identifier": "x"}})
    assert glue.get_databases(AttributesToGet=["NAME"])["DatabaseList"] == [{"Name": "elsewhere"}, {"Name": "sales"}]
    (federated,) = glue.get_databases(ResourceShareType="FEDERATED")["DatabaseList"]
    assert federated["Name"] == "elsewhere"
    assert plain(glue.get_databases(ResourceShareType="FOREIGN")) == {"DatabaseList": []}


def test_more_databases_than_an_account_may_have_are_refused() -> None:
    with GlueServer(limits=Limits(databases=1)) as server:
        glue = server.client()
        glue.create_database(DatabaseInput={"Name": "a"})
        refused = refusal(glue.create_database, DatabaseInput={"Name": "b"})
        assert refused.code == "ResourceNumberLimitExceededException"


def test_the_catalog_of_another_account_is_not_open(glue: Any) -> None:
    assert refusal(glue.get_databases, CatalogId="999999999999").code == "AccessDeniedException"
    assert glue.get_databases(CatalogId="111122223333")["DatabaseList"] == []
