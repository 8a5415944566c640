"""The application: its routes, and the worker that starts and ends with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from airflow_provider_catalog import __version__, collector
from airflow_provider_catalog.api import problems
from airflow_provider_catalog.api.metrics import Metrics
from airflow_provider_catalog.api.routes import ROUTERS
from airflow_provider_catalog.api.state import State
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.worker.embedded import Embedded

PREFIX = "/api/v1"


def made(chosen: Settings | None = None) -> FastAPI:
    """Without FastAPI's pages of documentation, which would be open to everybody."""
    app = FastAPI(
        title="Data Catalog",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.catalog = state = State(chosen)
    app.state.metrics = Metrics(state)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: State = app.state.catalog
    collector.started()
    async with AsyncExitStack() as stack:
        stack.callback(state.close)
        if state.embedded_worker:
            stack.enter_context(Embedded())
        yield
