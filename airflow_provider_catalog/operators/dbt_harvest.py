"""What runs of dbt left in a table of their warehouse, brought in by a task."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airflow_provider_catalog.hooks.catalog import CatalogHook
from airflow_provider_catalog.links import CatalogLink

if TYPE_CHECKING:
    from airflow_provider_catalog.hooks.dbt import ExportTable
    from airflow_provider_catalog.store.protocol import Store

_TABLE = "airflow_catalog_export"


class DbtHarvestOperator(BaseOperator):
    """Brings what the transport `table` of our dbt package has left in a warehouse into the catalog, and takes it away
    there. An invocation goes when the catalog has all of it; of one that is not whole nothing is touched, until it is
    so old that nobody can be writing it any more.

    Returns `{"invocations": 2, "documents": 5, "waiting": 1}`. The catalog's worker merges what was sent.

    :param warehouse_conn_id: a connection of any kind that is asked in SQL (templated)
    :param schema: where dbt was told to put the table: `airflow_catalog_schema`, else the target's (templated)
    :param table: its name (templated)
    :param hours: after so long what is there of an invocation is taken as all that comes
    :param keep: leave the rows where they are; what was brought in before counts once
    :param catalog_conn_id: a connection of the type `catalog`; without it the store of the section [catalog]
    """

    template_fields: Sequence[str] = ("warehouse_conn_id", "schema", "table", "catalog_conn_id")
    operator_extra_links = (CatalogLink(),)

    def __init__(
        self,
        *,
        warehouse_conn_id: str,
        schema: str | None = None,
        table: str = _TABLE,
        hours: float = 24.0,
        keep: bool = False,
        catalog_conn_id: str = CatalogHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.warehouse_conn_id = warehouse_conn_id
        self.schema = schema
        self.table = table
        self.hours = hours
        self.keep = keep
        self.catalog_conn_id = catalog_conn_id

    def execute(self, context: Any) -> dict[str, Any]:  # noqa: ARG002  Airflow's signature
        from airflow_provider_catalog.hooks.dbt import ExportTable

        done = {"invocations": 0, "documents": 0, "waiting": 0}
        with (
            ExportTable.opened(self.warehouse_conn_id, self.table, self.schema or None) as exported,
            closing(CatalogHook(self.catalog_conn_id).get_conn()) as store,
        ):
            for invocation_id, written in exported.invocations():
                sent = self._harvest(exported, store, invocation_id, written)
                done["waiting" if sent is None else "invocations"] += 1
                done["documents"] += sent or 0
        self.log.info("Harvested %s: %s", self.table, done)
        return done

    def _harvest(self, exported: ExportTable, store: Store, invocation_id: str, written: str) -> int | None:
        """None where more may come."""
        from airflow_provider_catalog.services.dbt_harvest import harvest_rows, is_whole

        rows = exported.rows(invocation_id)
        if not is_whole(rows):
            if written >= self._oldest():
                return None
            self.log.warning("The export of invocation %s is not whole: what is there of it is taken", invocation_id)
        sent = harvest_rows(store, rows)
        if not self.keep:
            exported.forget(invocation_id)
        return sent

    def _oldest(self) -> str:
        """As the macros write times."""
        return (datetime.now(UTC) - timedelta(hours=self.hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
