"""A server killed in the middle of what is sent to it: what it answered is there, and nothing is there twice."""

from __future__ import annotations

import http.client
import os
import random
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import orjson

from airflow_provider_catalog.services import tokens
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.worker.merge import Merger
from benchmarks import events
from benchmarks.api_server import free_port
from tests import processes
from tests.store.conftest import EmptyUrl

CLIENTS, KILLS = 4, 20


def serve(url: str, port: int) -> None:
    """The API alone, without Airflow's server around it, which takes ten seconds to start."""
    import uvicorn

    from airflow_provider_catalog.api.app import made

    os.environ["AIRFLOW__CATALOG__STORE_URL"] = url
    app = made(Settings(store_url=url, embedded_worker=False))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical")


def listens(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


class Client(threading.Thread):
    """Sends its events in turn, each until it is answered, as a client does that has a spool."""

    def __init__(self, port: int, token: str, number: int, stop: threading.Event) -> None:
        super().__init__()
        self._port = port
        self._token = token
        self._stop_asked = stop
        self._jobs = range(number * 100_000, (number + 1) * 100_000)
        self.sent: dict[str, str] = {}
        self.tries: Counter[str] = Counter()

    def run(self) -> None:
        for payload in events.events(self._jobs, 0):
            self._deliver(payload)
            if self._stop_asked.is_set():
                return

    def _deliver(self, payload: bytes) -> None:
        document = orjson.loads(payload)
        key = f"{document['run']['runId']} {document['eventType']}"
        while True:
            self.tries[key] += 1
            with suppress(OSError, http.client.HTTPException):
                self.sent[key] = self._post(payload)
                return
            time.sleep(0.01)

    def _post(self, payload: bytes) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", "/api/v1/lineage", payload, {"Authorization": f"Bearer {self._token}"})
            answer = connection.getresponse()
            body = orjson.loads(answer.read())
        finally:
            connection.close()
        assert answer.status == 201, body
        return str(body["id"])


def test_a_killed_server_loses_nothing_that_it_answered_and_has_nothing_twice(empty: EmptyUrl, tmp_path: Path) -> None:
    url, port, stop = empty(), free_port(), threading.Event()
    store = open_database(url)
    _, secret = tokens.create(store.tokens, "clients", ["ingest"], created_by="test")
    clients = [Client(port, secret, number, stop) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    chance = random.Random(1)
    try:
        for _ in range(KILLS):
            server = processes.CONTEXT.Process(target=serve, args=(url, port))
            server.start()
            while not listens(port):
                time.sleep(0.01)
            time.sleep(0.3 + 0.5 * chance.random())
            server.kill()
            server.join()
        server = processes.CONTEXT.Process(target=serve, args=(url, port))
        server.start()
        stop.set()
    finally:
        stop.set()
        for client in clients:
            client.join(30)
        server.kill()
        server.join()
    answered = {key: id_ for client in clients for key, id_ in client.sent.items()}
    assert len(answered) > 10 * KILLS
    assert sum(sum(client.tries.values()) for client in clients) > len(answered), "nobody was interrupted"
    assert all(store.envelope(bytes.fromhex(id_)) for id_ in answered.values())
    assert store.status().accepted == len(answered)
    Merger(store).drain()
    assert store.status().statements == len(answered)
    assert not store.dead_letters()
    store.close()
