"""Accounts of AWS Glue by a connection of Airflow's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook

from airflow_provider_catalog.hooks.catalog import CatalogHook

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from botocore.config import Config

    from airflow_provider_catalog.store.protocol import Store
    from airflow_provider_catalog.targets.glue.account import Account


class GlueAccountHook(GlueCatalogHook):
    """The amazon provider's hook of Glue, and beside it the catalog's store and the files of tables.

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
        """By catalog and region, of which what is stated here counts more. None are those of the connection."""
        from airflow_provider_catalog.targets.glue.account import Account
        from airflow_provider_catalog.targets.glue.calls import Calls

        @cache
        def calls(region: str | None) -> Calls:
            return Calls.paced(self.get_client_type(region_name=region) if region else self.get_conn())

        @cache
        def account(catalog_id: str | None, region: str | None) -> Account:
            return Account(calls(region if self.stated_region is None else None), self.catalog_id or catalog_id)

        return account

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


def _asking_once(config: Config | dict[str, Any] | None) -> Config:
    """Calls are repeated by `Calls`, which tells what is worth repeating."""
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1}, user_agent_extra="airflow-provider-catalog")
    stated = Config(**config) if isinstance(config, dict) else config
    return once.merge(stated) if stated is not None else once
