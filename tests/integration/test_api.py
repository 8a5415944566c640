"""The API in Airflow's own server, asked by clients that are not ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.uuid import generate_new_uuid

from benchmarks import events
from benchmarks.api_server import ApiServer

NAMESPACE = "postgres://shop:5432"
PROVIDER = """
from datetime import datetime, timezone
from airflow.providers.openlineage.extractors import OperatorLineage
from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter
from openlineage.client.event_v2 import InputDataset, OutputDataset

now = datetime.now(timezone.utc)
run = OpenLineageAdapter.build_task_instance_run_id("shop", "report", 1, now, -1)
lineage = OperatorLineage(
    inputs=[InputDataset("postgres://shop:5432", "shop.public.provider_in")],
    outputs=[OutputDataset("postgres://shop:5432", "shop.public.provider_out")],
)
common = {"run_id": run, "job_name": "shop.report", "task": lineage, "tags": [], "job_description": None}
more = {"nominal_start_time": now.isoformat(), "nominal_end_time": now.isoformat(), "owners": [], "run_facets": {}}
adapter = OpenLineageAdapter()
adapter.complete_task(**common, **more, end_time=now.isoformat(), job_description_type=None)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    users = "admin:admin,viewer:viewer"
    with ApiServer(tmp_path_factory.mktemp("api"), users=users) as server:
        yield server


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """OpenLineage's client writes what it found in the environment into it, under other names."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]


@pytest.fixture(scope="module")
def reader(server: ApiServer) -> Iterator[httpx.Client]:
    with server.client(server.user_token()) as client:
        yield client


def known(reader: httpx.Client, table: str) -> Any:
    """The lineage of a table as soon as there is any: within two seconds where nothing else runs."""
    deadline = time.monotonic() + 20
    while True:
        answer = reader.get("/lineage", params={"dataset": f"{NAMESPACE}/shop.public.{table}"})
        if answer.is_success and answer.json()["edges"]:
            return answer.json()
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)


def told(name: str) -> RunEvent:
    return RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2026-01-01T10:00:00Z",
        run=Run(runId=str(generate_new_uuid())),
        job=Job(namespace="shop", name=f"load.{name}"),
        producer="https://example.org/client",
        inputs=[InputDataset(NAMESPACE, "shop.public.orders")],
        outputs=[OutputDataset(NAMESPACE, f"shop.public.{name}")],
    )


def client(monkeypatch: pytest.MonkeyPatch, url: str, token: str) -> OpenLineageClient:
    """As its documentation has it: two variables and nothing else."""
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    monkeypatch.setenv("OPENLINEAGE_API_KEY", token)
    return OpenLineageClient()


def test_a_stock_client_delivers(server: ApiServer, reader: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client(monkeypatch, server.catalog, server.token("ingest")).emit(told("stock"))
    (edge,) = known(reader, "stock")["edges"]
    assert (edge["source"], edge["job"]) == (f"{NAMESPACE}/shop.public.orders", "shop/load.stock")


def test_a_token_of_airflows_own_serves_as_well(
    server: ApiServer, reader: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(monkeypatch, server.catalog, server.user_token()).emit(told("jwt"))
    assert known(reader, "jwt")["edges"]


@pytest.mark.parametrize("path", ["", "catalog"])
def test_a_url_without_the_catalogs_path_is_told_what_it_has_to_be(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    wrong = client(monkeypatch, f"{server.url}/{path}", server.token("ingest"))
    with pytest.raises(requests.HTTPError) as raised:
        wrong.emit(told("wrong"))
    assert raised.value.response is not None
    assert f"set OPENLINEAGE_URL to {server.catalog} with the slash" in raised.value.response.json()["detail"]


def test_a_url_that_is_too_long_is_told_so(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = client(monkeypatch, f"{server.catalog}api/v1/lineage/", server.token("ingest"))
    with pytest.raises(requests.HTTPError) as raised:
        wrong.emit(told("wrong"))
    assert raised.value.response is not None
    assert "OPENLINEAGE_URL is http://HOST:PORT/catalog/" in raised.value.response.json()["detail"]


@pytest.mark.parametrize(("token", "says"), [("catalog_nothing", "token create"), ("nothing", "token create")])
def test_a_wrong_token_is_told_where_to_get_one(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, token: str, says: str
) -> None:
    with pytest.raises(requests.HTTPError) as raised:
        client(monkeypatch, server.catalog, token).emit(told("wrong"))
    assert raised.value.response is not None
    assert raised.value.response.status_code == 401
    assert says in raised.value.response.json()["detail"]


def test_a_token_of_another_scope_is_told_which_it_needs(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(requests.HTTPError) as raised:
        client(monkeypatch, server.catalog, server.token("metrics")).emit(told("wrong"))
    assert raised.value.response is not None
    assert "scope ingest" in raised.value.response.json()["detail"]


def test_an_event_sent_by_hand_is_taken(server: ApiServer, reader: httpx.Client) -> None:
    """A table of the benchmark's events, with nothing but a URL, a header and a body."""
    payload = list(events.run(events.job(0), 0))[1]
    with server.client(server.token("ingest")) as sender:
        answer = sender.post("/lineage?wait=5", content=payload, headers={"Content-Type": "application/json"})
    assert answer.json()["status"] == "merged"
    target = f"{events.NAMESPACE}/{events.job(0).output}"
    assert len(reader.get("/lineage", params={"dataset": target}).json()["edges"]) == 2


def test_the_http_transport_of_the_openlineage_provider_delivers(
    server: ApiServer, reader: httpx.Client, tmp_path: Path
) -> None:
    auth = {"type": "api_key", "apiKey": server.token("ingest")}
    transport = {"type": "http", "url": server.catalog, "auth": auth}
    environment = {
        **server.environment(),
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROVIDER], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert known(reader, "provider_out")["edges"]


def test_who_sent_it_stays_with_what_was_said(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    event = told("sender")
    client(monkeypatch, server.catalog, server.token("ingest")).emit(event)
    with closing(server.open()) as store:
        deadline = time.monotonic() + 50
        while (found := store.run(event.run.runId)) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert found[1][0].details["sender"].startswith("token:ingest")


def test_a_page_of_another_site_cannot_use_a_cookie(server: ApiServer) -> None:
    cookies = {"_token": server.user_token()}
    url = f"{server.catalog}api/v1/lineage"
    payload = next(events.run(events.job(1), 0))
    forged = httpx.post(url, content=payload, cookies=cookies)
    assert forged.status_code == 403
    assert "X-Requested-With" in forged.json()["detail"]
    assert httpx.post(url, content=payload, cookies=cookies, headers={"X-Requested-With": "catalog"}).is_success


def test_a_viewer_reads_and_does_not_send(server: ApiServer) -> None:
    with server.client(server.user_token("viewer")) as viewer:
        assert viewer.get("/datasets").is_success
        assert viewer.post("/lineage", content=b"{}").status_code == 403


def test_what_was_answered_is_there_after_the_server_was_killed(server: ApiServer, reader: httpx.Client) -> None:
    sent = [payload for number in range(200, 230) for payload in events.run(events.job(number), 0)]
    with server.client(server.token("ingest")) as sender:
        answers = [sender.post("/lineage", content=payload) for payload in sent]
        server.kill()
    server.start()
    with closing(server.open()) as store:
        assert all(store.envelope(bytes.fromhex(answer.json()["id"])) for answer in answers)
