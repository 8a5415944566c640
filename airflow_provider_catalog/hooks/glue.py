"""Tables of AWS Glue and their partitions, as tasks register them: what the operators call, and what `@task` does.

    @task
    def publish():
        GlueTableHook().register_table("s3://lake/sales/orders")

What Glue refuses is told when all else is done: by an AirflowException where another try may help, and by an
AirflowFailException where none does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook

from airflow_provider_catalog.hooks.catalog import CatalogHook
from airflow_provider_catalog.hooks.glue_asked import PartitionsAsked, TableAsked

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from botocore.config import Config

    from airflow_provider_catalog.store.protocol import Store
    from airflow_provider_catalog.targets.glue.account import Account


class GlueTableHook(GlueCatalogHook):
    """The amazon provider's hook of Glue, for whole tables.

    :param catalog_id: the Data Catalog; without it that of the account of the connection
    :param catalog_conn_id: a connection of the type `catalog`; without it the store of the section [catalog]
    """

    def __init__(
        self,
        *args: Any,
        catalog_id: str | None = None,
        catalog_conn_id: str = CatalogHook.default_conn_name,
        config: Config | dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, config=_asking_once(config), **kwargs)  # type: ignore[no-untyped-call]  # it has no types
        self.catalog_id = catalog_id
        self.catalog_conn_id = catalog_conn_id

    @cached_property
    def account_of(self) -> Callable[[str | None, str | None], Account]:
        """By catalog and region. None are those of this hook."""
        from airflow_provider_catalog.targets.glue.account import Account
        from airflow_provider_catalog.targets.glue.calls import Calls

        def account(catalog_id: str | None, region: str | None) -> Account:
            client = self.get_client_type(region_name=region) if region else self.get_conn()
            return Account(Calls(client), catalog_id or self.catalog_id)

        return cache(account)

    @property
    def stated_region(self) -> str | None:
        """What was said to this hook, whatever its connection says."""
        return self._region_name

    def store(self) -> closing[Store]:
        return closing(CatalogHook(self.catalog_conn_id).get_conn())

    def s3(self) -> S3Hook:
        """With the same credentials. It tries again by itself."""
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return S3Hook(aws_conn_id=self.aws_conn_id, region_name=self._region_name, verify=self._verify)

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
        from airflow_provider_catalog.hooks.glue_registering import register

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
        return register(self, asked, dry_run=dry_run)

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
        from airflow_provider_catalog.hooks.glue_partitioning import register

        asked = PartitionsAsked(database, table, partitions, from_location, if_exists)
        return register(self, asked, dry_run=dry_run, strict=strict)


def _asking_once(config: Config | dict[str, Any] | None) -> Config:
    """Calls are repeated by `Calls`, which tells what is worth repeating."""
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1}, user_agent_extra="airflow-provider-catalog")
    stated = Config(**config) if isinstance(config, dict) else config
    return once.merge(stated) if stated is not None else once
