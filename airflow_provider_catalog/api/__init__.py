"""What the api-server serves under `/catalog`, and what lives as long as it does: the worker beside it.

FastAPI is imported where the application is made, and only the api-server asks for that.
"""

from __future__ import annotations

from typing import Any


def create_apps() -> list[dict[str, Any]]:
    """In the form of a plugin's `fastapi_apps`."""
    from airflow_provider_catalog.api import app, signpost

    return [
        {"app": app.made(), "url_prefix": "/catalog", "name": "Data Catalog"},
        {"app": signpost.made(), "url_prefix": signpost.PREFIX, "name": "Data Catalog: where it is"},
    ]
