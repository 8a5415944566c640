"""AWS by a connection of Airflow's: a Data Catalog of Glue to crawl, with the credentials that tasks have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk.exceptions import AirflowException

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.hooks.database import connection_of
from airflow_provider_catalog.sources.crawlers.glue.opening import CrawlableGlue, config, opened
from airflow_provider_catalog.sources.crawlers.glue.refusals import telling
from airflow_provider_catalog.sources.crawlers.glue.tables import Asked


@contextmanager
def glue_by_conn_id(conn_id: str, region: str | None, catalog_id: str | None, asked: Asked) -> Iterator[CrawlableGlue]:
    """The connection says the region, unless it is stated here."""
    try:
        from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook
    except ModuleNotFoundError:
        raise CrawlError(conn_id, "its hook is missing: pip install 'airflow-provider-catalog[amazon]'") from None
    connection_of(conn_id)

    def client(service: str) -> Any:
        hook: Any = AwsGenericHook(aws_conn_id=conn_id, region_name=region, client_type=service, config=config())
        try:
            with telling(conn_id, "sts"):
                return hook.get_conn()
        except AirflowException as error:
            raise CrawlError(conn_id, str(error)) from None

    with opened(client, catalog_id, asked) as found:
        yield found
