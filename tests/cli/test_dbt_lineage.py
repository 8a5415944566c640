"""`dbt lineage`: by the catalog, or by a manifest alone. What people see is kept in tests/golden/dbt/lineage.

A golden file begins with the command line and goes on with the output and the exit code; `UPDATE_GOLDEN=1` writes it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import EdgeKind, Event, Lineage, Statement
from airflow_provider_catalog.model.statement import Run as RunOf
from tests.cli.conftest import Run
from tests.services.dbt_manifests import manifest
from tests.services.world import NAMESPACE, World, day, table

GOLDEN = Path(__file__).parents[1] / "golden" / "dbt"
KEPT = GOLDEN / "lineage"
SHOP = json.loads((GOLDEN / "small.json").read_text(encoding="utf-8"))


def put(folder: Path, said: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(manifest(said)))
    return folder


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose manifest is not where it is looked for by itself."""
    monkeypatch.chdir(tmp_path)
    return put(tmp_path / "built", SHOP)


@pytest.fixture
def known(world: World) -> World:
    """The catalog, which knows more than dbt: a task that copies sums."""
    derived = {("stg_orders.amount", "sums.cents"): EdgeKind.TRANSFORMATION}
    made = Lineage((table("stg_orders"),), (table("sums"),))
    run = RunOf("00000000-0000-7000-8000-0000000000aa")
    job = JobId("dbt", "shop.public.shop.sums")
    said = Statement("dbt", day(1), event=Event.COMPLETE, job=job, run=run, scope="x", complete=True, lineage=made)
    world.apply(said)
    world.ran("dbt.columns", ["stg_orders"], ["sums"], columns=derived)
    world.ran("etl.copy", ["sums"], ["elsewhere"], at=2)
    return world


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.txt")), ids=lambda path: path.stem)
def test_what_people_see_is_as_kept(path: Path, written: Path, run: Run) -> None:
    command, _, expected = path.read_text(encoding="utf-8").partition("\n")
    done = run(*shlex.split(command.removeprefix("$ airflow-catalog ")))
    found = f"{done.out}{done.err}" + (f"exit code {done.code}\n" if done.code else "")
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(f"{command}\n{found}", encoding="utf-8")
    assert found == expected


@pytest.mark.parametrize(
    "name",
    ["sums", "SUMS", "shop.sums", "model.shop.sums", "shop.public.sums", "public.sums", '"shop"."public"."sums"'],
)
def test_a_model_is_known_by_all_its_names(name: str, written: Path, run: Run) -> None:
    found = run("dbt", "lineage", name, "--target", written, "-o", "json").json
    assert (found["dataset"], "column" in found) == ("model.shop.sums", False)


@pytest.mark.parametrize("name", ["sums.cents", "sums#cents", "shop.sums.CENTS", "model.shop.sums.cents"])
def test_a_column_comes_behind_any_of_them(name: str, written: Path, run: Run) -> None:
    found = run("dbt", "lineage", name, "--target", written, "-o", "json").json
    assert (found["dataset"], found["column"]) == ("model.shop.sums", "cents")
    assert [(each["dataset_id"], each["column"]) for each in found["lineage"]["upstream"]] == [
        ("model.shop.stg_orders", "amount"),
        ("source.shop.raw.orders", "amount"),
    ]


def test_of_versions_the_latest_is_meant_and_of_a_model_and_a_source_the_model(written: Path, run: Run) -> None:
    said = manifest({"models": {"orders": {"sql": "select 1 as id"}}, "sources": {"raw.orders": {}}})
    versions = {f"model.shop.dim.v{at}": {"version": at, "latest_version": 2} for at in (1, 2, 3)}
    common = {"resource_type": "model", "name": "dim", "package_name": "shop"}
    nodes = {each: {**common, **version, "unique_id": each} for each, version in versions.items()}
    (written / "manifest.json").write_text(json.dumps({**said, "nodes": {**said["nodes"], **nodes}}))
    meant = {"dim": "model.shop.dim.v2", "dim.v3": "model.shop.dim.v3", "orders": "model.shop.orders"}
    for name, unique_id in meant.items():
        assert run("dbt", "lineage", name, "--target", written, "-o", "json").json["dataset"] == unique_id


