"""Files of a target folder: of every version that is read, of commands that run nothing, cut off and hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.errors import ArtifactsError
from airflow_provider_catalog.model.dbt_nodes import all_nodes, node, parents_of, placed, seed_columns
from airflow_provider_catalog.model.dbt_results import result
from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
from airflow_provider_catalog.sources.dbt.folder import artifacts
from airflow_provider_catalog.sources.dbt.project import Project

GOLDEN = Path(__file__).parents[2] / "golden" / "dbt" / "artifacts"
NODES = {
    10: {"model.kiosk.stg_sales", "test.kiosk.not_null_stg_sales_id.1", "source.kiosk.till.sales", "metric.kiosk.sold"},
    11: {"model.kiosk.stg_sales", "test.kiosk.not_null_stg_sales_id.1", "source.kiosk.till.sales"},
    12: {
        *("model.kiosk.stg_sales", "model.kiosk.per_item", "seed.kiosk.rates", "snapshot.kiosk.sales_states"),
        *("test.kiosk.not_null_per_item_item.45cc2e17b8", "source.kiosk.till.sales", "exposure.kiosk.board"),
        "unit_test.kiosk.per_item.sums_by_item",
    },
}
RUN = {
    "metadata": {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
        "dbt_version": "1.11.0",
        "generated_at": "2025-03-01T06:05:00Z",
        "invocation_id": "8f0e7a52-3c1b-4c67-9d5e-0b7d2f4c6a10",
        "invocation_started_at": "2025-03-01T06:00:00Z",
    },
    "args": {"which": "build", "project_dir": "/srv/kiosk", "full_refresh": True},
    "results": [{"unique_id": "model.kiosk.per_item", "status": "success", "timing": []}],
}


def manifest(version: int = 12, **metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"manifest_v{version}.json").read_text())
    found["metadata"] |= metadata
    return found


def made(**files: Any) -> Artifacts:
    """Of these files; `manifest` where no other is given. Bytes are written as they are."""
    files = {"manifest": manifest(), **files}
    written = {
        f"{name}.json": content if isinstance(content, bytes) else json.dumps(content).encode()
        for name, content in files.items()
        if content is not None
    }
    return Artifacts.of(written.get, "target")


def refused(**files: Any) -> str:
    with pytest.raises(ArtifactsError) as error:
        made(**files)
    assert error.value.where == "target"
    return error.value.problem


# -- the manifest


@pytest.mark.parametrize("version", NODES)
def test_a_manifest_of_any_version_from_dbt_1_6_on_is_read(version: int) -> None:
    found = made(manifest=manifest(version))
    assert found.project == "kiosk"
    assert set(all_nodes(found.manifest)) == NODES[version]
    assert found.adapter == ("duckdb" if version == 12 else "postgres")
    assert found.generated_at.startswith("20")


@pytest.mark.parametrize("version", NODES)
def test_columns_of_its_models_are_those_of_their_sql(version: int) -> None:
    of = Project.of(manifest(version))
    if version < 12:
        assert of.columns("model.kiosk.stg_sales") == ("id", "item")
    else:
        assert of.columns("model.kiosk.per_item") == ("item", "total", "sold")


def test_the_artifacts_of_a_newer_engine_are_read_as_far_as_they_are_known() -> None:
    newer = manifest(dbt_schema_version="https://schemas.getdbt.com/dbt/manifest/v20.json")
    newer["nodes"]["model.kiosk.strange"] = {"unique_id": "model.kiosk.strange", "resource_type": "model"}
    newer["somethings"] = {"x": {}}
    assert "model.kiosk.strange" in all_nodes(made(manifest=newer).manifest)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "there is no manifest.json: dbt writes it"),
        (b"", "manifest.json is not JSON"),
        (b'{"metadata": {"dbt_sch', "was dbt stopped while it wrote it?"),
        (b"\xff\xfe{}", "manifest.json is not JSON"),
        ([], "manifest.json is none of dbt's"),
        ({"nodes": {}}, "it has no nodes, or no version"),
        ({"metadata": {"dbt_schema_version": "v12"}, "nodes": {}}, "it has no nodes, or no version"),
        ({"metadata": {"dbt_schema_version": "https://x/v12.json"}, "nodes": []}, "it has no nodes, or no version"),
        ({"metadata": [], "nodes": {}}, "it has no nodes, or no version"),
        (
            {
                "metadata": {"dbt_schema_version": "https://x/v9.json", "generated_at": "2022-01-01T00:00:00Z"},
                "nodes": {},
            },
            "of version 9: dbt 1.6 and later",
        ),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_reason(content: Any, problem: str) -> None:
    assert problem in refused(manifest=content)


@pytest.mark.parametrize("stated", [None, "", "yesterday", 7, []])
def test_a_manifest_that_does_not_say_when_it_was_made_is_refused(stated: Any) -> None:
    assert "when it was written" in refused(manifest=manifest(generated_at=stated))


@pytest.mark.parametrize("name", ["run_results", "catalog", "sources"])
def test_another_file_that_is_cut_off_is_named(name: str) -> None:
    assert f"{name}.json is not JSON" in refused(**{name: b'{"results": ['})
    assert f"{name}.json is none of dbt's" in refused(**{name: b"[]"})


def test_a_project_that_no_node_names_has_no_name() -> None:
    stated = manifest(10)
    stated["nodes"] = {"model.x.y": {"unique_id": "model.x.y", "resource_type": "model"}}
    stated["sources"], stated["metrics"] = {}, {}
    assert made(manifest=stated).project == ""


# -- the run


def test_an_invocation_is_what_run_results_say() -> None:
    assert made(run_results=RUN).invocation() == {
        "id": "8f0e7a52-3c1b-4c67-9d5e-0b7d2f4c6a10",
        "command": "build",
        "started_at": "2025-03-01T06:00:00Z",
        "ended_at": "2025-03-01T06:05:00Z",
        "succeeded": True,
        "dbt_version": "1.11.0",
        "full_refresh": True,
    }


@pytest.mark.parametrize("status", ["error", "fail", "runtime error", "partial success", "ERROR"])
def test_an_invocation_fails_with_any_of_its_nodes(status: str) -> None:
    results = [*RUN["results"], {"unique_id": "model.kiosk.stg_sales", "status": status}]  # type: ignore[misc]  # a list
    found = made(run_results={**RUN, "results": results}).invocation()
    assert found is not None
    assert found["succeeded"] is False


@pytest.mark.parametrize("status", ["success", "pass", "warn", "skipped", "no-op"])
def test_an_invocation_does_not_fail_for_anything_else(status: str) -> None:
    results = [{"unique_id": "model.kiosk.stg_sales", "status": status}]
    found = made(run_results={**RUN, "results": results}).invocation()
    assert found is not None
    assert found["succeeded"] is True


@pytest.mark.parametrize("command", ["generate", "compile", "list", "show", "parse", "run-operation", "", None, 7])
def test_what_runs_nothing_leaves_no_run(command: Any) -> None:
    """`dbt docs generate` has results of compiling, which look like successes."""
    found = made(run_results={**RUN, "args": {"which": command}})
    assert found.invocation() is None
    assert found.results == []
    assert "invocation" not in found.document()


def test_without_the_time_of_its_start_an_invocation_began_with_the_first_of_its_nodes() -> None:
    older = {**RUN, "metadata": {**RUN["metadata"], "invocation_started_at": None}}  # type: ignore[dict-item]  # an object
    timing = [{"name": "execute", "started_at": "2025-03-01T06:01:00Z"}, {"name": "compile", "started_at": None}, None]
    for told, started in (
        (timing, "2025-03-01T06:01:00Z"),
        ([], "2025-03-01T06:05:00Z"),
        (7, "2025-03-01T06:05:00Z"),
    ):
        results = [{"unique_id": "model.kiosk.per_item", "status": "success", "timing": told}]
        found = made(run_results={**older, "results": results}).invocation()
        assert found is not None
        assert found["started_at"] == started


def test_sql_that_only_the_results_have_is_that_of_their_nodes() -> None:
    stated = manifest()
    del stated["nodes"]["model.kiosk.per_item"]["compiled_code"]
    results = [{"unique_id": "model.kiosk.per_item", "status": "success", "compiled_code": "select 1 as one"}]
    nodes = made(manifest=stated, run_results={**RUN, "results": results}).nodes()
    assert nodes["model.kiosk.per_item"]["compiled_code"] == "select 1 as one"
    assert nodes["model.kiosk.stg_sales"]["compiled_code"] == 'select * from "k"."raw"."sales"'


def test_what_our_hook_left_says_where_and_for_whom() -> None:
    told = {"target": {"type": "postgres", "host": "db"}, "parent": {"name": "a"}, "airflow": {"dag_id": "d"}}
    results = [{"unique_id": "operation.x", "adapter_response": {"airflow_catalog": told}}]
    document = made(run_results={**RUN, "results": results}).document()
    assert document["target"] == {"type": "postgres", "host": "db"}
    assert document["parent"] == {"name": "a"}
    assert document["airflow"] == {"dag_id": "d"}


@pytest.mark.parametrize("left", [None, 7, [], "x", {"target": 7, "parent": 0}])
def test_what_our_hook_did_not_leave_is_passed_over(left: Any) -> None:
    results = [{"unique_id": "operation.x", "adapter_response": {"airflow_catalog": left}}, 7]
    document = made(run_results={**RUN, "results": results}).document()
    assert not document.keys() & {"target", "parent", "airflow"}


def test_groups_are_told_with_their_owners() -> None:
    assert made().document()["groups"] == {"money": {"owner": manifest()["groups"]["group.kiosk.money"]["owner"]}}


# -- what of a node goes into documents


def test_a_node_is_told_without_what_nobody_asks_for() -> None:
    told = node(manifest()["nodes"]["model.kiosk.per_item"])
    assert told["compiled_code"]
    assert not told.keys() & {"raw_code", "fqn", "created_at", "patch_path", "refs"}
    assert set(told["columns"]) == {"item", "total"}


def test_macros_of_dbt_itself_are_left_out() -> None:
    macros = ["macro.dbt.is_incremental", "macro.dbt_duckdb.x", "macro.dbt_utils.star", "macro.kiosk.taxed"]
    told = node({"unique_id": "model.a.b", "depends_on": {"nodes": ["model.a.c"], "macros": macros}})
    assert told["depends_on"] == {"nodes": ["model.a.c"], "macros": ["macro.dbt_utils.star", "macro.kiosk.taxed"]}


def test_hooks_and_what_is_disabled_are_no_nodes() -> None:
    stated = {
        "nodes": {
            "operation.a.b": {"resource_type": "operation"},
            "sql_operation.a.b": {"resource_type": "sql_operation"},
            "model.a.off": {"resource_type": "model", "config": {"enabled": False}},
            "model.a.on": {"resource_type": "model", "config": {"enabled": True}},
            "model.a.odd": 7,
        },
        "sources": [],
    }
    assert list(all_nodes(stated)) == ["model.a.on"]


def test_parents_are_followed_through_ephemeral_models_alone() -> None:
    def of(*parents: str, kind: str = "view") -> dict[str, Any]:
        return {"depends_on": {"nodes": list(parents)}, "config": {"materialized": kind}}

    among = {"a": of("b"), "b": of("c", "b", kind="ephemeral"), "c": of("d"), "d": of("unknown")}
    assert set(parents_of({"a": among["a"]}, among)) == {"b", "c"}


def test_a_parent_is_told_with_its_place_and_its_columns() -> None:
    told = placed(manifest()["nodes"]["model.kiosk.stg_sales"])
    assert told["relation_name"] == '"k"."main"."stg_sales"'
    assert told["columns"] == ["id", "currency"]
    assert not told.keys() & {"compiled_code", "description", "depends_on"}


def test_results_go_without_their_sql_and_what_our_hook_left() -> None:
    stated = {"unique_id": "a", "compiled_code": "x", "adapter_response": {"airflow_catalog": {}, "rows_affected": 1}}
    assert result(stated) == {"unique_id": "a", "adapter_response": {"rows_affected": 1}}


# -- a folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "target"
    target.mkdir()
    (target / "manifest.json").write_text(json.dumps(seeded(tmp_path)))
    (target / "run_results.json").write_text(
        json.dumps({**RUN, "args": {"which": "build", "project_dir": str(tmp_path)}})
    )
    (tmp_path / "seeds").mkdir()
    return target


def seeded(root: Path, path: str = "seeds/rates.csv", **config: Any) -> dict[str, Any]:
    stated = manifest()
    stated["nodes"]["seed.kiosk.rates"] |= {"root_path": str(root), "original_file_path": path}
    stated["nodes"]["seed.kiosk.rates"]["config"] |= config
    return stated


def test_a_folder_is_a_target_or_a_project_that_has_one(folder: Path) -> None:
    assert artifacts(folder).project == artifacts(folder.parent).project == "kiosk"


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactsError, match=r"there is no manifest\.json") as error:
        artifacts(tmp_path / "nowhere")
    assert error.value.where == str(tmp_path / "nowhere")


def test_what_cannot_be_read_is_an_error_that_names_it(folder: Path) -> None:
    (folder / "catalog.json").mkdir()
    with pytest.raises(ArtifactsError, match=r"catalog\.json"):
        artifacts(folder)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (b"currency,rate\nEUR,1\n", ["currency", "rate"]),
        (b"\xef\xbb\xbfcurrency,rate\r\n", ["currency", "rate"]),
        (b'"a, b","c ""d"""\n1,2\n', ["a, b", 'c "d"']),
        ("größe,日\n".encode(), ["größe", "日"]),
    ],
)
def test_the_columns_of_a_seed_are_those_of_its_file(folder: Path, content: bytes, columns: list[str]) -> None:
    (folder.parent / "seeds" / "rates.csv").write_bytes(content)
    assert artifacts(folder).seeds == {"seed.kiosk.rates": columns}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", None])
