"""A server killed in the middle of what is sent to it: what it answered is there, and nothing is there twice."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Self

import orjson
import pytest

from airflow_provider_catalog.services import tokens
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.worker.merge import Merger
from benchmarks import events
from benchmarks.api_server import free_port
from tests.store.conftest import EmptyUrl

pytestmark = pytest.mark.timeout(900)
CLIENTS, KILLS = 4, 20


SERVERS = """
import os, signal, sys
import uvicorn
from airflow_provider_catalog.api.app import made
from airflow_provider_catalog.settings import Settings


url, port = sys.argv[1], int(sys.argv[2])
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in sys.stdin:
    if pid := os.fork():
        print(pid, flush=True)
    else:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        app = made(Settings(store_url=url, embedded_worker=False))
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical")
        os._exit(0)
"""


class Servers:
    """The API alone, without Airflow's server around it, which takes ten seconds to start. Entered, none is up."""

    def __init__(self, url: str, port: int) -> None:
        self._command = [sys.executable, "-c", SERVERS, url, str(port)]
        self._port = port
        self._pid = 0

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._parent.communicate()

    def start(self) -> None:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write("\n")
        self._parent.stdin.flush()
        self._pid = int(self._parent.stdout.readline())
        while not listens(self._port):
            time.sleep(0.01)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)


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


def test_a_killed_server_loses_nothing_that_it_answered_and_has_nothing_twice(empty: EmptyUrl) -> None:
    url, port, stop = empty(), free_port(), threading.Event()
    store = open_database(url)
    _, secret = tokens.create(store.tokens, "clients", ["ingest"], created_by="test")
    clients = [Client(port, secret, number, stop) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    chance = random.Random(1)
    with Servers(url, port) as servers:
        for _ in range(KILLS):
            servers.start()
            time.sleep(0.3 + 0.5 * chance.random())
            servers.kill()
        servers.start()
        stop.set()
        for client in clients:
            client.join(30)
    answered = {key: id_ for client in clients for key, id_ in client.sent.items()}
    assert len(answered) > 10 * KILLS
    assert sum(sum(client.tries.values()) for client in clients) > len(answered), "nobody was interrupted"
    assert all(store.envelope(bytes.fromhex(id_)) for id_ in answered.values())
    assert store.status().accepted == len(answered)
    Merger(store).drain()
    assert store.status().statements == len(answered)
    assert not store.dead_letters()
    store.close()
