"""OpenLineage events into the catalog, for teams that run the OpenLineage listener already:

    [openlineage]
    transport = {"type": "airflow_provider_catalog.transport.CatalogTransport"}

An event goes into the spool, as what our own listener tells does: whoever emits it waits for no store.
"""

from __future__ import annotations

from typing import Any

from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.settings import settings


class CatalogTransport(Transport):
    """Events of runs, jobs and datasets. There is nothing to set: `[catalog]` says where the spool is."""

    kind = "catalog"

    def __init__(self, config: Config) -> None:  # noqa: ARG002  the client gives one to every transport
        self._spool = Spool.of(settings(commands=False))

    def emit(self, event: Any) -> None:
        self._spool.append("openlineage", Serde.to_json(event).encode())
