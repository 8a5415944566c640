"""What a crawl wiped and what of it is put back, from golden data: adding a case is adding a line to
tests/golden/glue/crawlers/restoring.json.

`wiped` and `written` are members of the table below, as they are after the crawl.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.crawlers.restoring import restored
from airflow_provider_catalog.targets.glue.crawlers.snapshot import Snapshot
from airflow_provider_catalog.targets.glue.difference import differences
from airflow_provider_catalog.targets.glue.table_input import input_of

GOLDEN = Path(__file__).parents[3] / "golden" / "glue" / "crawlers" / "restoring.json"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))
TABLE: dict[str, Any] = {
    "Name": "orders",
    "DatabaseName": "sales",
    "VersionId": "7",
    "Description": "Orders of the shop",
    "Owner": "ann",
    "TableType": "EXTERNAL_TABLE",
    "PartitionKeys": [{"Name": "day", "Type": "date", "Comment": "UTC"}],
    "StorageDescriptor": {
        "Columns": [
            {"Name": "id", "Type": "bigint", "Comment": "of the order"},
            {"Name": "total", "Type": "double"},
        ],
        "Location": "s3://lake/orders/",
        "SerdeInfo": {"SerializationLibrary": "x", "Parameters": {"ignore.malformed.json": "true"}},
    },
    "Parameters": {
        "classification": "csv",
        "delimiter": ",",
        "skip.header.line.count": "1",
        "UPDATED_BY_CRAWLER": "raw",
        "recordCount": "12",
        "team": "shop",
        "catalog.managed": "x",
    },
}


def edited(table: dict[str, Any], case: Any) -> dict[str, Any]:
    table = copy.deepcopy(table)
    for member, value in [*((member, None) for member in case["wiped"]), *case.get("written", {}).items()]:
        at: Any = table
        *way, last = member.split("/")
        for part in way:
            at = next(each for each in at if each["Name"] == part) if isinstance(at, list) else at[part]
        if value is not None:
            at[last] = value
        elif isinstance(at, list):
            at.remove(next(each for each in at if each["Name"] == last))
        else:
            del at[last]
    return table


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_a_crawl_wiped_is_put_back_and_nothing_else(case: Any) -> None:
    after = {**edited(TABLE, case), "VersionId": "8"}
    planned = restored("sales", input_of(TABLE), after)
    if "reason" in case:
        assert (planned.kind, planned.reason) == ("refuse", case["reason"])
        return
    assert [change.member for change in planned.changes] == case["restored"]
    assert planned.kind == ("update" if case["restored"] else "nothing")
    if planned.kind == "update":
        assert (planned.version_id, planned.archive, planned.name) == ("8", False, "orders")
        assert restored("sales", input_of(TABLE), {**planned.table_input, "VersionId": "9"}).kind == "nothing"
        assert [change.member for change in differences(input_of(after), planned.table_input)] == case["restored"]


def test_what_was_put_back_is_what_was_there() -> None:
    """Whatever was wiped of words alone: the table is as it was, to the last member."""
    case = next(each for each in CASES if each["title"] == "everything at once")
    planned = restored("sales", input_of(TABLE), {**edited(TABLE, case), "VersionId": "8"})
    assert planned.table_input == input_of(TABLE)


def test_a_column_that_became_a_key_of_partitions_keeps_its_comment() -> None:
    after = copy.deepcopy(TABLE)
    moved = after["StorageDescriptor"]["Columns"].pop(0)
    after["PartitionKeys"].append({"Name": moved["Name"], "Type": "string"})
    planned = restored("sales", input_of(TABLE), after)
    assert planned.table_input["PartitionKeys"][1] == {"Name": "id", "Type": "string", "Comment": "of the order"}


def test_a_snapshot_tells_what_was_made_changed_and_deleted() -> None:
    counted = copy.deepcopy(TABLE)
    counted["Parameters"] |= {"recordCount": "13", "CRAWL_RUN_ID": "x"}
    counted["StorageDescriptor"]["Parameters"] = {"sizeKey": "1"}
    before = Snapshot([("sales", {**TABLE, "Name": name}) for name in ("same", "typed", "gone")])
    typed = {**TABLE, "Name": "typed", "PartitionKeys": [{"Name": "day", "Type": "string", "Comment": "UTC"}]}
    now = [("sales", {**counted, "Name": "same"}), ("sales", typed), ("sales", {**TABLE, "Name": "new"})]
    for snapshot in (before, Snapshot.unpacked(before.packed())):
        found = list(snapshot.compared(now))
        assert [(each.did, each.name) for each in found] == [
            ("changed", "typed"),
            ("created", "new"),
            ("deleted", "gone"),
        ]
        assert [tuple(each) for each in found[0].changes] == [("PartitionKeys.day.Type", "date", "string")]
        assert found[0].before == {**input_of(TABLE), "Name": "typed"}


def test_tables_of_one_name_in_two_databases_are_two() -> None:
    before = Snapshot([("sales", TABLE), ("other", {**TABLE, "Description": "else"})])
    assert list(before.compared([("sales", TABLE), ("other", {**TABLE, "Description": "else"})])) == []
    assert len(before) == 2
