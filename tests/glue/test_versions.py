from __future__ import annotations

from typing import Any

import pytest

from tests.glue.orders import ORDERS, TABLE, refusal
from tests.glue.server import GlueServer, Limits


def update(glue: Any, owner: str, **how: Any) -> None:
    glue.update_table(DatabaseName="sales", TableInput={**ORDERS, "Owner": owner}, **how)


def versions(glue: Any) -> list[str]:
    pages = glue.get_paginator("get_table_versions").paginate(**TABLE)
    return [version["VersionId"] for page in pages for version in page["TableVersions"]]


def test_each_update_keeps_what_was_before(sales: Any) -> None:
    update(sales, "ann")
    update(sales, "bob")
    found = sales.get_table_versions(**TABLE)["TableVersions"]
    assert [(each["VersionId"], each["Table"].get("Owner")) for each in found] == [
        ("2", "bob"),
        ("1", "ann"),
        ("0", None),
    ]
    assert all(each["Table"]["VersionId"] == each["VersionId"] for each in found)
    assert found[0]["Table"] == sales.get_table(DatabaseName="sales", Name="orders")["Table"]


def test_an_update_that_skips_the_archive_counts_and_keeps_nothing(sales: Any) -> None:
    update(sales, "ann", SkipArchive=True)
    assert versions(sales) == ["1"]
    update(sales, "bob")
    update(sales, "eve", SkipArchive=True)
    assert versions(sales) == ["3", "1"]


def test_a_version_is_found_by_its_number(sales: Any) -> None:
    update(sales, "ann")
    assert "Owner" not in sales.get_table_version(**TABLE, VersionId="0")["TableVersion"]["Table"]
    assert sales.get_table_version(**TABLE)["TableVersion"]["VersionId"] == "1"
    assert refusal(sales.get_table_version, **TABLE, VersionId="7")[:2] == (
        "EntityNotFoundException",
        "Version 7 of table orders not found.",
    )
    assert refusal(sales.get_table_version, **TABLE, VersionId="seven").code == "InvalidInputException"


def test_versions_before_this_one_can_be_deleted(sales: Any) -> None:
    for owner in "abc":
        update(sales, owner)
    sales.delete_table_version(**TABLE, VersionId="1")
    assert versions(sales) == ["3", "2", "0"]
    errors = sales.batch_delete_table_version(**TABLE, VersionIds=["0", "1", "2", "3"])["Errors"]
    assert [(each["VersionId"], each["ErrorDetail"]["ErrorCode"]) for each in errors] == [
        ("1", "EntityNotFoundException"),
        ("3", "InvalidInputException"),
    ]
    assert versions(sales) == ["3"]


def test_there_are_a_hundred_to_a_page_at_most_the_newest_first(server: GlueServer, sales: Any) -> None:
    for number in range(120):
        server.call("UpdateTable", DatabaseName="sales", TableInput={**ORDERS, "Owner": str(number)})
    first = sales.get_table_versions(**TABLE)
    assert len(first["TableVersions"]) == 100
    assert versions(sales) == [str(number) for number in range(120, -1, -1)]


def test_an_archive_that_is_full_refuses_the_update_but_not_one_that_skips_it() -> None:
    with GlueServer(limits=Limits(versions=2)) as server:
        glue = server.client()
        glue.create_database(DatabaseInput={"Name": "sales"})
        glue.create_table(DatabaseName="sales", TableInput=ORDERS)
        update(glue, "ann")
        with pytest.raises(glue.exceptions.ResourceNumberLimitExceededException):
            update(glue, "bob")
        assert glue.get_table(DatabaseName="sales", Name="orders")["Table"]["Owner"] == "ann"
        update(glue, "eve", SkipArchive=True)
        assert versions(glue) == ["2", "0"]