ALIASED = {
    "models": {
        "mart__sums": {"alias": "sums", "schema": "mart", "sql": "select 1 as cents"},
        "lists": {"alias": "list", "sql": "select 1 as a"},
        "old_lists": {"alias": "list", "schema": "old", "sql": "select 2 as a"},
        "sold": {"alias": "lists", "schema": "sold", "sql": "select 1 as a"},
    },
    "sources": {"raw.orders": {"identifier": "t_orders"}},
}


@pytest.mark.parametrize(
    ("name", "unique_id", "column"),
    [
        ("sums", "model.shop.mart__sums", None),
        ("SUMS.cents", "model.shop.mart__sums", "cents"),
        ("t_orders", "source.shop.raw.orders", None),
        ("lists", "model.shop.lists", None),
    ],
)
def test_an_alias_is_a_name_where_no_node_is_called_so(
    name: str, unique_id: str, column: str | None, written: Path, run: Run
) -> None:
    put(written, ALIASED)
    found = run("dbt", "lineage", name, "--target", written, "-o", "json").json
    assert (found["dataset"], found.get("column")) == (unique_id, column)


def test_an_alias_of_two_models_is_told(written: Path, run: Run) -> None:
    put(written, ALIASED)
    done = run("dbt", "lineage", "list.a", "--target", written)
    assert (done.code, "model.shop.lists, model.shop.old_lists" in done.err) == (1, True)


def test_one_name_of_two_models_is_told(written: Path, run: Run) -> None:
    said = manifest({"models": {"orders": {}}})
    other = {"model.other.orders": {**said["nodes"]["model.shop.orders"], "package_name": "other", "alias": "o"}}
    (written / "manifest.json").write_text(json.dumps({**said, "nodes": {**said["nodes"], **other}}))
    done = run("dbt", "lineage", "orders", "--target", written)
    assert (done.code, "model.other.orders, model.shop.orders" in done.err) == (1, True)
    assert (
        run("dbt", "lineage", "other.orders", "--target", written, "-o", "json").json["dataset"] == "model.other.orders"
    )


def test_what_was_cut_off_is_told(written: Path, run: Run) -> None:
    for depth, exact in ((1, False), (3, True)):
        found = run("dbt", "lineage", "sums", "--upstream", "--depth", depth, "--target", written, "-o", "json").json
        assert found["totals"]["upstream"]["exact"] is exact
    assert run("dbt", "lineage", "sums", "--limit", 1, "--target", written, "-o", "json").json["truncated"] is True


def test_a_manifest_without_sql_says_so_of_columns(written: Path, run: Run) -> None:
    bare = {name: {key: said for key, said in node.items() if key != "sql"} for name, node in SHOP["models"].items()}
    put(written, {**SHOP, "models": bare})
    done = run("dbt", "lineage", "stg_orders.id", "--target", written)
    first, second = done.err.splitlines()
    assert (done.code, first.startswith("stg_orders has no compiled SQL")) == (0, True)
    assert "models have no compiled SQL" in second
    assert "upstream (0 or more)" in done.out
    below = run("dbt", "lineage", "raw.orders.id", "--target", written)
    assert ("raw.orders has" in below.err, "downstream (0 or more)" in below.out) == (False, True)


@pytest.mark.parametrize("name", ["sums", "shop.public.sums", "shop.sums", "model.shop.sums", '"shop"."public"."sums"'])
def test_the_catalog_is_asked_first_and_knows_more(name: str, known: World, written: Path, run: Run) -> None:
    done = run("dbt", "lineage", name, "--downstream", "-o", "json")
    assert (done.code, done.err, done.json["dataset"]) == (0, "", str(table("sums")))
    assert [each["dataset_id"] for each in done.json["lineage"]["downstream"]] == [str(table("elsewhere"))]


