"""`DbtArtifactsIngestOperator`: where artifacts are, which database it was, and who ran dbt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from airflow_provider_catalog.errors import ArtifactsError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.operators.dbt import DbtArtifactsIngestOperator
from airflow_provider_catalog.sources.airflow_runs import dag_run
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.merge import Merger

RUN = "8f1c2c4e-3c0a-4b43-9a60-0f7d2a9f6f01"
AT, UNTIL = "2026-03-01T10:00:00.000000Z", "2026-03-01T10:00:05.000000Z"
MODEL = "model.shop.orders"
TARGET = {"type": "postgres", "host": "warehouse", "port": 5432, "database": "shop", "schema": "mart"}
DATE = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = {"dag_id": "nightly", "run_id": "manual", "date": DATE.isoformat(), "clear_number": 0, "namespace": "default"}


def left(**marker: Any) -> dict[str, dict[str, Any]]:
    """A project with one model, run once; what our hook has left in the results."""
    node: dict[str, Any] = {
        "unique_id": MODEL,
        "resource_type": "model",
        "name": "orders",
        "package_name": "shop",
        "language": "sql",
    }
    node |= {"database": "shop", "schema": "mart", "relation_name": '"shop"."mart"."orders"', "columns": {}}
    node |= {"config": {"materialized": "table"}, "depends_on": {"nodes": [], "macros": []}}
    schema = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    metadata = {"dbt_schema_version": schema, "project_name": "shop", "adapter_type": "postgres", "generated_at": AT}
    timing = [{"name": "execute", "started_at": AT, "completed_at": UNTIL}]
    result: dict[str, Any] = {"unique_id": MODEL, "status": "success", "timing": timing, "adapter_response": {}}
    if marker:
        result["adapter_response"]["airflow_catalog"] = {"format": 1, **marker}
    run = {"invocation_id": RUN, "generated_at": UNTIL, "invocation_started_at": AT}
    return {
        "manifest.json": {"metadata": metadata, "nodes": {MODEL: {**node, "compiled_code": "select 1 as id"}}},
        "run_results.json": {"metadata": run, "args": {"which": "run"}, "results": [result]},
    }


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)
    with closing(open_store(url)) as store:
        yield store


@pytest.fixture
def target(tmp_path: Path) -> Callable[..., str]:
    """Writes them into a folder, and says which."""

    def written(**marker: Any) -> str:
        folder = tmp_path / "target"
        folder.mkdir(exist_ok=True)
        for name, stated in left(**marker).items():
            (folder / name).write_text(json.dumps(stated))
        return str(folder)

    return written


def task(task_id: str, kind: str = "KubernetesPodOperator", **more: Any) -> Any:
    return SimpleNamespace(task_id=task_id, task_type=kind, **more)


def context(*upstream: Any) -> dict[str, Any]:
    of_task = SimpleNamespace(upstream_list=[*upstream])
    run = SimpleNamespace(logical_date=DATE, run_after=DATE, clear_number=0)
    return {"ti": SimpleNamespace(dag_id="nightly", run_id="manual", task=of_task), "dag_run": run}


def ingested(store: Store, *upstream: Any, **options: Any) -> dict[str, Any]:
    found = DbtArtifactsIngestOperator(task_id="ingest", **options).execute(context(*upstream))
    assert Merger(store).drain().rejected == 0
    return found


def parent(store: Store) -> str | None:
    found = store.run(RUN)
    assert found is not None
    return found[0].parent_run_id


def run_of(task_id: str, try_number: int = 1) -> str:
    return dag_run(RECORD, Notes()).task_run(task_id, try_number, -1).run_id


def datasets(store: Store) -> list[tuple[str, str]]:
    return [(each.namespace, each.name) for each in store.scan("dataset")]


def test_it_gives_back_what_it_counted_and_sends_nothing_twice(store: Store, target: Callable[..., str]) -> None:
    path = target(target=TARGET)
    found = ingested(store, path=path)
    assert (found["project"], found["nodes"], found["new"], found["results"]) == ("shop", 1, 1, 1)
    assert found["target"] == "postgres://warehouse:5432"
    json.dumps(found)
    again = ingested(store, path=path)
    assert (again["new"], again["changed"], again["unchanged"], again["results"]) == (0, 0, 1, 0)


def test_a_dry_run_sends_nothing(store: Store, target: Callable[..., str]) -> None:
    found = ingested(store, path=target(target=TARGET), dry_run=True)
    assert (found["new"], found["documents"]) == (1, 0)
    assert store.envelopes() == []


def test_artifacts_may_lie_in_an_object_store(store: Store, target: Callable[..., str]) -> None:
    assert ingested(store, path=f"file://{target(target=TARGET)}")["new"] == 1


def test_a_folder_without_a_manifest_is_an_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ArtifactsError, match=r"manifest\.json"):
        ingested(store, path=str(tmp_path))


@pytest.mark.parametrize(
    ("options", "namespace"),
    [
        ({}, "postgres://warehouse:5432"),
        ({"dataset_namespace": "postgres://other:5432"}, "postgres://other:5432"),
        ({"warehouse_conn_id": "shop"}, "postgres://db.example.com:6543"),
    ],
)
def test_what_the_dag_says_of_the_database_counts_more_than_what_dbt_has_left(
    store: Store,
    target: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    namespace: str,
) -> None:
    stated = {"conn_type": "postgres", "host": "db.example.com", "port": 6543, "password": "hidden"}
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps(stated))
    assert ingested(store, path=target(target=TARGET), **options)["target"] == namespace
    assert datasets(store) == [(namespace, "shop.mart.orders")]


def test_a_profile_says_which_database_it_was(store: Store, target: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(
        "shop: {target: dev, outputs: {dev: {type: postgres, host: profiled, dbname: shop, schema: mart}}}"
    )
    ingested(store, path=target(), profiles_dir=str(tmp_path), profile="shop")
    assert datasets(store) == [("postgres://profiled:5432", "shop.mart.orders")]


def test_a_connection_that_leads_nowhere_is_an_error(
    store: Store, target: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps({"conn_type": "snowflake"}))
    with pytest.raises(ValueError, match="does not say where it leads"):
        ingested(store, path=target(), warehouse_conn_id="shop")


# -- who ran dbt


@pytest.mark.parametrize(
    ("upstream", "options", "expected"),
    [
        ([task("dbt")], {}, "dbt"),
        ([task("dbt"), task("wait", poke=None), task("begin", "EmptyOperator")], {}, "dbt"),
        ([task("one"), task("two")], {}, None),
        ([task("one"), task("two")], {"parent_task_id": "two"}, "two"),
        ([task("dbt")], {"parent_task_id": ""}, None),
        ([task("many", is_mapped=True)], {}, None),
        ([], {}, None),
    ],
)
def test_who_ran_dbt_is_the_only_task_before_or_whom_the_dag_names(
    store: Store, target: Callable[..., str], upstream: list[Any], options: dict[str, Any], expected: str | None
) -> None:
    ingested(store, *upstream, path=target(target=TARGET), **options)
    assert parent(store) == (run_of(expected) if expected else None)


def test_of_a_task_that_was_tried_again_it_is_the_last_try(store: Store, target: Callable[..., str]) -> None:
    records = [
        {**RECORD, "task_id": "dbt", "state": "running", "try_number": number, "time": number} for number in (1, 2)
    ]
    store.accept([Envelope("task", json.dumps(each).encode()) for each in records])
    Merger(store).drain()
    ingested(store, task("dbt"), path=target(target=TARGET))
    assert parent(store) == run_of("dbt", 2)


def test_what_dbt_itself_was_told_of_its_task_counts_more(store: Store, target: Callable[..., str]) -> None:
    """Its environment does not tell all that ids of runs are made of."""
    told = {"dag_id": "nightly", "run_id": "manual", "task_id": "really", "try_number": 3}
    ingested(store, task("dbt"), path=target(target=TARGET, airflow=told))
    assert parent(store) == run_of("really", 3)


def test_dbt_may_have_been_run_by_something_else_altogether(store: Store, target: Callable[..., str]) -> None:
    by = {"namespace": "ci", "name": "deploy", "run_id": "01941f29-7c00-7000-8000-000000000001"}
    ingested(store, task("dbt"), path=target(target=TARGET, parent=by))
    assert parent(store) == by["run_id"]


# -- dbt Cloud

PROVIDERS_OWN = pytest.mark.filterwarnings("ignore:ProvidersManager.hooks is deprecated")
"""What the provider of dbt Cloud asks Airflow for, each time that it asks dbt Cloud for anything."""


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What dbt Cloud answers, by the last part of the URL; `asked` are the URLs."""
    served: dict[str, Any] = {"asked": [], **left(target=TARGET)}
    monkeypatch.setenv(
        "AIRFLOW_CONN_DBT_CLOUD_DEFAULT",
        json.dumps({"conn_type": "dbt_cloud", "login": "7", "password": "token", "host": "cloud.example.com"}),
    )

    def send(_session: Any, request: Any, **_options: Any) -> requests.Response:
        served["asked"].append(request.url)
        name = request.url.partition("?")[0].rpartition("/")[2]
        response = requests.Response()
        response.status_code, response.reason = (200, "OK") if name in served else (404, "Not Found")
        response._content = json.dumps(served.get(name, {})).encode()
        return response

    monkeypatch.setattr(requests.Session, "send", send)
    return served


