"""`dbt diff`: each case of tests/golden/dbt/diff is two manifests, and beside it what people and pull requests see.

`UPDATE_GOLDEN=1` writes what is printed now.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.services.dbt_diff import alike, changes
from airflow_provider_catalog.services.dbt_manifest import Manifest
from tests.cli.conftest import Run
from tests.services.dbt_manifests import catalog, manifest
from tests.services.world import World, job_id, table

GOLDEN = Path(__file__).parents[1] / "golden" / "dbt" / "diff"
CASES = sorted(GOLDEN.glob("*.json"))


def written(folder: Path, said: dict[str, Any]) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest(said)))
    if (told := catalog(said)) is not None:
        (folder / "catalog.json").write_text(json.dumps(told))
    return folder


def both(tmp_path: Path, case: str) -> tuple[Path, Path]:
    said = json.loads((GOLDEN / f"{case}.json").read_text(encoding="utf-8"))
    return written(tmp_path / "old", said["old"]), written(tmp_path / "new", said["new"])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize(("form", "suffix"), [("table", ".txt"), ("markdown", ".md")])
def test_what_breaks_is_as_kept(path: Path, form: str, suffix: str, run: Run, tmp_path: Path) -> None:
    old, new = both(tmp_path, path.stem)
    args = json.loads(path.read_text(encoding="utf-8")).get("args", [])
    done = run("dbt", "diff", old, new, "--no-store", "-o", form, *args)
    found = f"{done.out}{done.err}exit code {done.code}\n"
    kept = path.with_suffix(suffix)
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(found, encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8")


def logic(sql: str, **more: Any) -> dict[str, Any]:
    columns = {"id": "int", "amount": "int", "k": "text", "day": "date"}
    models = {"stg": {"columns": columns}, "m": {"sql": sql, "from": ["stg"], **more}}
    return manifest({"sources": {}, "models": models})


def told_of(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [each.what for each in changes(*alike(Manifest(old), Manifest(new)))]


@pytest.mark.parametrize(
    "case", json.loads((GOLDEN.parent / "rewritten.json").read_text()), ids=lambda case: case["new"]
)
def test_other_logic_is_told_wherever_it_is_and_other_words_are_none(case: dict[str, Any]) -> None:
    assert told_of(logic(case["old"]), logic(case["new"])) == case["told"]


def test_what_only_a_target_or_a_run_puts_into_the_sql_is_no_change() -> None:
    sql = "select id, 'one' as run from shop.public.stg where amount > 5"
    other = json.loads(json.dumps(logic(f"{sql} -- again")).replace("public", "pr_7"))
    assert told_of(logic(sql), other) == []
    rerun = sql.replace("'one'", "'two'")
    assert told_of(logic(sql, checksum="same"), logic(rerun, checksum="same")) == []


def test_a_date_that_somebody_has_edited_is_other_logic() -> None:
    days = [
        "select id from shop.public.stg where day > '2025-01-01' and id < 100000",
        "select id from shop.public.stg where day > '2025-02-01' and id < 100000",
    ]
    made = [logic(sql) for sql in days]
    assert told_of(*made) == []
    for said, sql in zip(made, days, strict=True):
        said["nodes"]["model.shop.m"]["raw_code"] = sql.replace("shop.public.stg", "{{ ref('stg') }} {# the sale #}")
    assert told_of(*made) == ["m"]


def test_another_macro_makes_other_logic_though_the_file_is_the_same() -> None:
    found = []
    for text, sql in (("1", "select id from shop.public.stg"), ("2", "select id from shop.public.stg where id > 1")):
        made = logic(sql, checksum="same")
        made["nodes"]["model.shop.m"]["depends_on"]["macros"] = ["macro.shop.outer"]
        made["macros"] = {
            "macro.shop.outer": {"macro_sql": "{{ inner() }}", "depends_on": {"macros": ["macro.shop.inner"]}},
            "macro.shop.inner": {"macro_sql": text, "depends_on": {"macros": ["macro.shop.outer"]}},
        }
        found.append(made)
    assert told_of(*found) == ["m"]


@pytest.fixture
def lake(world: World) -> World:
    """Beyond dbt: a task copies sums to Glue, one reads only its ids, a third sends it by mail; dbt's own jobs, too."""
    task = {"processingType": "BATCH", "integration": "AIRFLOW", "jobType": "TASK"}
    for name in ("etl.copy", "etl.ids", "etl.mail"):
        world.said(job_id(name), "jobType", task)
    world.said(job_id("dbt.sums"), "jobType", {"processingType": "BATCH", "integration": "DBT", "jobType": "MODEL"})
    world.has_columns("sums", "id:int", "cents:int")
    world.has_columns("stg_orders", "id:int", "amount:int", "note:text")
    derived = {("stg_orders.amount", "sums.cents"): EdgeKind.TRANSFORMATION}
    world.ran("dbt.sums", ["stg_orders"], ["sums"], columns=derived)
    world.ran("etl.copy", ["sums"], [GLUE], at=2)
    world.ran("etl.ids", ["sums"], ["ids"], at=2, columns={("sums.id", "ids.id"): EdgeKind.IDENTITY})
    world.ran("etl.mail", ["sums"], [], at=2)
    world.edited(GLUE, "ownership", {"owners": [{"name": "lake-team"}]})
    return world


