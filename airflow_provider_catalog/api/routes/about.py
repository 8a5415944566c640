"""The API about itself: that it answers, and what it can."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from airflow_provider_catalog import __version__
from airflow_provider_catalog.api.answers import Reading
from airflow_provider_catalog.api.document import document
from airflow_provider_catalog.api.problems import documented

router = APIRouter(tags=["about"])


class Health(BaseModel):
    """That somebody answers, and in which version."""

    status: str
    version: str


@router.get("/health", response_model=Health, openapi_extra={"security": []})
async def health() -> Health:
    """That somebody answers; nothing about the data, since nobody is asked who they are."""
    return Health(status="ok", version=__version__)


@router.get("/openapi.json", include_in_schema=False, responses=documented())
async def openapi(request: Request, _ask: Reading) -> dict[str, Any]:
    """What there is to ask."""
    return document(request.app)