def test_the_catalogs_answer_is_that_of_lineage(known: World, written: Path, run: Run) -> None:
    for form in ("tree", "json", "yaml", "mermaid", "table"):
        assert run("dbt", "lineage", "sums", "-o", form) == run("lineage", "sums", "-o", form)
        assert run("dbt", "lineage", "sums.cents", "-o", form) == run("lineage", "sums#cents", "-o", form)


def test_values_alone_are_followed_where_direct_is_asked_for(known: World, written: Path, run: Run) -> None:
    sql = "select id, amount + (select max(1) from shop.raw.orders where note = 'a') as amount from shop.raw.orders"
    put(written, {**SHOP, "models": {**SHOP["models"], "stg_orders": {**SHOP["models"]["stg_orders"], "sql": sql}}})
    said = {
        ("stg_orders.note", "sums.cents"): EdgeKind.CONDITIONAL,
        ("stg_orders.amount", "sums.cents"): EdgeKind.IDENTITY,
        ("stg_orders.id", "sums."): EdgeKind.FILTER,
    }
    known.ran("dbt.cents", ["stg_orders"], ["sums"], columns=said, at=3)
    for source in ([], ["--target", written]):
        whole = run("dbt", "lineage", "sums.cents", "--upstream", *source)
        direct = run("dbt", "lineage", "sums.cents", "--upstream", "--direct", *source)
        assert ("#note" in whole.out, "#note" in direct.out) == (True, False)
        assert "#amount" in direct.out
    assert "sums (which rows)" in run("lineage", "stg_orders#id", "-d", "downstream").out


FILTERED = {
    "sources": {"raw.o": {"columns": {"id": "int", "kind": "text", "n": "int"}}},
    "models": {
        "stg": {"sql": "select id, kind, n from shop.raw.o", "from": ["raw.o"]},
        "big": {"sql": "select id from shop.public.stg where kind = 'big'", "from": ["stg"]},
        "per_id": {"sql": "select id, count(*) as times from shop.public.big group by id", "from": ["big"]},
        "sorted": {"sql": "select n, case when kind = 'a' then n end as a from shop.public.stg", "from": ["stg"]},
    },
}


def names(tree: str) -> list[str]:
    """The lines of a tree without what stands beside the names."""
    return [re.split(r"(?<=\S)  ", line)[0] for line in tree.splitlines()[2:]]


def test_who_only_filters_by_a_column_is_told_and_is_where_the_way_ends(written: Path, run: Run) -> None:
    put(written, FILTERED)
    whole = run("dbt", "lineage", "raw.o.kind", "--downstream", "--depth", 9, "--target", written)
    assert names(whole.out) == [
        "downstream (3)",
        "└── model.shop.stg#kind",
        "    ├── model.shop.big (which rows)",
        "    └── model.shop.sorted#a",
    ]
    direct = run("dbt", "lineage", "raw.o.kind", "--downstream", "--depth", 9, "--direct", "--target", written)
    assert names(direct.out) == ["downstream (2)", "└── model.shop.stg#kind", "    └── model.shop.sorted#a"]


def test_which_rows_there_are_is_told_in_every_form(written: Path, run: Run) -> None:
    put(written, FILTERED)
    asked = ("dbt", "lineage", "stg.kind", "--downstream", "--target", written, "-o")
    found = run(*asked, "json").json
    rows = {"source": "model.shop.stg#kind", "target": "model.shop.big#"}
    assert [rows] == [rows for edge in found["edges"] if rows.items() <= edge.items()]
    told = [(each["dataset_id"], each["column"]) for each in found["lineage"]["downstream"]]
    assert told == [("model.shop.big", ""), ("model.shop.sorted", "a")]
    assert all(run(*asked, form).code == 0 for form in ("mermaid", "table"))


