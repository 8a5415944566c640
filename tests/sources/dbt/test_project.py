"""Columns of a project and what they are made of: through stars, ephemeral models, snapshots, circles, deep chains."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.dbt import project as module
from airflow_provider_catalog.sources.dbt.project import Project, catalog_columns, in_order


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of other tests."""
    monkeypatch.setattr(module, "_remembered", type(module._remembered)(64 * 1024 * 1024))
    return iter([None])


def node(name: str, sql: str = "", *depends: str, kind: str = "model", **more: Any) -> dict[str, Any]:
    """In the schema `prod` of the database `shop`, by a name of its own or in its quotes."""
    made = {
        "unique_id": f"{kind}.p.{name}",
        "resource_type": kind,
        "name": name,
        "database": "shop",
        "schema": "prod",
        "alias": name,
        "relation_name": f'"shop"."prod"."{name}"',
        "depends_on": {"nodes": [each if "." in each else f"model.p.{each}" for each in depends]},
    }
    return made | ({"compiled_code": sql} if sql else {}) | more


def project(
    *nodes: dict[str, Any], known: Mapping[str, Sequence[str]] | None = None, dialect: str = "postgres"
) -> Project:
    return Project({each["unique_id"]: each for each in nodes}, dialect, known)


def columns(of: Project, name: str) -> list[str] | None:
    found = of.columns(f"model.p.{name}" if "." not in name else name)
    return None if found is None else list(found)


def made_of(of: Project, name: str) -> dict[str, set[str]]:
    """By column: the columns that it has a value of."""
    found: dict[str, set[str]] = {}
    for each in of.lineage(f"model.p.{name}" if "." not in name else name).columns:
        source = (each.source or each.table).removeprefix("model.p.")
        found.setdefault(each.column, set()).add(f"{source}.{each.source_column}")
    return found


RAW = node("raw", kind="source")
KNOWN = {"source.p.raw": ["id", "Amount"]}
STAR_OF = "select * from shop.prod.{}"


def test_a_star_is_what_the_tables_before_it_have_through_any_number_of_views() -> None:
    of = project(
        RAW,
        node("a", "select * from shop.prod.raw", "source.p.raw"),
        node("b", "select *, 1 as one from shop.prod.a", "a"),
        node("c", "select b.*, a.id as again from shop.prod.b join shop.prod.a using (id)", "a", "b"),
        known=KNOWN,
    )
    assert columns(of, "c") == ["id", "Amount", "one", "again"]
    assert made_of(of, "a")["Amount"] == {"source.p.raw.Amount"}
    assert made_of(of, "c")["again"] == {"a.id"}


def test_nobody_knows_the_columns_of_a_star_over_what_nobody_knows() -> None:
    of = project(RAW, node("a", "select * from shop.prod.raw", "source.p.raw"), node("b", "select id from prod.a", "a"))
    assert columns(of, "a") is None
    assert columns(of, "b") == ["id"]
    assert not of.lineage("model.p.a").whole
    assert made_of(of, "b") == {"id": {"a.id"}}


def test_columns_that_are_written_down_may_be_some_of_them() -> None:
    """So what is made of a star over them may be read again."""
    raw = {**RAW, "columns": {"id": {"name": "id"}}}
    of = project(raw, node("a", "select * from shop.prod.raw", "source.p.raw"), node("b", "select * from prod.a", "a"))
    assert columns(of, "b") == ["id"]
    assert not of.lineage("model.p.a").whole
    assert not of.lineage("model.p.b").whole


def test_a_column_that_is_not_written_down_is_still_of_its_table() -> None:
    raw = {**RAW, "columns": {"id": {"name": "id"}}}
    sql = "select id, amount from shop.prod.raw where placed > 1"
    of = project(raw, node("a", sql, "source.p.raw"), node("b", "select amount from shop.prod.a", "a"))
    assert made_of(of, "a") == {"id": {"source.p.raw.id"}, "amount": {"source.p.raw.amount"}}
    assert [each.source_column for each in of.lineage("model.p.a").influences] == ["placed"]
    assert made_of(of, "b") == {"amount": {"a.amount"}}


