"""Asking the API in few words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from airflow_provider_catalog.api.app import made
from airflow_provider_catalog.api.callers import caller
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.settings import Settings

PREFIX = "/api/v1"


@contextmanager
def reader(url: str, folder: Path) -> Iterator[TestClient]:
    """The client of somebody who may read, for a store that many tests ask."""
    app = made(Settings(store_url=url, spool_dir=str(folder / "spool"), embedded_worker=False, namespace="prod"))
    app.dependency_overrides[caller] = lambda: Caller("user:reader", frozenset({"read"}))
    yield TestClient(app)
    app.state.catalog.close()


def ask(client: TestClient, path: str, **params: Any) -> Any:
    """The response. A parameter that is a word of Python is written with an underscore after it."""
    return client.get(f"{PREFIX}{path}", params={name.rstrip("_"): value for name, value in params.items()})


def answer(client: TestClient, path: str, **params: Any) -> Any:
    """What is answered with 200."""
    response = ask(client, path, **params)
    assert response.status_code == 200, response.text
    return response.json()


def problem(client: TestClient, path: str, status: int, **params: Any) -> Any:
    """The problem that is answered with this status."""
    response = ask(client, path, **params)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    return response.json()
