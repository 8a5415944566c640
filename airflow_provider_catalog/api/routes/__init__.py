"""The routes, a module per noun. A route states its parameters, asks one service, and shows what that returns."""

from __future__ import annotations

from airflow_provider_catalog.api.routes import about, ingest

ROUTERS = (about.router, ingest.router)
