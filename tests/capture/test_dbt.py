"""What is found out of a task that ran dbt, and told of it: from scripts, artifacts and objects, without a dbt."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from airflow_provider_catalog import listener
from airflow_provider_catalog.capture import dbt, dbt_target
from airflow_provider_catalog.capture.dbt_command import commands
from airflow_provider_catalog.capture.payload import LIMIT, encoded
from airflow_provider_catalog.model.dbt_target import as_target
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources import read

GOLDEN = Path(__file__).parents[1] / "golden" / "dbt"
RUN = "8f1c2c4e-3c0a-4b43-9a60-0f7d2a9f6f01"
TARGET = {"type": "postgres", "host": "warehouse", "port": 5432, "database": "shop", "schema": "mart"}
RECORD = {"dag_id": "nightly", "task_id": "dbt", "run_id": "manual", "try_number": 1, "date": "2026-03-01T00:00:00Z"}
SCRIPTS: list[dict[str, Any]] = json.loads((GOLDEN / "commands.json").read_text())


@pytest.mark.parametrize("case", SCRIPTS, ids=[each["name"] for each in SCRIPTS])
def test_a_script_says_where_dbt_ran(case: dict[str, Any]) -> None:
    found = commands(case["script"], case.get("cwd", ""), case.get("env", {}))
    assert [
        {"words": [*each.words], "project": each.project, "target": str(each.target) if each.target else None}
        for each in found
    ] == case["expected"]


def test_a_project_is_looked_for_upwards_as_dbt_does(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").touch()
    (tmp_path / "models").mkdir()
    (found,) = commands("dbt run", str(tmp_path / "models"), {})
    assert found.target == tmp_path / "target"


# -- a project of a test's own

Left = Callable[..., Any]


def model(name: str, *parents: str, **more: Any) -> dict[str, Any]:
    node = {"unique_id": f"model.shop.{name}", "resource_type": "model", "name": name, "package_name": "shop"}
    node |= {"database": "shop", "schema": "mart", "relation_name": f'"shop"."mart"."{name}"', "language": "sql"}
    depends = {"nodes": [f"model.shop.{each}" for each in parents], "macros": []}
    config = {"materialized": "table"}
    return node | {"config": config, "depends_on": depends, "columns": {}, "compiled_code": "select 1"} | more


def check(of: str, number: int = 0) -> dict[str, Any]:
    node: dict[str, Any] = {
        "unique_id": f"test.shop.not_null_{of}_{number}",
        "resource_type": "test",
        "name": f"not_null_{of}",
    }
    node |= {"attached_node": f"model.shop.{of}", "column_name": "id", "test_metadata": {"name": "not_null"}}
    return node | {"depends_on": {"nodes": [f"model.shop.{of}"], "macros": []}, "config": {}, "package_name": "shop"}


def result(node: dict[str, Any], status: str = "success", **more: Any) -> dict[str, Any]:
    told = {"unique_id": node["unique_id"], "status": status, "relation_name": node.get("relation_name")}
    return told | {"timing": [], "adapter_response": {}} | more


@pytest.fixture
def left(tmp_path: Path) -> Left:
    """Writes artifacts as dbt does; gives the task that has run it."""

    def written(
        nodes: list[dict[str, Any]],
        results: list[dict[str, Any]],
        *,
        marker: dict[str, Any] | None = None,
        command: str = "dbt run",
        compact: bool = False,
        **tables: Any,
    ) -> Any:
        now = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}.500000Z"
        marked = {"format": 1, "target": TARGET} if marker is None else marker
        if results and marked:
            results[0]["adapter_response"]["airflow_catalog"] = marked
        metadata = {"project_name": "shop", "generated_at": now}
        manifest = {"metadata": metadata, "nodes": {each["unique_id"]: each for each in nodes}, **tables}
        run: dict[str, Any] = {
            "metadata": {"invocation_id": RUN, "generated_at": now},
            "args": {"which": "run"},
            "results": results,
        }
        run["args"]["invocation_command"] = command
        folder = tmp_path / "target"
        folder.mkdir(exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps(manifest, separators=(",", ":") if compact else None))
        (folder / "run_results.json").write_text(json.dumps(run))
        return SimpleNamespace(bash_command="dbt run", cwd=str(tmp_path), env={"HOME": str(tmp_path)})

    return written


def told(task: Any, *, reported: bool = True, **record: Any) -> list[dict[str, Any]]:
    known = {**RECORD, "start_date": int((time.time() - 5) * 1e6), **record}
    return [json.loads(encoded(each)) for each in dbt.documents(task, known, reported=reported)]


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("others", [0, 100])
def test_what_ran_is_told_with_what_it_is_made_of(left: Left, others: int, compact: bool) -> None:
    """Found by their names, or in a manifest that is parsed: many are."""
    raw, orders = model("raw"), model("orders", "between")
    between = model("between", "raw", config={"materialized": "ephemeral"})
    more = [model(f"other_{number}") for number in range(others)]
    nodes = [raw, between, orders, check("orders"), *more]
    (document,) = told(left(nodes, [result(each) for each in (orders, check("orders"), *more)], compact=compact))
    assert [each["unique_id"] for each in document["nodes"]][:2] == ["model.shop.orders", "test.shop.not_null_orders_0"]
    assert len(document["nodes"]) == len(document["results"]) == 2 + others
    assert [each["unique_id"] for each in document["parents"]] == ["model.shop.between", "model.shop.raw"]
    assert document["before"] is True
    assert document["airflow"] == RECORD
    assert document["target"] == TARGET


def test_what_is_told_can_be_read(left: Left) -> None:
    (document,) = told(left([model("orders"), check("orders")], [result(model("orders")), result(check("orders"))]))
    changes = read(Envelope("dbt", json.dumps(document).encode()))
    assert len(changes.statements) > 3


def test_a_text_that_looks_like_a_node_is_none(left: Left) -> None:
    """In a description it is quoted, and in an object of somebody's it has another id."""
    false = {"model.shop.orders": {"unique_id": "somebody's"}}
    first = model("aaa", description='"model.shop.orders": {"unique_id": "model.shop.orders"}')
    (document,) = told(left([first, model("orders"), model("meta", meta=false)], [result(model("orders"))]))
    assert document["nodes"][0]["relation_name"] == '"shop"."mart"."orders"'


