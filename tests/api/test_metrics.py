"""What Prometheus reads, with the parser that Prometheus' own client has."""

from __future__ import annotations

import json
import time

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from airflow_provider_catalog.api import metrics
from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.errors import StoreUnavailable
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.store.sql.outbox import Refused
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.merge import Merger
from tests.api.conftest import As
from tests.services.world import World

EVENT = {"eventTime": "2025-02-04T10:00:00Z", "producer": "p", "job": {"namespace": "n", "name": "j"}}


def told(client: TestClient) -> dict[str, float]:
    answer = client.get("/api/v1/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        sample.name + ("".join(sample.labels.values()) and f"{{{','.join(sample.labels.values())}}}"): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_FRESH_SECONDS", 0.0)


@pytest.fixture
def watcher(as_: As) -> TestClient:
    return as_(Caller("token:prometheus", frozenset({"metrics"})))


def test_what_is_in_the_store_is_counted(watcher: TestClient, world: World) -> None:
    found = told(watcher)
    assert (found["catalog_store_up"], found["catalog_datasets"], found["catalog_jobs"]) == (1, 5, 3)
    assert found["lineage_edge_count"] == 4


def test_the_lag_is_the_age_of_what_waits_longest(watcher: TestClient, store: SqlStore) -> None:
    assert told(watcher)["catalog_worker_lag_seconds"] == 0
    long_ago = time.time_ns() // 1000 - 60_000_000
    store.accept([Envelope("openlineage", json.dumps(EVENT).encode(), recorded_at=long_ago)])
    found = told(watcher)
    assert (found["catalog_envelopes_pending"], found["catalog_worker_up"]) == (1, 0)
    assert 60 <= found["catalog_worker_lag_seconds"] < 120
    Merger(store).drain()
    assert told(watcher)["catalog_worker_lag_seconds"] == 0


def test_a_worker_and_dead_letters_show(watcher: TestClient, store: SqlStore) -> None:
    store.accept([Envelope("openlineage", b"{")])
    Merger(store).drain()
    store.acquire_lease("merge", "me", 60)
    found = told(watcher)
    assert (found["catalog_dead_letters"], found["catalog_worker_up"]) == (1, 1)


def test_how_targets_are_doing_shows(watcher: TestClient, store: SqlStore, world: World) -> None:
    assert "catalog_outbox_depth{atlas}" not in told(watcher)
    page = store.outbox.page("atlas", 2)
    store.outbox.settle(page, [Refused(page.due[0].node, "atlas", 1, None, "no")])
    store.outbox.down("glue", "no route")
    found = told(watcher)
    names = ("catalog_outbox_depth", "catalog_outbox_refused", "catalog_target_up")
    assert [found[f"{name}{{atlas}}"] for name in names] == [3, 1, 1]
    assert [found[f"{name}{{glue}}"] for name in names] == [5, 0, 0]


def test_what_waits_in_the_spool_shows(watcher: TestClient, app: FastAPI) -> None:
    Spool.of(app.state.catalog.settings).append("task", b"{}")
    found = told(watcher)
    assert (found["catalog_spool_records"], found["catalog_spool_dropped_total"]) == (1, 0)


def test_a_store_that_is_away_is_told_of(watcher: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise StoreUnavailable("gone")

    told(watcher)
    monkeypatch.setattr(app.state.catalog.store, "status", away)
    found = told(watcher)
    assert found["catalog_store_up"] == 0
    assert "catalog_datasets" not in found


def test_how_long_answers_take_shows(client: TestClient, world: World) -> None:
    client.get("/api/v1/lineage", params={"dataset": "orders", "direction": "upstream"})
    client.get("/api/v1/search", params={"q": "ord"})
    client.post("/api/v1/lineage", json=EVENT)
    found = told(client)
    assert found["lineage_query_latency_seconds_count{upstream}"] == 1
    assert found["search_query_latency_seconds_count{search}"] == 1
    assert found["catalog_accept_seconds_count{lineage}"] == 1


def test_counting_is_not_done_for_everybody_who_asks(
    watcher: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_FRESH_SECONDS", 60.0)
    told(watcher)
    monkeypatch.delattr(type(app.state.catalog.store), "status")
    assert told(watcher)["catalog_store_up"] == 1