def test_of_two_systems_that_have_it_the_one_is_meant_that_dbt_made(known: World, run: Run) -> None:
    known.ran("etl.unload", ["sums"], [DatasetId("s3://lake", "mart/sums")], at=3)
    assert run("dbt", "lineage", "sums", "-o", "json").json["dataset"] == str(table("sums"))


def test_where_nobody_knows_what_dbt_made_the_manifest_at_hand_tells(known: World, written: Path, run: Run) -> None:
    known.ran("etl.unload", ["sums"], [DatasetId("s3://lake", "mart/stg_orders")], at=3)
    done = run("dbt", "lineage", "stg_orders")
    assert (done.code, "it could be" in done.err) == (1, True)
    written.rename(written.with_name("target"))
    assert run("dbt", "lineage", "stg_orders", "-o", "json").json["dataset"] == str(table("stg_orders"))


def test_what_the_catalog_does_not_know_the_manifest_at_hand_tells(known: World, written: Path, run: Run) -> None:
    written.rename(written.with_name("target"))
    done = run("dbt", "lineage", "forecast", "-o", "json")
    assert (done.code, done.json["dataset"]) == (0, "model.shop.forecast")
    assert done.err == "By target/manifest.json alone: the catalog does not know it\n"


def test_a_store_that_is_away_is_told_and_the_manifest_answers(written: Path, run: Run) -> None:
    written.rename(written.with_name("target"))
    done = run("--store", "postgresql://u:hunter2@127.0.0.1:1/db", "dbt", "lineage", "sums", "-o", "json")
    assert (done.code, done.json["dataset"], "did not answer" in done.err) == (0, "model.shop.sums", True)
    assert "hunter2" not in done.err


def test_another_project_than_the_one_at_hand_is_found_in_the_catalog(known: World, written: Path, run: Run) -> None:
    written.rename(written.with_name("target"))
    assert run("dbt", "lineage", "revenue", "-o", "json").json["dataset"] == str(table("revenue"))


def test_an_unknown_model_is_told_what_is_like_it(known: World, run: Run) -> None:
    done = run("dbt", "lineage", "summs")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "no model named 'summs'" in done.err
    assert "there is sums" in done.err


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("day_of_or", "day_of_order"),
        ("day_of_order_totel", "day_of_order_total"),
        ("day_of_order_t.id", "day_of_order_total"),
        ("shop.day_of_order_x.id", "day_of_order"),
        ("nothing_like_it", ""),
    ],
)
def test_nobody_is_answered_with_another_model(name: str, like: str, known: World, written: Path, run: Run) -> None:
    """Not even where only one begins so; what begins so comes first among those that are like it."""
    known.ran("etl.days", ["sums"], ["day_of_order_total"])
    put(written, {"models": {"sums": {}, "day_of_order_total": {"sql": "select 1 as id"}}})
    for source in ([], ["--target", written]):
        done = run("dbt", "lineage", name, *source)
        assert (done.code, done.out, "no model named" in done.err) == (1, "", True)
        assert f"there is {like}" in done.err if like else "there is" not in done.err


def test_what_begins_so_comes_before_what_is_spelled_like_it(written: Path, run: Run) -> None:
    put(written, {"models": {name: {} for name in ("days_a", "days_b", "stg_day", "day")}})
    assert "there is days_a, days_b" in run("dbt", "lineage", "days_", "--target", written).err
    assert "there is days_a, days_b" in run("dbt", "lineage", "days_.id", "--target", written).err


def test_what_begins_so_is_no_name_of_a_job_either(known: World, run: Run) -> None:
    known.ran("etl.copy_all", ["sums"], ["everything"])
    assert "no model named 'copy_al'" in run("dbt", "lineage", "copy_al").err


