"""Connections of Airflow to the databases of tests."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def to_postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "conn_type": "postgres",
        "host": parts.hostname,
        "port": parts.port,
        "login": parts.username,
        "password": parts.password,
        "schema": parts.path.strip("/"),
    }
