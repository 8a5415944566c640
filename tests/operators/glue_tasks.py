"""A task of ours that meets the strict server: the connection by which it finds it, what it leaves behind, and values
as the server keeps them.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest

from tests.glue.server import GlueServer


class Task:
    """What an operator is given to run: it keeps what is pushed."""

    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    @property
    def context(self) -> Any:
        return {"ti": self}


def connect(monkeypatch: pytest.MonkeyPatch, server: GlueServer, conn_id: str = "aws_default") -> None:
    connection = {
        "conn_type": "aws",
        "login": "testing",
        "password": "testing",
        "extra": {"region_name": server.state.region, "endpoint_url": server.url},
    }
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))


def wired(value: Any) -> Any:
    """As boto3 sends it."""
    if isinstance(value, dict):
        return {name: wired(each) for name, each in value.items()}
    if isinstance(value, list):
        return [wired(each) for each in value]
    if isinstance(value, datetime):
        return value.timestamp()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
