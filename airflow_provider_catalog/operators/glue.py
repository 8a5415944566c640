"""What our operators of AWS Glue share: credentials as every operator of the amazon provider takes them, the catalog's
store, and buttons to the console.
"""

from __future__ import annotations

from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.providers.amazon.aws.links.base_aws import BASE_AWS_CONSOLE_LINK, BaseAwsLink
from airflow.providers.amazon.aws.operators.base_aws import AwsBaseOperator
from airflow.providers.amazon.aws.utils.mixins import aws_template_fields

from airflow_provider_catalog.hooks.catalog import CatalogHook
from airflow_provider_catalog.hooks.glue_account import GlueAccountHook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from airflow_provider_catalog.store.protocol import Store
    from airflow_provider_catalog.targets.glue.account import Account
    from airflow_provider_catalog.targets.glue.calls import Calls

_GLUE = BASE_AWS_CONSOLE_LINK + "/glue/home?region={region_name}#/v2/data-catalog"


class _Link(BaseAwsLink):
    """Whatever stands in an address is quoted: names of tables may hold anything."""

    def format_link(self, **kwargs: Any) -> str:
        domain = {"aws_domain": kwargs.pop("aws_domain", "")}
        quoted = {key: quote(str(value), safe="") for key, value in kwargs.items()}
        return str(super().format_link(**domain, **quoted))


class GlueTableLink(_Link):
    """To a table."""

    name = "AWS Glue Table"
    key = "catalog_glue_table"
    format_str = _GLUE + "/tables/view/{table}?database={database}&catalogId={catalog_id}"


class GlueDatabaseLink(_Link):
    """To a database."""

    name = "AWS Glue Database"
    key = "catalog_glue_database"
    format_str = _GLUE + "/databases/view/{database}?catalogId={catalog_id}"


class GlueCrawlerLink(_Link):
    """To a crawler."""

    name = "AWS Glue Crawler"
    key = "catalog_glue_crawler"
    format_str = _GLUE + "/crawlers/view/{crawler}"


class GlueSchemaLink(_Link):
    """To a schema of the Schema Registry."""

    name = "AWS Glue Schema"
    key = "catalog_glue_schema"
    format_str = _GLUE + "/registries/view/{registry}/schemas/view/{schema}"


class GlueOperator(AwsBaseOperator[GlueAccountHook]):
    """:param catalog_id: the Data Catalog; without it that of the account of the connection (templated)
    :param catalog_conn_id: a connection of the type `catalog`; without it the store of the section [catalog]
    """

    aws_hook_class = GlueAccountHook
    template_fields: Sequence[str] = aws_template_fields("catalog_id", "catalog_conn_id")
    ui_color = "#ededed"

    def __init__(
        self,
        *,
        catalog_id: str | None = None,
        catalog_conn_id: str = CatalogHook.default_conn_name,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.catalog_id = catalog_id
        self.catalog_conn_id = catalog_conn_id

    @property
    def _hook_parameters(self) -> dict[str, Any]:
        return {**super()._hook_parameters, "catalog_id": self.catalog_id, "catalog_conn_id": self.catalog_conn_id}

    @cached_property
    def calls(self) -> Calls:
        from airflow_provider_catalog.targets.glue.calls import Calls

        return Calls.paced(self.hook.get_conn())

    @cached_property
    def account(self) -> Account:
        from airflow_provider_catalog.targets.glue.account import Account

        return Account(self.calls, self.catalog_id)

    def store(self) -> closing[Store]:
        return closing(CatalogHook(self.catalog_conn_id).get_conn())

    def link(self, context: Context, link: type[_Link], **names: str) -> None:
        """Airflow shows the button with what is kept here."""
        client: Any = self.hook.get_conn()
        catalog = {"catalog_id": self.catalog_id or ""}
        link.persist(context, self, client.meta.region_name, client.meta.partition, **catalog, **names)
