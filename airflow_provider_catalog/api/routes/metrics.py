"""Prometheus: `scrape_configs` with `metrics_path: /catalog/api/v1/metrics` and a token of the scope metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from airflow_provider_catalog.api.callers import Asks
from airflow_provider_catalog.api.problems import documented
from airflow_provider_catalog.api.state import state_of

router = APIRouter(tags=["metrics"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={**documented(), 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request, caller: Asks) -> Response:
    """In the text form of Prometheus."""
    caller.require("metrics")
    found = await state_of(request).run(request.app.state.metrics.text)
    return Response(found, media_type=CONTENT_TYPE_LATEST)