def test_columns_of_the_database_win_over_those_of_the_sql_and_these_over_those_written_down() -> None:
    written: dict[str, Any] = {"columns": {"ghost": {"name": "ghost"}}}
    stated = (RAW, node("a", "select id from shop.prod.raw", "source.p.raw", **written))
    assert columns(project(*stated, known=KNOWN), "a") == ["id"]
    assert columns(project(*stated, known={**KNOWN, "model.p.a": ["id", "loaded"]}), "a") == ["id", "loaded"]
    assert columns(project(RAW, node("a", "", "source.p.raw", **written), known=KNOWN), "a") == ["ghost"]


def test_an_ephemeral_model_is_folded_into_who_reads_it() -> None:
    ephemeral = node(
        "first",
        "select id, Amount as paid from shop.prod.raw",
        "source.p.raw",
        relation_name=None,
        config={"materialized": "ephemeral"},
    )
    folded = "with __dbt__cte__first as (select id, Amount as paid from shop.prod.raw) select * from __dbt__cte__first"
    of = project(RAW, ephemeral, node("a", folded, "first"), known=KNOWN)
    assert made_of(of, "a") == {"id": {"source.p.raw.id"}, "paid": {"source.p.raw.Amount"}}
    assert of.lineage("model.p.a").reads == ("source.p.raw",)


@pytest.mark.parametrize(
    ("config", "added"),
    [
        ({}, ["dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"]),
        ({"hard_deletes": "new_record"}, [*module._OF_SNAPSHOTS, "dbt_is_deleted"]),
        (
            {"snapshot_meta_column_names": {"dbt_valid_from": "since", "dbt_valid_to": "until"}},
            ["dbt_scd_id", "dbt_updated_at", "since", "until"],
        ),
    ],
)
def test_a_snapshot_has_the_columns_that_dbt_adds(config: dict[str, Any], added: list[str]) -> None:
    snapshot = node("s", "select * from shop.prod.raw", "source.p.raw", kind="snapshot", config=config)
    of = project(RAW, snapshot, node("a", "select * from shop.prod.s", "snapshot.p.s"), known=KNOWN)
    assert columns(of, "a") == ["id", "Amount", *added]
    assert made_of(of, "a")[added[-1]] == {f"snapshot.p.s.{added[-1]}"}


def test_what_a_table_has_of_itself_is_no_lineage() -> None:
    sql = "select id, max(Amount) as most from shop.prod.raw where id > (select max(id) from shop.prod.a) group by id"
    of = project(RAW, node("a", sql, "source.p.raw"), known=KNOWN)
    read = of.lineage("model.p.a")
    assert {each.source for each in (*read.columns, *read.influences)} == {"source.p.raw"}
    assert read.reads == ("source.p.raw",)


def test_tables_that_no_node_is_are_named_as_the_sql_has_them() -> None:
    of = project(RAW, node("a", "select l.x, r.id from legacy.l as l join shop.prod.raw as r on true", "source.p.raw"))
    read = of.lineage("model.p.a")
    assert read.others == ("shop.legacy.l",)
    assert made_of(of, "a") == {"x": {"shop.legacy.l.x"}, "id": {"source.p.raw.id"}}


def test_a_node_that_sql_names_without_ref_is_that_node() -> None:
    of = project(node("a", "select 1 as x, 2 as y"), node("b", "select * from prod.A"))
    assert columns(of, "b") == ["x", "y"]
    assert of.lineage("model.p.b").reads == ("model.p.a",)


