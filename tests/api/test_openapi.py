"""The OpenAPI document holds: whatever a client makes of it, no answer but what is documented, and never a 5xx."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import Receive, Scope, Send

from airflow_provider_catalog.api.app import made
from airflow_provider_catalog.api.callers import caller
from airflow_provider_catalog.api.document import document
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store import open_store
from tests.services.world import World

CASES = 10_000
NAMES = {"dataset": "orders", "source": "raw", "target": "revenue", "job": "etl.load", "q": "ord", "column": "id"}
"""What is there, for half of the cases: what is not is answered by the same few lines everywhere."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
EVERYTHING = Caller("user:admin", frozenset({"read", "write", "ingest", "metrics", "store"}))


@cache
def operations() -> list[tuple[str, str]]:
    paths: dict[str, dict[str, Any]] = made(Settings(embedded_worker=False)).openapi()["paths"]
    return sorted((path, method) for path, methods in paths.items() for method in methods)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder: Path = tmp_path_factory.mktemp("openapi")
    url = f"sqlite:///{folder / 'catalog.db'}"
    store = open_store(url)
    world = World(store)
    world.has_columns("orders", "id:int", "email:text")
    world.ran("etl.load", ["raw"], ["orders"], details={"sql": {"query": "insert into orders"}})
    world.ran("etl.sum", ["orders"], ["revenue"], at=2)
    app = made(Settings(store_url=url, spool_dir=str(folder / "spool"), embedded_worker=False, namespace="prod"))
    app.dependency_overrides[caller] = lambda: EVERYTHING
    yield app
    app.state.catalog.close()
    store.close()


@pytest.fixture(scope="module")
def schema(app: FastAPI) -> Any:
    """Schemathesis starts and ends an application for each request; ours goes on."""

    async def going_on(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await app(scope, receive, send)
            return
        while (message := await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": f"{message['type']}.complete"})

    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", going_on)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("path", "method"), operations(), ids=lambda each: each.strip("/").replace("/", "_"))
def test_no_case_is_answered_otherwise_than_documented(schema: Any, path: str, method: str) -> None:
    operation = schema[path][method.upper()]
    each = -(-CASES // len(operations()))
    waits = any(parameter.name == "wait" for parameter in operation.query)

    @hypothesis.settings(
        max_examples=each, suppress_health_check=list(hypothesis.HealthCheck), derandomize=True, database=None
    )
    @hypothesis.given(case=operation.as_strategy(), known=hypothesis.strategies.booleans())
    def ask(case: Any, known: bool) -> None:
        query = case.query or {}
        query.update({name: NAMES[name] for name in NAMES.keys() & query.keys() if known})
        if waits:
            case.query = {**query, "wait": "0"}  # nobody merges here
        whole = [] if query.get("fields") else [response_schema_conformance]
        case.validate_response(case.call(), checks=[*CHECKS, *whole])

    ask()


def test_every_reference_of_the_document_leads_somewhere(app: FastAPI) -> None:
    found = document(app)
    known = set(found["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", json.dumps(found))) <= known