GLUE = DatasetId("arn:aws:glue:eu-west-1:123456789012", "table/mart/sums")


@pytest.mark.parametrize("form", ["table", "json", "yaml", "markdown"])
def test_every_form_tells_of_what_is_beyond_dbt(form: str, lake: World, run: Run, tmp_path: Path) -> None:
    done = run("dbt", "diff", *both(tmp_path, "column_removed"), "-o", form)
    assert (done.code, done.err) == (1, "")
    assert all(name in done.out for name in ("prod/etl.copy", "prod/etl.mail", "table/mart/sums", "lake-team"))


def test_tasks_that_read_other_columns_and_jobs_of_dbt_are_left_out(lake: World, run: Run, tmp_path: Path) -> None:
    found = run("dbt", "diff", *both(tmp_path, "column_removed"), "-o", "json").json
    assert [(task["job"], task["type"]) for task in found["outside"]["tasks"]] == [
        ("prod/etl.copy", "airflow_task"),
        ("prod/etl.mail", "airflow_task"),
    ]


def test_datasets_beyond_dbt_are_told_and_the_projects_own_are_not(lake: World, run: Run, tmp_path: Path) -> None:
    found = run("dbt", "diff", *both(tmp_path, "model_removed"), "-o", "json").json
    assert {each["dataset"] for each in found["outside"]["datasets"]} == {str(GLUE), str(table("ids"))}
    assert found["owners"]["lake-team"] == [str(GLUE)]
    assert found["outside"]["unknown"] == ["totals"]


def test_whom_the_catalog_knows_as_an_owner_is_told_of_models_by_their_names(
    lake: World, run: Run, tmp_path: Path
) -> None:
    lake.edited(table("sums"), "ownership", {"owners": [{"name": "warehouse-team"}]})
    found = run("dbt", "diff", *both(tmp_path, "column_removed"), "-o", "json").json
    assert found["owners"]["warehouse-team"] == ["sums"]


def test_a_task_that_reads_a_relation_by_its_old_name_is_told(lake: World, run: Run, tmp_path: Path) -> None:
    lake.ran("etl.read", ["stg_orders"], [], at=3)
    found = run("dbt", "diff", *both(tmp_path, "relation_renamed"), "-o", "json").json
    assert "prod/etl.read" in {task["job"] for task in found["outside"]["tasks"]}
    assert found["affected"]["nodes"] == []


