"""Tables of AWS Glue and their partitions, as tasks register them: what the operators call, and what `@task` does.

    @task
    def publish():
        GlueTableHook().register_table("s3://lake/sales/orders")

What Glue refuses is told when all else is done: by an AirflowException where another try may help, and by an
AirflowFailException where none does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from airflow_provider_catalog.hooks.glue_account import GlueAccountHook
from airflow_provider_catalog.hooks.glue_asked import PartitionsAsked, TableAsked
from airflow_provider_catalog.hooks.glue_partitioning import register as register_partitions
from airflow_provider_catalog.hooks.glue_registering import register as register_table


class GlueTableHook(GlueAccountHook):
    """The amazon provider's hook of Glue, for whole tables. See `GlueAccountHook` for how it is made."""

    def register_table(  # noqa: PLR0913  whatever can be said of a table
        self,
        dataset: Any = None,
        *,
        database: str | None = None,
        table: str | None = None,
        columns: Mapping[str, str] | Sequence[Any] | str | None = None,
        partition_keys: Mapping[str, str] | Sequence[Any] | str | None = None,
        location: str | None = None,
        format: str | None = None,  # noqa: A002  what everybody calls it
        compression: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | str | None = None,
        table_owner: str | None = None,
        if_exists: str = "merge",
        if_missing: str = "create",
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """See `GlueTableRegisterOperator`, which has the same arguments and returns the same."""
        stated = {
            "columns": columns,
            "partition_keys": partition_keys,
            "location": location,
            "format": format,
            "compression": compression,
            "description": description,
            "parameters": parameters,
            "table_owner": table_owner,
        }
        told = {key: value for key, value in stated.items() if value is not None}
        asked = TableAsked(dataset, database, table, told, if_exists, if_missing)
        return register_table(self, asked, dry_run=dry_run)

    def register_partitions(
        self,
        database: str,
        table: str,
        partitions: Collection[Any] | str | None = None,
        *,
        from_location: bool = False,
        if_exists: str = "skip",
        dry_run: bool = False,
        strict: bool = True,
    ) -> dict[str, Any]:
        """See `GluePartitionsRegisterOperator`, which has the same arguments and returns the same."""
        asked = PartitionsAsked(database, table, partitions, from_location, if_exists)
        return register_partitions(self, asked, dry_run=dry_run, strict=strict)