def test_documents_are_smaller_than_a_record_may_be_and_keep_tests_with_their_model(left: Left) -> None:
    names = [f"m{number}" for number in range(40)]
    nodes = [model(name, compiled_code="select 1 -- " + "x" * 100_000) for name in names]
    tests = [check(name, number) for name in names for number in range(3)]
    documents = told(left([*nodes, *tests], [result(each) for each in (*nodes, *tests)]))
    assert len(documents) > 3
    assert max(len(encoded(each)) for each in documents) < LIMIT
    assert not any("incomplete" in each for each in documents)
    for document in documents:
        here = {each["unique_id"] for each in document["nodes"]}
        assert {each["attached_node"] for each in document["nodes"] if "attached_node" in each} <= here
    assert sum(len(each["results"]) for each in documents) == len(nodes) + len(tests)


def test_sql_that_fits_into_no_record_is_left_out_and_its_model_is_not(left: Left) -> None:
    long = model("long", compiled_code="select 1 -- " + "x" * 2_000_000)
    (document,) = told(left([long], [result(long)]))
    assert [("compiled_code" in each, each["name"]) for each in document["nodes"]] == [(False, "long")]


def test_secrets_do_not_leave_the_task(left: Left) -> None:
    sql = "select * from dblink('host=a password=geheim7', 'x')"
    failed = result(model("orders"), "error", message="cannot log in: password=geheim7")
    (document,) = told(left([model("orders", compiled_code=sql)], [failed]))
    assert "geheim7" not in json.dumps(document)