def test_other_names_of_what_changed_are_told(lake: World, run: Run, tmp_path: Path) -> None:
    other = DatasetId("s3://lake", "mart/stg_orders")
    lake.ran("etl.unload", ["raw"], [other], at=3)
    assert run("merge", other, table("stg_orders")).code == 0
    found = run("dbt", "diff", *both(tmp_path, "column_removed"), "-o", "json").json
    assert str(other) in {each["dataset"] for each in found["outside"]["datasets"]}


def test_a_relation_that_two_servers_have_needs_its_namespace(lake: World, run: Run, tmp_path: Path) -> None:
    lake.ran("etl.else", [], [DatasetId("postgres://elsewhere:5432", "shop.public.stg_orders")], at=3)
    cases = both(tmp_path, "column_removed")
    assert "stg_orders" in run("dbt", "diff", *cases, "-o", "json").json["outside"]["unknown"]
    named = run("dbt", "diff", *cases, "-o", "json", "--namespace", "postgres://db:5432").json
    assert "stg_orders" not in named["outside"]["unknown"]


def test_a_store_that_is_away_fails_nothing_and_is_told(run: Run, tmp_path: Path) -> None:
    away = ("--store", "postgresql://u:hunter2@127.0.0.1:1/db")
    done = run(*away, "dbt", "diff", *both(tmp_path, "removed_does_not_fail_never"), "--fail-on", "never")
    assert done.code == 0
    assert "The catalog was not asked what depends on it elsewhere" in done.out
    assert "hunter2" not in done.out + done.err


def test_nothing_is_asked_where_nothing_breaks(run: Run, tmp_path: Path) -> None:
    done = run("--store", "postgresql://127.0.0.1:1/db", "dbt", "diff", *both(tmp_path, "column_added"))
    assert (done.code, "The catalog was not asked" in done.out) == (0, False)


def test_the_document_of_a_program_says_what_people_see(run: Run, tmp_path: Path) -> None:
    found = run("dbt", "diff", *both(tmp_path, "column_removed"), "--no-store", "-o", "json").json
    assert (found["failed"], found["breaking"], found["outside"]) == (True, 1, None)
    (change,) = found["changes"]
    assert (change["change"], change["name"], change["column"]) == ("column_removed", "stg_orders", "amount")
    nodes = {each["name"]: (each["columns"], each["state"], each["distance"]) for each in found["affected"]["nodes"]}
    assert nodes == {"sums": (["cents"], "still reads it", 1), "totals": (["total"], "downstream", 2)}


def test_users_are_told_that_use_by_way_of_others(run: Run, tmp_path: Path) -> None:
    """A saved query names metrics, a metric other metrics, these a semantic model, and only that names its model."""
    chain = ["model.shop.stg_orders", "semantic_model.shop.amounts", "metric.shop.sum", "metric.shop.share"]
    chain += ["saved_query.shop.monthly", "exposure.shop.deck"]
    tables: dict[str, dict[str, Any]] = {}
    for used, unique_id in pairwise(chain):
        kind, _, name = unique_id.split(".")
        made = {"unique_id": unique_id, "resource_type": kind, "name": name, "package_name": "shop"}
        one = {unique_id: {**made, "depends_on": {"nodes": [used]}}}
        tables.setdefault("saved_queries" if kind == "saved_query" else f"{kind}s", {}).update(one)
    folders = both(tmp_path, "column_removed")
    for path in (folder / "manifest.json" for folder in folders):
        path.write_text(json.dumps({**json.loads(path.read_text()), **tables}))
    found = run("dbt", "diff", *folders, "--no-store", "-o", "json").json["affected"]
    assert [(each["name"], each["kind"], each["uses"]) for each in found["metrics"]] == [
        ("share", "metric", ["sum"]),
        ("sum", "metric", ["amounts"]),
        ("monthly", "saved_query", ["share"]),
        ("amounts", "semantic_model", ["stg_orders"]),
    ]
    assert ("deck", ["monthly"]) in [(each["name"], each["uses"]) for each in found["exposures"]]


