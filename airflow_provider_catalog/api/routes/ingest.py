"""What comes in: OpenLineage events, registrations."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["ingest"])
