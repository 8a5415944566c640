"""What the macros tell by each transport is what the artifacts of the same run say, to the letter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.model.dbt import Document, Invocation, Target
from airflow_provider_catalog.model.dbt_nodes import all_nodes, node, parents_of, placed
from airflow_provider_catalog.model.dbt_results import result
from airflow_provider_catalog.sources.dbt.exported import documents_of_log, documents_of_rows
from tests.dbt_macros.project import Project, Ran, shop

AIRFLOW = {
    "AIRFLOW_CTX_DAG_ID": "nightly",
    "AIRFLOW_CTX_TASK_ID": "dbt.build",
    "AIRFLOW_CTX_DAG_RUN_ID": "manual__2026-01-01",
    "AIRFLOW_CTX_TRY_NUMBER": "2",
    "AIRFLOW_CTX_LOGICAL_DATE": "2026-01-01T00:00:00+00:00",
    "OPENLINEAGE_NAMESPACE": "prod",
    "OPENLINEAGE_PARENT_ID": "prod/eu/nightly.dbt.build/01234567-89ab-7def-8123-456789abcdef",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """It exports by the package's own hook, by the line of the project and by a wrapper of the line."""
    lines = ("{{ airflow_catalog.export_lineage_to_catalog() }}", "{{ tell_catalog() }}")
    return shop(tmp_path_factory.mktemp("transports") / "shop").hook(*lines).install()


@pytest.fixture(scope="module")
def artifacts(project: Project) -> Ran:
    return project.dbt("build")


@pytest.fixture(scope="module")
def rows(artifacts: Ran, project: Project) -> list[dict[str, Any]]:
    """Of a run in which a model fails. They are read in the order that the database gives."""
    assert project.dbt("build", transport="table").returncode == artifacts.returncode == 1
    return project.rows()


def assert_says_what_the_artifacts_say(project: Project, documents: Iterable[Document]) -> None:
    told = list(documents)
    manifest = all_nodes(project.artifact("manifest.json"))
    nodes = {each["unique_id"]: each for document in told for each in document["nodes"]}
    assert nodes == {unique_id: node(manifest[unique_id]) for unique_id in nodes}
    for document in told:
        here = {each["unique_id"]: each for each in document["nodes"]}
        assert _by_id(document["parents"]) == {name: placed(manifest[name]) for name in parents_of(here, manifest)}
    results = [
        each for each in project.artifact("run_results.json")["results"] if "operation." not in each["unique_id"]
    ]
    assert _by_id(each for document in told for each in document["results"]) == _by_id(map(result, results))


def assert_has_the_keys_of_the_model(*documents: Document) -> None:
    for each in documents:
        assert set(each) <= set(Document.__annotations__)
        assert set(each["invocation"]) <= set(Invocation.__annotations__)
        assert set(each["target"]) <= set(Target.__annotations__)


