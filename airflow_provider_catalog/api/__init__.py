"""What the api-server serves under `/catalog`, and what lives as long as it does: the worker beside it.

FastAPI is imported where the application is made, and only the api-server asks for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def create_app() -> FastAPI:
    from airflow_provider_catalog.api.app import made

    return made()
