"""Taking back what a plan did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.plan import Plan, plan
from airflow_provider_catalog.targets.glue.undo import before_image, undo
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted
from tests.targets.glue.made_up import written

WANTED = Wanted("sales", "orders", (Column("id", "int"), Column("new", "date")), owner="finance")
SEEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TABLE: dict[str, Any] = {
    "Name": "orders",
    "DatabaseName": "sales",
    "VersionId": "4",
    "LastAccessTime": SEEN,
    "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}], "SortColumns": []},
    "Parameters": {"theirs": "x"},
}


def image_of(planned: Plan, table: Mapping[str, Any] | None) -> dict[str, Any]:
    """As it comes back from wherever it was kept."""
    found: dict[str, Any] = json.loads(json.dumps(before_image(planned, table)))
    return found


def test_a_table_is_what_it_was() -> None:
    planned = plan(WANTED, TABLE)
    now = written(planned, TABLE)
    back = undo(image_of(planned, TABLE), now)
    assert back.table_input == {name: TABLE[name] for name in TABLE if name not in {"DatabaseName", "VersionId"}}
    assert (back.kind, back.version_id, back.archive) == ("update", "5", True)
    assert (back.database, back.name, back.table_input["LastAccessTime"]) == ("sales", "orders", SEEN)
    assert ("StorageDescriptor.Columns.new", None) in [(each.member, each.after) for each in back.changes]


def test_what_was_made_is_deleted_and_what_was_deleted_stays_so() -> None:
    planned = plan(WANTED, None)
    image = image_of(planned, None)
    assert undo(image, written(planned)).kind == "delete"
    assert undo(image, None).kind == "nothing"


def test_what_is_already_as_it_was_stays() -> None:
    assert undo(image_of(plan(WANTED, TABLE), TABLE), TABLE).kind == "nothing"


def test_a_table_that_somebody_deleted_is_not_made_again() -> None:
    assert undo(image_of(plan(WANTED, TABLE), TABLE), None).reason == "somebody deleted it since"


@pytest.mark.parametrize(
    ("edit", "members"),
    [
        ({"Owner": "bob"}, "Owner"),
        ({"Retention": 3, "Description": "Mine."}, "Retention, Description"),
        ({"Parameters": {}}, "Parameters"),
        ({"StorageDescriptor": {"Columns": []}}, "StorageDescriptor"),
        ({"Parameters": {str(number): "x" for number in range(30)}}, "and 22 more"),
    ],
)
def test_what_somebody_changed_since_is_named(edit: dict[str, Any], members: str) -> None:
    planned = plan(WANTED, TABLE)
    found = undo(image_of(planned, TABLE), {**written(planned, TABLE), **edit})
    assert found.kind == "refuse"
    assert found.reason.startswith("somebody changed it since: ")
    assert members in found.reason


def test_what_aws_fills_in_is_no_change_of_anybody() -> None:
    planned = plan(WANTED, TABLE)
    now = written(planned, TABLE)
    filled = {**now, "Retention": 0, "PartitionKeys": [], "TableType": "", "Description": ""}
    assert undo(image_of(planned, TABLE), filled).kind == "update"


def test_a_time_that_is_none_is_given_back_as_it_was_kept() -> None:
    planned = plan(WANTED, {**TABLE, "LastAccessTime": 1_700_000_000.5, "LastAnalyzedTime": "yesterday"})
    back = undo(
        image_of(planned, {**TABLE, "LastAccessTime": 1_700_000_000.5, "LastAnalyzedTime": "yesterday"}),
        written(planned, TABLE),
    )
    assert (back.table_input["LastAccessTime"], back.table_input["LastAnalyzedTime"]) == (1_700_000_000.5, "yesterday")
