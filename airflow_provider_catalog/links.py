"""The button "Catalog" on a task's page: what the catalog knows of the task.

Airflow asks for the link in the task's process when the task is done, and keeps the answer as an XCom. That is a
request to Airflow for each task that has it, so only our own operators do.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

from airflow_provider_catalog.settings import settings

_PATH = "catalog/api/v1/job"


class CatalogLink(BaseOperatorLink):
    """To the job. Where `[api] base_url` is not set, a path on whichever host the task's page is."""

    name = "Catalog"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002  Airflow's signature
        base = conf.get("api", "base_url", fallback=None) or "/"
        job = f"{settings(commands=False).namespace}/{ti_key.dag_id}.{ti_key.task_id}"
        return f"{base.rstrip('/')}/{_PATH}?{urlencode({'job': job})}"