def test_what_a_macro_asks_the_database_for_is_not_taken_for_a_comment(run: Run, tmp_path: Path) -> None:
    """`depends_on` in a comment makes dbt build the other first, since it is asked while dbt compiles."""
    folders = both(tmp_path, "column_removed_of_what_a_comment_names")
    raw = "-- depends_on: {{ ref('par') }}\nselect {{ most_of(ref('par'), 'gone') }} as k"
    for path in (folder / "manifest.json" for folder in folders):
        said = json.loads(path.read_text())
        said["nodes"]["model.shop.child"]["raw_code"] = raw
        path.write_text(json.dumps(said))
    nodes = run("dbt", "diff", *folders, "--no-store", "-o", "json").json["affected"]["nodes"]
    told = {each["name"]: (each["columns"], each["whole"], each["certain"], each["perhaps_whole"]) for each in nodes}
    assert told == {
        "child": ([], True, False, True),
        "grand": ([], True, False, True),
        "mixed": (["g"], False, True, True),
    }


@pytest.mark.parametrize(("key", "value"), [("checksum", {"checksum": "other"}), ("alias", "other")])
def test_of_seeds_that_are_others_now_nothing_is_taken_over(run: Run, tmp_path: Path, key: str, value: Any) -> None:
    folders = both(tmp_path, "catalog_of_the_old_alone")
    said = json.loads((folders[1] / "manifest.json").read_text())
    for seed in ("seed.shop.raw_a", "seed.shop.raw_b"):
        said["nodes"][seed][key] = value
    (folders[1] / "manifest.json").write_text(json.dumps(said))
    changes = run("dbt", "diff", *folders, "--no-store", "-o", "json").json["changes"]
    assert ("logic_changed", "joined", "n") in [(each["change"], each["name"], each["column"]) for each in changes]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read"),
        (b"[]", "is none of dbt's artifacts"),
        (b'{"nodes": {}}', "is no manifest of dbt"),
        (b'{"metadata": {}, "nodes": []}', "is no manifest of dbt"),
    ],
)
def test_what_is_no_manifest_is_told(run: Run, tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "m.json").write_bytes(content)
    done = run("dbt", "diff", tmp_path / "m.json", tmp_path / "m.json", "--no-store")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert reason in done.err


@pytest.mark.parametrize("missing", ["none", "empty"])
def test_a_manifest_that_is_not_there_is_told_how_to_make_one(run: Run, tmp_path: Path, missing: str) -> None:
    (tmp_path / "empty").mkdir()
    done = run("dbt", "diff", tmp_path / missing, tmp_path / missing)
    assert (done.code, "dbt compile" in done.err) == (1, True)


@pytest.mark.parametrize("args", [[], ["only-one"], ["a", "b", "--fail-on", "soon"]])
def test_a_wrong_command_line_is_exit_code_2(run: Run, args: list[str]) -> None:
    assert run("dbt", "diff", *args).code == 2


@pytest.mark.parametrize("odd", [None, 1, "x", [], [1], {"a": 1}])
def test_odd_shapes_in_a_manifest_are_no_error(run: Run, tmp_path: Path, odd: Any) -> None:
    said = manifest(json.loads((GOLDEN / "column_removed.json").read_text(encoding="utf-8"))["old"])
    for key in ("columns", "config", "depends_on", "meta", "tags", "description", "relation_name", "compiled_code"):
        spoiled = {**said, "nodes": {each: {**node, key: odd} for each, node in said["nodes"].items()}}
        (tmp_path / "old.json").write_text(json.dumps(said))
        (tmp_path / "new.json").write_text(json.dumps(spoiled))
        for pair in (("old", "new"), ("new", "old")):
            done = run("dbt", "diff", *(tmp_path / f"{each}.json" for each in pair), "--no-store", "--fail-on", "never")
            assert (done.code, done.err) == (0, ""), key
