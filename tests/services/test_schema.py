"""How schemas change, and which changes break those who read."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.schema import shapes
from airflow_provider_catalog.services.schema_change import CHANGE_TYPES, compare
from airflow_provider_catalog.services.schema_history import SchemaHistory, schema_history
from airflow_provider_catalog.services.widening import widens
from tests.services.world import World, table


def schema(**columns: Any) -> dict[str, Any]:
    """A column is its type, or its type with flags."""
    given = {name: each if isinstance(each, dict) else {"type": each} for name, each in columns.items()}
    return {"fields": [{"name": name, **each} for name, each in given.items()]}


NULLABLE, REQUIRED = ({"type": "int", "nullable": flag} for flag in (True, False))
KEY, NO_KEY = ({"type": "int", "primary_key": flag} for flag in (True, False))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (schema(), schema(a="int"), ("column_added", "a", None, "int", False)),
        (schema(a="int"), schema(), ("column_removed", "a", "int", None, True)),
        (schema(a="int"), schema(a="text"), ("type_changed", "a", "int", "text", True)),
        (schema(a="int"), schema(a="bigint"), ("type_changed", "a", "int", "bigint", False)),
        (schema(a=REQUIRED), schema(a=NULLABLE), ("nullability_changed", "a", "not null", "nullable", True)),
        (schema(a=NULLABLE), schema(a=REQUIRED), ("nullability_changed", "a", "nullable", "not null", False)),
        (schema(a=KEY), schema(a=NO_KEY), ("key_changed", "a", "primary key", "no key", True)),
        (schema(a=NO_KEY), schema(a=KEY), ("key_changed", "a", "no key", "primary key", False)),
    ],
    ids=str,
)
def test_a_change_says_what_it_was_and_whether_it_breaks_readers(
    before: dict[str, Any], after: dict[str, Any], change: tuple[Any, ...]
) -> None:
    assert [tuple(each) for each in compare(shapes(before), shapes(after))] == [change]
    assert change[0] in CHANGE_TYPES


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (schema(a="int", b="text"), schema(b="text", a="int")),
        (schema(a="int"), schema(a=NULLABLE)),
        (schema(a=REQUIRED), schema(a="int")),
        (schema(a={"type": "int", "nullable": "perhaps"}), schema(a=NULLABLE)),
        (schema(a={"type": "int", "description": "old"}), schema(a={"type": "int", "description": "new"})),
    ],
    ids=str,
)
def test_order_prose_and_what_nobody_said_are_no_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert compare(shapes(before), shapes(after)) == ()


def test_several_changes_come_in_one_order() -> None:
    before, after = schema(a="int", b="int", c="int"), schema(d="int", b="text", c=KEY, e="int")
    found = [(change.change_type, change.column) for change in compare(shapes(before), shapes(after))]
    assert found == [
        ("column_added", "d"),
        ("column_added", "e"),
        ("column_removed", "a"),
        ("type_changed", "b"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        ("int", "INTEGER", True),
        ("smallint", "bigint", True),
        ("bigint", "int", False),
        ("real", "double precision", True),
        ("double", "float", False),
        ("varchar(10)", "varchar(20)", True),
        ("varchar(20)", "VARCHAR ( 10 )", False),
        ("varchar(20)", "text", True),
        ("character varying(5)", "varchar(5)", True),
        ("text", "varchar(20)", False),
        ("varchar", "varchar(20)", False),
        ("decimal(10,2)", "decimal(12,2)", True),
        ("decimal(10,2)", "numeric(10,4)", False),
        ("decimal(10, 2)", "decimal(14,4)", True),
        ("int", "varchar(20)", False),
        ("struct<a:int>", "STRUCT<a:int>", True),
        ("struct<a:int>", "struct<a:int,b:int>", False),
        ("", "int", False),
        ("int" + " " * 100_000 + "x", "int", False),
    ],
    ids=lambda each: str(each)[:30],
)
def test_a_type_is_wider_when_that_is_sure(before: str, after: str, wider: bool) -> None:
    assert widens(before, after) is wider


@pytest.fixture
def history(world: World) -> SchemaHistory:
    for at, said in enumerate((schema(a="int"), schema(a="bigint"), schema(a="bigint", b="int"), schema(b="int")), 1):
        world.said(table("orders"), "schema", said, at=at)
    return schema_history(world.store, find_dataset(world.store, "orders"))


def test_a_nullability_that_changed_is_a_version(world: World) -> None:
    world.said(table("orders"), "schema", schema(a=REQUIRED), at=1)
    world.said(table("orders"), "schema", schema(a=NULLABLE), at=2)
    _, second = schema_history(world.store, find_dataset(world.store, "orders")).versions
    assert second.changed == (("a", "not null", "nullable"),)
    assert [change["change_type"] for change in second.to_json()["changes"]] == ["nullability_changed"]


@pytest.mark.parametrize(
    ("numbers", "types", "compatible"),
    [
        ((None, None), ["column_removed"], False),
        ((1, 3), ["column_added", "type_changed"], True),
        ((1, None), ["column_added", "column_removed"], False),
        ((None, 2), ["type_changed"], True),
        ((2, 1), ["type_changed"], False),
        ((2, 2), [], True),
        ((None, 1), [], True),
    ],
)
def test_any_two_versions_can_be_compared(
    history: SchemaHistory, numbers: tuple[int | None, int | None], types: list[str], compatible: bool
) -> None:
    found = history.between(*numbers)
    assert [change.change_type for change in found.changes] == types
    assert found.compatible is compatible


@pytest.mark.parametrize("numbers", [(0, 1), (1, 5), (10**30, 1), (1, -1)])
def test_a_version_that_is_not_there_is_not_found(history: SchemaHistory, numbers: tuple[int, int]) -> None:
    with pytest.raises(NotFoundError, match="it has 1 to 4"):
        history.between(*numbers)


def test_without_any_schema_there_is_nothing_to_compare(world: World) -> None:
    world.ran("load", [], ["orders"])
    with pytest.raises(NotFoundError, match="nobody has told of its columns"):
        schema_history(world.store, find_dataset(world.store, "orders")).between()


def test_the_newest_versions_come_first(history: SchemaHistory) -> None:
    found = history.to_json(2)
    assert (found["total"], [version["version"] for version in found["versions"]]) == (4, [4, 3])
