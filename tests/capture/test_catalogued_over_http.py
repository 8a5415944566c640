"""`@task.catalogued` where the store is behind a server: it hands over, and waits for the worker there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from airflow_provider_catalog.decorators import CataloguedOperator
from airflow_provider_catalog.errors import RejectedError, StoreUnavailable
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.settings import Settings, settings
from airflow_provider_catalog.worker.merge import Merger
from tests.capture.test_catalogued import code
from tests.deployment import Deployment
from tests.served import TOKEN, Server

RAN = {"state": "success", "time": 1, "namespace": "prod", "dag_id": "d", "task_id": "t", "run_id": "r"}
ENVELOPE = Envelope("task", json.dumps(RAN).encode())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server() as running:
        running.serve(f"sqlite:///{tmp_path / 'behind.db'}")
        yield running


@contextmanager
def merging(server: Server) -> Iterator[None]:
    """The worker beside the server."""
    stop = threading.Event()
    worker = threading.Thread(target=Merger(server.state.store).follow, args=(stop,))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


@pytest.fixture
def told(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What a host knows that was told of the server alone, with a token that only sends."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRFLOW__CATALOG__INGEST_URL", server.place)
    monkeypatch.setenv("AIRFLOW__CATALOG__INGEST_TOKEN", TOKEN)
    return settings()


def operator(wait: float) -> CataloguedOperator:
    return CataloguedOperator(task_id="t", python_callable=len, op_args=["x"], op_kwargs={}, wait=wait)


def test_the_next_task_finds_what_this_one_did_over_http(server: Server, deployment: Deployment) -> None:
    with merging(server):
        assert code(deployment, strict=True, store_url=server.url) == 0
    assert not (deployment.home / "catalog.db").exists()


def test_a_token_that_only_sends_is_enough(server: Server, told: Settings, tmp_path: Path) -> None:
    with merging(server):
        operator(20)._merge(ENVELOPE, told)
        assert server.state.store.unmerged([ENVELOPE.id]) == set()
    assert server.state.store.status().runs == 1
    assert not (tmp_path / "home" / "catalog.db").exists()


def test_without_a_worker_it_says_so_and_the_record_is_kept(server: Server, told: Settings) -> None:
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match=r"not merged within 0\.3 s"):
        operator(0.3)._merge(ENVELOPE, told)
    assert time.monotonic() - begun < 50
    assert [envelope.id for envelope in server.state.store.pending(10)] == [ENVELOPE.id]


def test_what_the_server_refuses_is_no_success(server: Server, told: Settings) -> None:
    server.callers[TOKEN] = Caller("token:task", frozenset({"ingest"}), namespaces=("theirs",))
    with pytest.raises(RejectedError, match="dead-letters list"):
        operator(5)._merge(ENVELOPE, told)