def test_a_seed_whose_file_tells_nothing_is_passed_over(folder: Path, content: bytes | None) -> None:
    if content is not None:
        (folder.parent / "seeds" / "rates.csv").write_bytes(content)
    assert artifacts(folder).seeds == {}


def test_a_seed_is_cut_where_the_project_says(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps(seeded(folder.parent, delimiter=";")))
    (folder.parent / "seeds" / "rates.csv").write_text("currency;rate,in,euros\n")
    assert artifacts(folder).seeds == {"seed.kiosk.rates": ["currency", "rate,in,euros"]}


def test_a_project_that_was_moved_since_has_its_seeds_where_it_is_now(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps(seeded(Path("/usr/app/dbt"))))
    (folder.parent / "seeds" / "rates.csv").write_text("currency,rate\n")
    assert artifacts(folder).seeds == {"seed.kiosk.rates": ["currency", "rate"]}


def test_the_seeds_of_a_package_are_those_in_its_own_folder(folder: Path) -> None:
    package = folder.parent / "dbt_packages" / "money"
    (package / "seeds").mkdir(parents=True)
    (package / "seeds" / "rates.csv").write_text("of,the,package\n")
    (folder.parent / "seeds" / "rates.csv").write_text("of,the,project\n")
    stated = seeded(package)
    stated["nodes"]["seed.kiosk.rates"]["package_name"] = "money"
    (folder / "manifest.json").write_text(json.dumps(stated))
    assert artifacts(folder).seeds == {"seed.kiosk.rates": ["of", "the", "package"]}


