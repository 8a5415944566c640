"""The Airflow plugin. Every process loads it, every task's too: what only one kind of them needs is made when asked
for.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.sdk.plugins_manager import AirflowPlugin

from airflow_provider_catalog.settings import settings


class CatalogPlugin(AirflowPlugin):
    """With `[catalog] enabled = False` it contributes nothing."""

    name = "catalog"

    @cached_property
    def listeners(self) -> list[Any]:  # type: ignore[override]  # Airflow only reads it
        from airflow_provider_catalog import listener

        return [listener] if self._enabled else []

    @cached_property
    def hook_lineage_readers(self) -> list[Any]:  # type: ignore[override]  # as above
        """Airflow collects what hooks report only if somebody says that it will be read."""
        from airflow.sdk.lineage import HookLineageReader

        return [HookLineageReader] if self._enabled else []

    @cached_property
    def fastapi_apps(self) -> list[Any]:  # type: ignore[override]  # as above; only the api-server asks
        from airflow_provider_catalog.api import create_apps

        return create_apps() if self._enabled else []

    @cached_property
    def _enabled(self) -> bool:
        return settings(commands=False).enabled