@pytest.mark.parametrize("first", ["model.p.a", "model.p.b", "model.p.c"])
def test_tables_that_are_hard_coded_in_a_circle_end(first: str) -> None:
    of = project(
        node("a", "select b.*, 1 as x from shop.prod.b"),
        node("b", "select c.*, 2 as y from shop.prod.c"),
        node("c", "select a.*, 3 as z from shop.prod.a"),
    )
    of.lineage(first)
    found = [of.lineage(f"model.p.{name}").reads for name in "abc"]
    assert found == [("model.p.b",), ("model.p.c",), ("model.p.a",)]


def test_dependencies_in_a_circle_end() -> None:
    of = project(node("a", "select * from prod.b", "b"), node("b", "select *, 1 as k from prod.a", "a"))
    assert of.lineage("model.p.a").reads == ("model.p.b",)
    assert of.lineage("model.p.b").reads == ("model.p.a",)


def test_three_thousand_models_in_a_row_are_read() -> None:
    chain = [node("m0", "select 1 as x")]
    chain += [node(f"m{i}", STAR_OF.format(f"m{i - 1}"), f"m{i - 1}") for i in range(1, 3_000)]
    assert columns(project(*chain), "m2999") == ["x"]


def test_a_row_of_hard_coded_models_comes_to_the_same_however_deep_the_caller_is() -> None:
    chain = [node("m0", "select 1 as x")]
    chain += [node(f"m{i}", STAR_OF.format(f"m{i - 1}")) for i in range(1, 200)]
    found: list[list[str] | None] = []

    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            found.append(columns(project(*reversed(chain)), "m199"))

    for levels in (0, sys.getrecursionlimit() * 3 // 4):
        module._remembered.__init__(64 * 1024 * 1024)  # type: ignore[misc]  # forgets all
        thread = threading.Thread(target=deeper, args=(levels,))
        thread.start()
        thread.join()
    assert found == [["x"], ["x"]]


def test_what_is_remembered_of_sql_is_so_only_as_long_as_its_tables_are_the_same() -> None:
    """Also of tables that the SQL names without ref."""
    a, wider = node("a", "select 1 as x"), node("a", "select 1 as x, 2 as y")
    b = node("b", "select * from shop.prod.a")
    assert columns(project(a, b), "b") == ["x"]
    assert columns(project(wider, b), "b") == ["x", "y"]
    assert columns(project(b), "b") is None
    assert columns(project(a, b), "b") == ["x"]


def test_what_is_remembered_of_sql_is_of_one_dialect_and_one_place() -> None:
    sql = "select * from a"
    here, there = node("a", "select 1 as x"), node("a2", "select 1 as y", alias="a", schema="s")
    there["relation_name"] = '"shop"."s"."a"'
    of = project(here, there, node("b", sql), node("c", sql, schema="s", relation_name='"shop"."s"."c"'))
    assert columns(of, "b") == ["x"]
    assert columns(of, "c") == ["y"]


@pytest.mark.parametrize(
    ("dialect", "relation", "sql"),
    [
        ("postgres", '"my db"."a.b"."T ""1"""', 'select * from "my db"."a.b"."T ""1"""'),
        ("postgres", '"shop"."prod"."Orders"', 'select * from "shop"."prod"."Orders"'),
        ("postgres", "shop.prod.orders", "select * from SHOP.PROD.ORDERS"),
        ("bigquery", "`p-1`.`d`.`orders`", "select * from `p-1`.`d`.`orders`"),
        ("bigquery", "`p-1`.`d`.`orders`", "select * from `p-1.d.orders`"),
        ("databricks", "`c`.`s`.`orders`", "select * from c.s.orders"),
        ("spark", "s.orders", "select * from `s`.`orders`"),
        ("snowflake", "SHOP.PROD.ORDERS", "select * from shop.prod.orders"),
        ("snowflake", '"shop".prod."Or ders"', 'select * from "shop".prod."Or ders"'),
        ("tsql", '"shop"."prod"."orders"', "select * from [shop].[prod].[orders]"),
        ("tsql", "[shop].[prod].[or ders]", "select * from [shop].[prod].[or ders]"),
        ("duckdb", '"shop"."main"."orders"', "select * from shop.main.orders"),
        ("clickhouse", "`prod`.`orders`", "select * from `prod`.`orders`"),
    ],
)
def test_sql_finds_a_relation_in_any_quotes(dialect: str, relation: str, sql: str) -> None:
    b = node("b", sql, "a", relation_name=f"{relation.rpartition('.')[0]}.b")
    of = project(node("a", relation_name=relation), b, known={"model.p.a": ["x"]}, dialect=dialect)
    assert columns(of, "b") == ["x"]
    assert of.lineage("model.p.b").reads == ("model.p.a",)


def test_relations_of_one_name_in_two_schemas_or_databases_are_two() -> None:
    here, there = node("a"), {**node("a2"), "schema": "old", "relation_name": '"shop"."old"."a"'}
    far = {**node("a3"), "database": "far", "relation_name": '"far"."prod"."a"'}
    sql = "select p.x, o.y, f.z from shop.prod.a p join shop.old.a o on true join far.prod.a f on true"
    known = {"model.p.a": ["x"], "model.p.a2": ["y"], "model.p.a3": ["z"]}
    for order in ((here, there, far), (far, there, here)):
        of = project(*order, node("b", sql, "a", "a2", "a3"), known=known)
        assert made_of(of, "b") == {"x": {"a.x"}, "y": {"a2.y"}, "z": {"a3.z"}}


def test_names_that_differ_in_their_case_alone_are_two_where_the_sql_says_which() -> None:
    sql = 'select u.x as u, l.x as l from "shop"."prod"."A" u join "shop"."prod"."a" l on true'
    upper, lower = node("A"), node("a")
    for order in ((upper, lower), (lower, upper)):
        of = project(*order, node("b", sql, "a", "A"), known={"model.p.A": ["x"], "model.p.a": ["x"]})
        assert made_of(of, "b") == {"u": {"A.x"}, "l": {"a.x"}}


def test_influences_are_of_the_whole_relation() -> None:
    of = project(RAW, node("a", "select id from shop.prod.raw where Amount > 1", "source.p.raw"), known=KNOWN)
    (filtered,) = of.lineage("model.p.a").influences
    assert (filtered.column, filtered.source_column.lower(), filtered.kind) == ("", "amount", EdgeKind.FILTER)


def test_sql_that_cannot_be_read_says_nothing_and_harms_nobody() -> None:
    of = project(node("a", "select ((( from"), node("b", "select 1 as x union all select y from prod.a", "a"))
    assert columns(of, "a") is None
    assert columns(of, "b") == ["x"]


def test_python_models_and_nodes_that_are_not_compiled_have_no_sql() -> None:
    of = project(
        node("py", "select 1 as x", language="python"), node("blank", " \n"), node("t", "select 1 as x", kind="test")
    )
    assert [columns(of, name) for name in ("py", "blank")] == [None, None]
    assert of.lineage("test.p.t").fields == ()
    assert of.lineage("model.p.nobody").fields == ()


def test_columns_of_the_catalog_are_in_the_order_of_the_database() -> None:
    stated = {"b": {"name": "b", "index": 2}, "a": {"name": "a", "index": 1}, "none": "?", "odd": {"index": 0}}
    assert catalog_columns({"nodes": {"model.p.a": {"columns": stated}}, "sources": None}) == {"model.p.a": ("a", "b")}
    assert in_order({"columns": [{"name": "a"}, {"name": "b", "index": "x"}]}) == [
        {"name": "a"},
        {"name": "b", "index": "x"},
    ]


def test_children_are_those_that_depend_on_a_node() -> None:
    of = project(RAW, node("a", "", "source.p.raw"), node("b", "", "source.p.raw", "a"))
    assert of.children("source.p.raw") == ("model.p.a", "model.p.b")
    assert of.children("model.p.b") == ()


def test_who_lists_its_columns_has_all_of_them_whatever_it_reads() -> None:
    """Columns of joins need no names of their tables then."""
    of = project(
        node("raw_a", kind="source"),
        node("raw_b", kind="source"),
        node("a", 'select "AId" as id, "X" as x from "shop"."prod"."raw_a"', "source.p.raw_a"),
        node("b", 'select "BId" as id, "Y" as y from "shop"."prod"."raw_b"', "source.p.raw_b"),
        node("both", "select x, y from shop.prod.a join shop.prod.b on a.id = b.id", "a", "b"),
    )
    assert made_of(of, "both") == {"x": {"a.x"}, "y": {"b.y"}}
    assert of.lineage("model.p.both").whole
    assert not of.is_partial("model.p.a")


def test_a_star_of_what_is_only_written_down_may_have_more() -> None:
    of = project(
        node("raw", kind="source", columns={"id": {"name": "id"}}),
        node("a", "select * from shop.prod.raw", "source.p.raw"),
        node("b", "select * from shop.prod.a", "a"),
    )
    assert (columns(of, "a"), columns(of, "b")) == (["id"], ["id"])
    assert of.is_partial("model.p.a")
    assert of.is_partial("model.p.b")


def test_a_star_of_what_nobody_knows_holds_what_the_database_has_of_the_model() -> None:
    star = node("a", "select * from shop.prod.raw", "source.p.raw")
    union = node("b", "select * from shop.prod.raw union all select x, y from shop.prod.a", "source.p.raw", "a")
    known = {"model.p.a": ["x", "Y"], "model.p.b": ["p", "q"]}
    of = project(RAW, star, union, known=known)
    assert made_of(of, "a") == {"x": {"source.p.raw.x"}, "Y": {"source.p.raw.Y"}}
    assert made_of(of, "b") == {"p": {"source.p.raw.p", "a.x"}, "q": {"source.p.raw.q", "a.Y"}}
    assert not of.lineage("model.p.a").whole
    assert made_of(project(RAW, star, known={"model.p.a": ["z"]}), "a") == {"z": {"source.p.raw.z"}}


def test_what_dbt_adds_to_a_snapshot_is_in_no_star() -> None:
    snapshot = node("s", "select * from shop.prod.raw", "source.p.raw", kind="snapshot")
    of = project(RAW, snapshot, known={"snapshot.p.s": ["id", "dbt_scd_id", "dbt_valid_from"]})
    assert made_of(of, "snapshot.p.s") == {"id": {"source.p.raw.id"}}


def test_what_others_take_from_a_star_of_what_nobody_knows_is_in_it() -> None:
    nodes = [
        RAW,
        node("a", "select * from shop.prod.raw", "source.p.raw", columns={"Note": {"name": "Note"}}),
        node("b", "select *, 1 as one from shop.prod.a", "a"),
        node("c", "select id, one from shop.prod.b where day > 3", "b"),
        node("d", "select a.id, x from shop.prod.a join shop.prod.other o on o.id = a.at", "a"),
        node("e", "select id from shop.prod.d", "d"),
    ]
    of = project(*nodes)
    assert of.asked("model.p.b") == ("Note", "one", "id", "day")
    assert of.asked("model.p.a") == ("Note", "id", "day", "at")
    assert (of.asked("model.p.d"), of.asked("source.p.raw")) == ((), ())
    assert project(*nodes, known={**KNOWN, "model.p.a": ["id"]}).asked("model.p.a") == ()


def test_stars_in_a_circle_are_asked_once() -> None:
    of = project(
        node("a", "select * from shop.prod.b", "b"),
        node("b", "select * from shop.prod.a", "a"),
        node("c", "select x from shop.prod.b", "b"),
    )
    assert set(of.asked("model.p.a")) | set(of.asked("model.p.b")) == {"x"}
