"""The DAG `catalog_maintain`: offered by the bundle, light to read, and it does what a worker does."""

from __future__ import annotations

import importlib.util
import json
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from airflow_provider_catalog.bundles import CatalogDagBundle
from airflow_provider_catalog.errors import LeaseLost
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.worker.roles import Worker
from tests.deployment import Deployment

PATH = Path(__file__).parents[2] / "dags" / "catalog_maintain.py"
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2025-02-01T05:00:00Z",
    "producer": "https://example.com/etl",
    "run": {"runId": "01949a00-0000-7000-8000-000000000001"},
    "job": {"namespace": "etl", "name": "load"},
    "inputs": [{"namespace": "postgres://db:5432", "name": "shop.public.raw"}],
    "outputs": [{"namespace": "postgres://db:5432", "name": "shop.public.orders"}],
}


@pytest.fixture
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalog_maintain", PATH)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_bundle_offers_the_dags_of_the_package() -> None:
    bundle = CatalogDagBundle(name="catalog")
    bundle.initialize()
    assert (bundle.path / "catalog_maintain.py").samefile(PATH)
    assert not bundle.supports_versioning


def test_it_comes_every_quarter_of_an_hour_one_at_a_time_and_never_for_the_past(module: ModuleType) -> None:
    dag = module.catalog_maintain()
    assert (dag.dag_id, dag.schedule, dag.catchup, dag.max_active_runs) == (
        "catalog_maintain",
        "*/15 * * * *",
        False,
        1,
    )
    assert dag.tags == {"catalog"}
    assert dag.is_paused_upon_creation is False


def test_a_run_merges_what_nobody_else_merged(deployment: Deployment) -> None:
    with closing(open_store(deployment.store_url)) as store:
        store.accept([Envelope("openlineage", json.dumps(EVENT).encode())])
        done = deployment.run("dags", "test", "catalog_maintain")
        assert done.returncode == 0, done.stdout + done.stderr
        known = {dataset.name for dataset in store.scan("dataset")}
        assert {"shop.public.raw", "shop.public.orders"} <= known


def test_a_store_that_is_away_fails_the_run(deployment: Deployment) -> None:
    done = deployment.run("dags", "test", "catalog_maintain", store_url="postgresql://u:hunter2@127.0.0.1:1/catalog")
    assert done.returncode == 1
    assert "StoreUnavailable" in done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_where_another_worker_is_at_it_the_task_is_skipped_and_says_which(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_self: Worker) -> Any:
        raise LeaseLost("merge", "host:1:abc")

    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setattr(Worker, "once", busy)
    with pytest.raises(AirflowSkipException, match="host:1:abc"):
        module.work.function()


def test_reading_the_file_loads_nothing_of_ours(deployment: Deployment) -> None:
    code = f"import runpy, sys; runpy.run_path({str(PATH)!r}); print(*sys.modules)"
    done = deployment.python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "airflow.sdk.definitions.dag" in done.stdout.split()
    ours = {name for name in done.stdout.split() if name.startswith("airflow_provider_catalog")}
    assert ours <= {
        "airflow_provider_catalog",
        "airflow_provider_catalog.provider_info",
    }  # Airflow reads this
