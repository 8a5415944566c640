"""Machine tokens."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.errors import UnauthenticatedError
from airflow_provider_catalog.services.access import Caller

PREFIX = "catalog_"


class Keyring:
    def __init__(self, tokens: Any) -> None:
        self._tokens = tokens

    def remembered(self, secret: str) -> Caller | None:
        return None

    def caller(self, secret: str) -> Caller:
        raise UnauthenticatedError("no such token")