@PROVIDERS_OWN
def test_a_run_of_dbt_cloud_is_read_by_its_number(store: Store, cloud: dict[str, Any]) -> None:
    found = ingested(store, task("run_dbt"), dbt_cloud_run_id="42", step=2)
    assert (found["new"], found["results"]) == (1, 1)
    assert cloud["asked"][0] == ("https://cloud.example.com/api/v2/accounts/7/runs/42/artifacts/manifest.json?step=2")
    assert parent(store) == run_of("run_dbt")


@PROVIDERS_OWN
def test_without_what_it_was_run_on_a_run_of_dbt_cloud_needs_a_connection(
    store: Store, cloud: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.update(left())
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps({"conn_type": "postgres", "host": "db.example.com"}))
    ingested(store, dbt_cloud_run_id=42, warehouse_conn_id="shop")
    assert datasets(store) == [("postgres://db.example.com:5432", "shop.mart.orders")]


@PROVIDERS_OWN
def test_a_run_of_dbt_cloud_that_has_no_manifest_is_an_error(store: Store, cloud: dict[str, Any]) -> None:
    del cloud["manifest.json"]
    with pytest.raises(ArtifactsError, match="run 42 of dbt Cloud"):
        ingested(store, dbt_cloud_run_id=42)


@pytest.mark.parametrize("options", [{}, {"path": "target", "dbt_cloud_run_id": 42}])
def test_one_place_and_no_other_is_named(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either"):
        DbtArtifactsIngestOperator(task_id="ingest", **options)