def test_groups_seeds_and_a_new_catalog_come_along(left: Left, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "days.csv").write_text("day,name\n1,Monday\n")
    seed = model("days", "") | {"unique_id": "seed.shop.days", "resource_type": "seed", "group": "time"}
    seed |= {"original_file_path": "seeds/days.csv", "depends_on": {"nodes": [], "macros": []}}
    groups = {"group.shop.time": {"unique_id": "group.shop.time", "name": "time", "owner": {"email": "a@b.example"}}}
    task = left([seed], [result(seed)], groups=groups)
    columns = {"day": {"name": "day", "type": "INTEGER", "index": 1, "comment": None}}
    (tmp_path / "target" / "catalog.json").write_text(json.dumps({"nodes": {"seed.shop.days": {"columns": columns}}}))
    (document,) = told(task)
    assert document["columns"] == {"seed.shop.days": ["day", "name"]}
    assert document["groups"] == {"time": {"owner": {"email": "a@b.example"}}}
    assert document["catalog"]["seed.shop.days"]["columns"][0]["type"] == "INTEGER"


@pytest.mark.parametrize("path", ["../secrets.csv", "/etc/passwd", "seeds/out.csv", "seeds/days.txt", "", "\0"])
def test_a_seed_is_not_looked_for_outside_of_the_project(left: Left, tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "secrets.csv").write_text("card,pin\n")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "days.txt").write_text("day,name\n")
    (tmp_path / "seeds" / "out.csv").symlink_to(tmp_path.parent / "secrets.csv")
    seed = model("days", "") | {"unique_id": "seed.shop.days", "resource_type": "seed", "original_file_path": path}
    (document,) = told(left([seed | {"root_path": str(tmp_path.parent)}], [result(seed)]))
    assert "columns" not in document


def test_how_fresh_sources_are_is_told_without_a_run(left: Left, tmp_path: Path) -> None:
    task = left([], [])
    (tmp_path / "target" / "run_results.json").unlink()
    source = model("raw") | {"unique_id": "source.shop.raw.orders", "resource_type": "source"}
    metadata = {"project_name": "shop", "generated_at": "2026-03-01T00:00:00Z"}
    manifest = {"metadata": metadata, "sources": {source["unique_id"]: source}}
    (tmp_path / "target" / "manifest.json").write_text(json.dumps(manifest))
    found = result(source, "pass", max_loaded_at="2026-03-01T00:00:00Z")
    found["adapter_response"] = {"airflow_catalog": {"format": 1, "target": TARGET}}
    (tmp_path / "target" / "sources.json").write_text(json.dumps({"metadata": {}, "results": [found]}))
    (document,) = told(task)
    assert "invocation" not in document
    assert [each["unique_id"] for each in document["parents"]] == ["source.shop.raw.orders"]