def _by_id(listed: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {each["unique_id"]: each for each in listed}


def test_rows_say_what_the_artifacts_say(project: Project, rows: list[dict[str, Any]]) -> None:
    assert_says_what_the_artifacts_say(project, documents_of_rows(rows))


def test_hooks_of_one_run_export_once(project: Project, rows: list[dict[str, Any]]) -> None:
    assert [(each["part"], each["parts"], each["piece"], each["pieces"]) for each in rows] == [(1, 1, 1, 1)]
    assert len(project.markers()) == 1


def test_a_document_holds_what_ran_and_what_touches_it(rows: list[dict[str, Any]]) -> None:
    (document,) = documents_of_rows(rows)
    assert_has_the_keys_of_the_model(document)
    assert {each["unique_id"].rpartition("shop.")[2].partition(".")[0] for each in document["nodes"]} == {
        *("raw_orders", "orders", "growing", "broken", "after_broken", "orders_snapshot", "web", "board"),
        *("unique_orders_id", "accepted_values_orders_id__1__2", "growing"),
    }
    assert [each["name"] for each in document["parents"]] == ["stg_orders"]
    assert document["groups"] == {"tills": {"owner": _owner(document["groups"])}}


def _owner(groups: dict[str, Any]) -> dict[str, Any]:
    owner: dict[str, Any] = groups["tills"]["owner"]
    assert (owner["name"], owner["email"]) == ("O'Hara", "till@example.com")
    return owner


def test_a_document_tells_of_the_invocation(project: Project, rows: list[dict[str, Any]]) -> None:
    (document,) = documents_of_rows(rows)
    told = document["invocation"]
    metadata = project.artifact("run_results.json")["metadata"]
    assert told["id"] == metadata["invocation_id"]
    assert (told["command"], told["succeeded"], told["full_refresh"]) == ("build", False, False)
    # The macro sees the moment when dbt read its clock again, some microseconds later.
    assert metadata["invocation_started_at"] <= told["started_at"] < told["ended_at"] <= metadata["generated_at"]
    assert told["dbt_version"] == metadata["dbt_version"]


def test_lines_of_each_form_of_log_say_what_the_artifacts_say(project: Project, rows: list[dict[str, Any]]) -> None:
    ran = project.dbt("build", "--log-format-file", "json", transport="log", environment=AIRFLOW)
    told = list(documents_of_log(ran.output.splitlines()))
    assert_says_what_the_artifacts_say(project, told)
    assert max(map(len, ran.lines("airflow_catalog: {"))) < 32_000
    invocation_id = told[0]["invocation"]["id"]
    written = [each for each in documents_of_log(project.log()) if each["invocation"]["id"] == invocation_id]
    assert written == told
    assert len(told) > 1


def test_the_marker_tells_where_dbt_writes_to(project: Project, artifacts: Ran) -> None:
    ran = project.dbt("run", "--select", "growing")
    assert ran.returncode == 0, ran.output
    file = str(project.root / "shop.duckdb")
    target = {"type": "duckdb", "name": "dev", "database": "shop", "schema": "main", "path": file}
    attached = {"shop": file, "locked": str(project.root / "locked.duckdb")}
    assert project.markers() == [{"format": 1, "transport": "artifacts", "target": target | {"attached": attached}}]
    assert ran.lines("To bring")[0].endswith(f"airflow-catalog dbt ingest {project.root / 'target'}")


def test_the_marker_tells_which_task_runs_dbt_and_costs_no_parsing(project: Project, artifacts: Ran) -> None:
    ran = project.dbt("run", "--select", "growing", environment=AIRFLOW)
    (marker,) = project.markers()
    assert marker["airflow"] == {
        "dag_id": "nightly",
        "task_id": "dbt.build",
        "run_id": "manual__2026-01-01",
        "try_number": 2,
        "date": "2026-01-01T00:00:00+00:00",
    }
    parent = {"namespace": "prod/eu", "name": "nightly.dbt.build", "run_id": "01234567-89ab-7def-8123-456789abcdef"}
    assert (marker["parent"], marker["job_namespace"]) == (parent, "prod")
    assert not ran.lines("To bring")
    assert not ran.lines("Unable to do partial parsing")


def test_freshness_is_told_as_in_the_artifact(project: Project, artifacts: Ran) -> None:
    ran = project.dbt("source", "freshness", transport="log")
    (document,) = documents_of_log(ran.output.splitlines())
    (told,) = document["freshness"]
    assert len(project.markers("sources.json")) == 1
    (written,) = project.artifact("sources.json")["results"]
    del written["adapter_response"]["airflow_catalog"]
    for key in ("unique_id", "status", "max_loaded_at_time_ago_in_s", "adapter_response"):
        assert told[key] == written[key]
    assert told["snapshotted_at"].rstrip("Z")[:19] == written["snapshotted_at"][:19]
    assert told["criteria"]["warn_after"] == written["criteria"]["warn_after"]


def test_nothing_is_told_where_it_is_switched_off(project: Project, artifacts: Ran) -> None:
    ran = project.dbt("run", "--select", "growing", enabled=False)
    assert (ran.returncode, project.markers(), ran.lines("catalog dbt ingest")) == (0, [], [])


def test_nodes_are_selected_by_package_id_and_tag(project: Project, artifacts: Ran) -> None:
    selected: dict[str, Any] = {"include": ["tag:every", "*.shop.unique_*"], "exclude": ["model.shop.g*"]}
    ran = project.dbt("build", transport="log", **selected)
    told = list(documents_of_log(ran.output.splitlines()))
    assert_has_the_keys_of_the_model(*told)
    nodes = [each for document in told for each in document["nodes"]]
    found = {each["name"] for each in nodes}
    assert found == {"orders", "broken", "after_broken", "unique_orders_id"}
    (marker,) = project.markers()
    assert (marker["include"], marker["exclude"]) == (selected["include"], selected["exclude"])


def test_what_is_over_the_cap_is_left_out_and_said(project: Project, artifacts: Ran) -> None:
    ran = project.dbt("run", "--select", "orders", "growing", transport="log", max_bytes=3000, chunk_bytes=1000)
    told = list(documents_of_log(ran.output.splitlines()))
    assert 0 < len(json.dumps([each["nodes"] + each["results"] for each in told])) < 3000 + 100
    assert "airflow_catalog_max_bytes (3000)" in ran.lines("WARNING: the catalog was not told")[0]


def test_a_macro_of_the_project_takes_every_document(project: Project, artifacts: Ran, tmp_path: Path) -> None:
    own = project.root / "macros" / "send_to_catalog_api.sql"
    own.write_text(
        "{% macro send_to_catalog_api(payload) %}{% do log('sent ' ~ tojson(payload), info=true) %}{% endmacro %}"
    )
    ran = project.dbt("run", "--select", "orders")
    own.unlink()
    told = [json.loads(line.split("sent ", 1)[1]) for line in ran.lines("sent {")]
    assert [(each.pop("part"), each.pop("parts")) for each in told] == [(1, 1)]
    assert_says_what_the_artifacts_say(project, told)
