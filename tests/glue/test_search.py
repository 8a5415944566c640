from __future__ import annotations

from typing import Any

import pytest

from tests.glue.orders import refusal
from tests.glue.server import GlueServer


@pytest.fixture
def shop(server: GlueServer, sales: Any) -> Any:
    """Two more tables, the last one made an hour after the others."""
    sales.create_database(DatabaseInput={"Name": "shop"})
    sales.create_table(
        DatabaseName="shop", TableInput={"Name": "returned_goods", "Owner": "bob", "Description": "Orders, sent back"}
    )
    server.state.clock.advance(3600)
    sales.create_table(DatabaseName="sales", TableInput={"Name": "customers", "Parameters": {"domain": "crm.eu"}})
    return sales


def found(glue: Any, **how: Any) -> list[str]:
    return [f"{each['DatabaseName']}.{each['Name']}" for each in glue.search_tables(**how)["TableList"]]


@pytest.mark.parametrize(
    ("how", "names"),
    [
        ({}, ["sales.customers", "sales.orders", "shop.returned_goods"]),
        ({"SearchText": "ORDERS"}, ["sales.orders", "shop.returned_goods"]),
        ({"SearchText": '"orders"'}, ["sales.orders"]),
        ({"SearchText": "bigint"}, ["sales.orders"]),
        ({"SearchText": "nothing"}, []),
        ({"Filters": [{"Key": "DatabaseName", "Value": "shop"}]}, ["shop.returned_goods"]),
        ({"Filters": [{"Key": "Name", "Value": "goods"}]}, ["shop.returned_goods"]),
        ({"Filters": [{"Key": "Owner", "Value": "bob"}, {"Key": "DatabaseName", "Value": "sales"}]}, []),
        ({"Filters": [{"Key": "domain", "Value": "CRM"}]}, ["sales.customers"]),
        ({"Filters": [{"Key": "domain", "Value": "cr"}]}, []),
        ({"SortCriteria": [{"FieldName": "Name", "Sort": "DESC"}], "SearchText": "r"}, "shop sales sales"),
    ],
)
def test_tables_are_found_by_what_they_say(shop: Any, how: dict[str, Any], names: list[str] | str) -> None:
    answer = found(shop, **how)
    assert answer == names or " ".join(name.split(".")[0] for name in answer) == names


def test_tables_are_found_by_their_times(server: GlueServer, shop: Any) -> None:
    since = str(int(server.state.clock.now()) - 1800)
    late = {"Key": "UpdateTime", "Value": since, "Comparator": "GREATER_THAN"}
    assert found(shop, Filters=[late]) == ["sales.customers"]
    assert found(shop, Filters=[{**late, "Comparator": "LESS_THAN_EQUALS"}]) == ["sales.orders", "shop.returned_goods"]
    assert refusal(shop.search_tables, Filters=[{**late, "Value": "noon"}]).code == "InvalidInputException"


def test_what_is_found_comes_in_pages(shop: Any) -> None:
    first = shop.search_tables(MaxResults=2)
    rest = shop.search_tables(NextToken=first["NextToken"])
    assert [each["Name"] for each in first["TableList"] + rest["TableList"]] == [
        "customers",
        "orders",
        "returned_goods",
    ]
    assert "NextToken" not in rest