# -- what is not told, and why


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"marker": {"target": TARGET, "airflow": {"dag_id": "nightly", "task_id": "b"}}}, "of another task"),
        ({"marker": {}, "command": "dbt run --select b"}, "of another command"),
        ({"marker": {}}, "which database"),
    ],
)
def test_what_is_of_another_or_of_nowhere_is_not_told(
    left: Left, options: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert told(left([model("orders")], [result(model("orders"))], **options)) == []
    assert reason in caplog.text


def test_what_was_there_before_the_task_began_is_not_told(left: Left) -> None:
    task = left([model("orders")], [result(model("orders"))])
    assert told(task, start_date=int((time.time() + 60) * 1e6)) == []
    assert told(task, start_date=int((time.time() + 1.5) * 1e6)) == []


@pytest.mark.parametrize("name", ["manifest.json", "run_results.json"])
@pytest.mark.parametrize("text", ["", "{", "[]", '{"metadata": 1, "results": {"a": 1}, "nodes": []}', "[" * 100_000])
def test_files_of_any_shape_do_no_harm(left: Left, tmp_path: Path, name: str, text: str) -> None:
    nodes = [model(f"m{number}") for number in range(30)]
    task = left(nodes, [result(each) for each in nodes])
    (tmp_path / "target" / name).write_text(text)
    assert all(each["format"] == 1 for each in told(task))


def test_of_too_large_a_manifest_only_how_nodes_went_is_told(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as results name them: tests they do not."""
    monkeypatch.setattr(dbt, "_UNREPORTED", dbt.Bounds(60_000, 0.2))
    nodes = [model(f"m{number}", description="x" * 2_000) for number in range(50)]
    task = left([*nodes, check("m1")], [result(each) for each in (*nodes, check("m1"))])
    (whole,) = told(task)
    assert len(whole["nodes"]) == 51
    (document,) = told(task, reported=False)
    assert document["nodes"] == []
    assert len(document["results"]) == 50
    assert document["parents"][0] | {"database": "shop", "schema": "mart", "name": "m0"} == document["parents"][0]
    assert len(read(Envelope("dbt", json.dumps(document).encode())).statements) == 2 * (1 + 50)


def test_when_time_is_over_only_how_nodes_went_is_told(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [model("orders"), check("orders")]
    task = left(nodes, [result(each, timing=[]) for each in nodes])
    now = iter([0.0, 0.0, 0.0, *[0.9] * 100])
    monkeypatch.setattr(time, "thread_time", lambda: next(now))
    (document,) = told(task)
    assert (document["nodes"], len(document["results"]), len(document["parents"])) == ([], 2, 2)


# -- where it was


def test_a_profile_is_read_where_our_package_did_not_run(left: Left, tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("profile: shop")
    (tmp_path / "profiles.yml").write_text(
        "shop:\n  target: dev\n  outputs:\n    dev: {type: postgres, host: \"{{ env_var('DB', 'db') }}\", port: 5432,"
        " user: ada, password: geheim7, dbname: shop, schema: mart}\n"
    )
    task = left([model("orders")], [result(model("orders"))], marker={})
    task.env["DB"] = "db.example.com"
    (document,) = told(task)
    assert document["target"] == TARGET | {"host": "db.example.com", "name": "dev"}


@pytest.mark.parametrize("text", ["", "[", "shop: 1", "shop: {outputs: {dev: {type: '{{ nonsense('}}, target: dev}"])
def test_a_profile_that_says_nothing_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "profiles.yml").write_text(text)
    found = dbt_target.of_profiles([str(tmp_path)], str(tmp_path), "shop", "", {})
    assert not (found or {}).get("host")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"type": "postgres", "dbname": "shop", "port": "5432", "pass": "x"}, {"database": "shop", "port": 5432}),
        ({"type": "bigquery", "project": "p", "dataset": "d", "keyfile": "x"}, {"database": "p", "schema": "d"}),
        ({"type": "databricks", "catalog": "main", "host": "h", "token": "x"}, {"database": "main", "host": "h"}),
        (
            {"type": "duckdb", "path": "a.duckdb", "attach": [{"path": "b.duckdb", "alias": "other"}]},
            {"path": "/p/a.duckdb", "database": "a", "attached": {"other": "/p/b.duckdb"}},
        ),
        ({"type": "duckdb", "path": "md:lake?motherduck_token=x"}, {"path": "md:lake"}),
    ],
)
def test_a_target_has_the_names_of_the_catalog_and_nobody_who_logs_in(
    stated: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = as_target(stated, "/p")
    assert found.items() >= expected.items()
    assert "x" not in found.values()


# -- Cosmos, and dbt as a library


class Operator:
    """What one of Cosmos is to us. `run` is what it does with its callbacks."""

    def __init__(self, folder: Path, callback: Any = None, callback_args: Any = None) -> None:
        self.folder = folder
        self.callback = callback
        self.callback_args: Any = {} if callback_args is None else callback_args
        self.project_dir = "/project"
        mapping = SimpleNamespace(dbt_profile_type="postgres", profile={**TARGET, "user": "ada", "password": "{{ x }}"})
        self.profile_config = SimpleNamespace(profile_mapping=mapping, target_name="dev")

    def run(self) -> None:
        for each in self.callback if isinstance(self.callback, list) else [self.callback]:
            each(str(self.folder), **self.callback_args, context={})
        for file in (self.folder / "target").iterdir():
            file.unlink()


Operator.__module__ = "cosmos.operators.local"


@pytest.fixture
def fresh() -> Iterator[None]:
    dbt.begin(SimpleNamespace())
    yield
    dbt.begin(SimpleNamespace())


@pytest.mark.usefixtures("fresh")
def test_what_cosmos_leaves_is_read_after_its_folder_is_gone(left: Left, tmp_path: Path) -> None:
    left([model("orders")], [result(model("orders"))], marker={})
    called: list[str] = []
    task = Operator(tmp_path, lambda folder, **_: called.append(folder), {"bucket": "b"})
    dbt.begin(task)
    task.run()
    (document,) = told(task)
    assert called == [str(tmp_path)]
    assert [each["unique_id"] for each in document["nodes"]] == ["model.shop.orders"]
    assert document["target"] == TARGET | {"name": "dev"}
    assert told(task) == []


@pytest.mark.usefixtures("fresh")
def test_a_callback_of_ours_fails_no_task(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    task = Operator(tmp_path)
    dbt.begin(task)
    (callback,) = task.callback
    callback(None)
    callback("\0")
    assert "The catalog could not look" in caplog.text


@pytest.mark.usefixtures("fresh")
def test_what_another_task_of_this_process_has_opened_is_forgotten(left: Left, tmp_path: Path) -> None:
    left([model("orders")], [result(model("orders"))])
    task = Operator(tmp_path)
    dbt.begin(task)
    task.run()
    dbt.begin(SimpleNamespace())
    assert told(task) == []


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """dbt as far as it is looked at, and another invocation of it."""
    names = ("dbt.cli.main", "dbt.flags", "dbt_common.invocation", "dbt.adapters.factory")
    _, flags, invocation, factory = modules = [ModuleType(name) for name in names]
    for module in modules:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(flags)["GLOBAL_FLAGS"] = SimpleNamespace(PROJECT_DIR=tmp_path, TARGET_PATH=None)
    credentials = SimpleNamespace(**TARGET, user="ada", password="geheim7")
    config = SimpleNamespace(credentials=credentials, target_name="dev")
    vars(factory)["FACTORY"] = SimpleNamespace(adapters={"postgres": SimpleNamespace(config=config)})

    def invoked(name: str) -> None:
        vars(invocation)["_INVOCATION_ID"] = name

    invoked("before")
    return invoked


def test_dbt_as_a_library_says_itself_where_it_was(left: Left, library: Callable[[str], None]) -> None:
    left([model("orders")], [result(model("orders"))], marker={})
    task = SimpleNamespace(python_callable=None)
    dbt.begin(task)
    assert told(task) == []
    library("another")
    (document,) = told(task)
    assert document["target"] == TARGET | {"name": "dev"}
    assert "geheim7" not in json.dumps(document)


def test_a_task_without_dbt_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    monkeypatch.setattr(os, "stat", opened.append)
    assert told(SimpleNamespace(bash_command="echo hello")) == []
    assert opened == []


# -- the listener


class Shell(SimpleNamespace):
    """An operator that runs scripts."""

    task_type = "Shell"


def ended(task: Any) -> None:
    """As a process of Airflow's for one task does."""
    run = SimpleNamespace(logical_date=datetime(2026, 3, 1, tzinfo=UTC), clear_number=0)
    ti = SimpleNamespace(task=Shell(**vars(task)), get_template_context=lambda: {"dag_run": run})
    vars(ti).update({"start_date": datetime.now(UTC) - timedelta(seconds=5)}, **RECORD)
    listener.on_task_instance_running(task_instance=ti)
    listener.on_task_instance_failed(task_instance=ti, error=ValueError("dbt failed"))


def test_documents_are_kept_beside_the_record_of_their_task(left: Left, kept: Any) -> None:
    ended(left([model("orders")], [result(model("orders"), "error")]))
    assert [(kind, record.get("state")) for kind, record in kept()] == [
        ("task", "running"),
        ("task", "failed"),
        ("dbt", None),
    ]
    task, document = (record for _, record in kept()[1:])
    assert document["airflow"].items() <= task.items()
    assert document["airflow"].keys() >= {"dag_id", "task_id", "run_id", "try_number", "date", "namespace"}


@pytest.mark.parametrize(
    ("option", "value"),
    [("ENABLED", "False"), ("DISABLED_FOR_OPERATORS", f"{__name__}.Shell"), ("SELECTIVE_ENABLE", "True")],
)
def test_what_is_switched_off_tells_nothing_of_dbt_either(
    left: Left, kept: Any, monkeypatch: pytest.MonkeyPatch, option: str, value: str
) -> None:
    monkeypatch.setenv(f"AIRFLOW__CATALOG__{option}", value)
    ended(left([model("orders")], [result(model("orders"))]))
    assert kept() == []
