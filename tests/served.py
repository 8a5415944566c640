"""The real API on a real server in this process, on a port of its own. Which store it serves may change as it runs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import uvicorn
from fastapi import FastAPI, Request

from airflow_provider_catalog.api.app import made
from airflow_provider_catalog.api.callers import caller
from airflow_provider_catalog.api.state import State
from airflow_provider_catalog.errors import UnauthenticatedError
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.settings import Settings

TOKEN = "task-secret"
WORKER = Caller("token:worker", frozenset({"ingest", "store"}))
TASK = Caller("token:task", frozenset({"ingest"}))


class Server:
    """`url` has a token that opens everything. Whoever else is in `callers` comes by their token."""

    def __init__(self) -> None:
        self.callers = {"worker-secret": WORKER, TOKEN: TASK}
        self.app = made(Settings(embedded_worker=False))
        self.app.dependency_overrides[caller] = self._caller
        outside = FastAPI()
        outside.mount("/catalog", self.app)
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(outside, log_config=None, lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.place = f"http://127.0.0.1:{self.port}/catalog/"
        self.url = f"http://token:worker-secret@127.0.0.1:{self.port}/catalog/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self.app.state.catalog.close()

    def serve(self, store_url: str, **options: Any) -> str:
        """Another store from now on."""
        before = self.app.state.catalog
        self.app.state.catalog = State(Settings(store_url=store_url, embedded_worker=False, **options))
        before.close()
        return self.url

    @property
    def state(self) -> State:
        state: State = self.app.state.catalog
        return state

    def _caller(self, request: Request) -> Caller:
        secret = request.headers.get("authorization", "").removeprefix("Bearer ")
        if secret not in self.callers:
            raise UnauthenticatedError("no such token")
        return self.callers[secret]


@contextmanager
def impostor(status: int, body: bytes = b"", **headers: str) -> Iterator[tuple[str, list[str]]]:
    """The URL of somebody else's server that answers anything in this way, and what it was shown as authorization."""
    shown: list[str] = []
    said = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.parse_request():
                return
            shown.append(self.headers.get("Authorization", ""))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            for name, value in said.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{other.server_port}/catalog/", shown
        finally:
            other.shutdown()
            thread.join()