def test_a_manifest_cannot_have_files_read_that_are_not_of_its_project(folder: Path, tmp_path: Path) -> None:
    for elsewhere in (tmp_path.parent / f"{tmp_path.name}.csv", tmp_path.parent / f"{tmp_path.name}.sql"):
        elsewhere.write_text("secret,words\n")
    root, name = tmp_path.parent, tmp_path.name
    for stated in (
        seeded(root, f"{name}.csv"),
        seeded(tmp_path, f"../{name}.csv"),
        seeded(tmp_path, str(root / f"{name}.csv")),
    ):
        (folder / "manifest.json").write_text(json.dumps(stated))
        assert artifacts(folder).seeds == {}


@pytest.mark.parametrize("path", ["../../../outside/batches.sql", "{root}/outside/batches.sql"])
def test_a_manifest_cannot_have_sql_read_that_dbt_did_not_compile(folder: Path, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside" / "batches").mkdir(parents=True)
    (tmp_path / "outside" / "batches" / "one.sql").write_text("select 'secret'")
    (folder / "compiled" / "kiosk").mkdir(parents=True)
    stated = manifest()
    model = stated["nodes"]["model.kiosk.per_item"]
    model["config"]["incremental_strategy"], model["original_file_path"] = "microbatch", path.format(root=tmp_path)
    del model["compiled_code"]
    (folder / "manifest.json").write_text(json.dumps(stated))
    assert artifacts(folder).batches == {}


def test_the_sql_of_a_model_in_batches_is_that_of_its_last_one(folder: Path) -> None:
    compiled = folder / "compiled" / "kiosk" / "models" / "per_item"
    compiled.mkdir(parents=True)
    for day in ("2025-01-01", "2025-01-02"):
        (compiled / f"per_item_{day}.sql").write_text(f"select '{day}' as day")
    stated = manifest()
    model = stated["nodes"]["model.kiosk.per_item"]
    model["config"]["incremental_strategy"] = "microbatch"
    del model["compiled_code"]
    (folder / "manifest.json").write_text(json.dumps(stated))
    assert artifacts(folder).nodes()["model.kiosk.per_item"]["compiled_code"] == "select '2025-01-02' as day"


@pytest.mark.parametrize(
    ("line", "delimiter", "columns"),
    [
        ("day,name\n", None, ["day", "name"]),
        ("day;name", ";", ["day", "name"]),
        ('"a,b",c', ",", ["a,b", "c"]),
        ("day,name", "||", ["day", "name"]),
        ("", None, []),
    ],
)
def test_the_columns_of_a_seed_are_its_first_line(line: str, delimiter: str | None, columns: list[str]) -> None:
    assert seed_columns({"config": {"delimiter": delimiter}}, line) == columns


@pytest.mark.parametrize(("command", "is_told"), [("build", True), ("run", True), ("generate", False)])
def test_that_docs_have_written_over_the_results_is_said(command: str, is_told: bool) -> None:
    results = {"metadata": {"invocation_id": "1"}, "args": {"which": command}, "results": []}
    found = Artifacts(manifest(), results, {}, {}, {}, {})
    assert ("--no-compile" in found.problem) is not is_told
