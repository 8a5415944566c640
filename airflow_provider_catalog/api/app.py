"""The application: its routes, and the worker that starts and ends with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from airflow_provider_catalog import __version__
from airflow_provider_catalog.settings import settings
from airflow_provider_catalog.worker.embedded import Embedded


def made() -> FastAPI:
    """Without the pages of documentation, which would be open to everybody."""
    app = FastAPI(title="Data Catalog", lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/api/v1/health", _health, methods=["GET"])
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    if not settings(commands=False).embedded_worker:
        yield
        return
    with Embedded():
        yield


def _health() -> dict[str, str]:
    """That somebody answers; nothing about the data, since nobody is asked who they are."""
    return {"status": "ok", "version": __version__}