@pytest.mark.parametrize("name", ["board", "exposure.shop.board", "shop.board"])
def test_an_exposure_is_answered_with_what_to_ask_for(name: str, known: World, written: Path, run: Run) -> None:
    job, of = JobId("dbt", "shop.public.exposure.shop.board"), RunOf("00000000-0000-7000-8000-0000000000bb")
    read = Lineage((table("sums"), table("orders")), ())
    known.apply(Statement("dbt", day(1), event=Event.COMPLETE, job=job, run=of, scope="b", complete=True, lineage=read))
    done = run("dbt", "lineage", name)
    assert (done.code, done.out) == (1, "")
    assert f"{job} makes no dataset, and reads shop.public.orders, shop.public.sums: ask for those" in done.err
    written.rename(written.with_name("target"))
    assert run("dbt", "lineage", name, "-o", "json").json["dataset"] == "exposure.shop.board"


def test_a_source_is_found_by_the_name_that_dbt_has_for_it(known: World, run: Run) -> None:
    node = EntityId("dbt_node", NAMESPACE, "shop.public.source.shop.crm.people")
    known.said(node, "told", {"dataset": [NAMESPACE, table("customers").name], "fingerprint": "x"})
    for name in ("crm.people", "shop.crm.people", "source.shop.crm.people"):
        assert run("dbt", "lineage", name, "-o", "json").json["dataset"] == str(table("customers"))
    known.said(node, "told", {"dataset": "?"}, at=2)
    assert run("dbt", "lineage", "crm.people").code == 1


def test_a_tag_that_is_its_own_value_is_shown_once(known: World, run: Run) -> None:
    known.said(table("sums"), "tags", {"tags": [{"key": "nfl", "value": "nfl"}, {"key": "tier", "value": "1"}]})
    assert "nfl, tier=1" in run("show", "sums").out


def test_a_column_that_is_only_written_down_is_told(known: World, run: Run) -> None:
    known.has_columns("sums", "id:int", "cents:int")
    known.said(ColumnId(table("sums"), "sent"), "documentation", {"description": "When it went out"})
    done = run("dbt", "lineage", "sums.sent", "-o", "json")
    assert (done.code, done.json["lineage"]) == (0, {"upstream": [], "downstream": []})
    assert done.err == "shop.public.sums has no column sent, though somebody told of one; there is cents\n"


def test_nothing_is_told_of_a_column_that_is_there_or_of_which_nobody_knows(known: World, run: Run) -> None:
    known.has_columns("sums", "id:int", "cents:int")
    known.said(ColumnId(table("elsewhere"), "sent"), "documentation", {"description": "When it went out"})
    for name in ("sums.id", "elsewhere.sent"):
        done = run("dbt", "lineage", name, "-o", "json")
        assert (done.code, done.err, name) == (0, "", name)


def test_an_unknown_column_is_told_what_is_like_it(known: World, run: Run) -> None:
    known.has_columns("sums", "a:int", "b:int", "cents:int")
    done = run("dbt", "lineage", "sums.cent")
    assert (done.code, done.out) == (1, "")
    assert "sums#cent" in done.err
    assert "there is cents" in done.err
    assert "a, b" in run("dbt", "lineage", "sums.zzz").err


@pytest.mark.parametrize("args", [[], ["m", "--target", "a", "--manifest", "b"], ["m", "--upstream", "--both"]])
def test_a_wrong_command_line_is_exit_code_2(run: Run, args: list[str]) -> None:
    assert run("dbt", "lineage", *args).code == 2


def test_names_cannot_steer_the_terminal(written: Path, run: Run) -> None:
    put(written, {"models": {"odd\x1b[31m\u202e": {"sql": 'select 1 as "a\x1b[0mb"'}}})
    for form in ("tree", "table", "mermaid"):
        out = run("dbt", "lineage", "odd\x1b[31m\u202e", "--target", written, "-o", form).out
        assert out
        assert all(character.isprintable() for character in out.replace("\n", ""))
