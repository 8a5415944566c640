"""Opening a Data Catalog of AWS Glue to crawl: by whatever makes clients of AWS, and in whose account it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.sources.crawlers.glue.catalog import GlueCatalog, SchemaRegistries
from airflow_provider_catalog.sources.crawlers.glue.client import GlueClient
from airflow_provider_catalog.sources.crawlers.glue.refusals import telling
from airflow_provider_catalog.sources.crawlers.glue.registry import RegistryReader
from airflow_provider_catalog.sources.crawlers.glue.tables import Asked, GlueReader

MakeClient: TypeAlias = Callable[[str], Any]
"""boto3's client of a service, by its name."""

_WHAT = "AWS Glue"
_ATTEMPTS = 10
_CONNECT_SECONDS, _READ_SECONDS = 10, 60


class CrawlableGlue(NamedTuple):
    """An open catalog and where it is; and the registries beside it."""

    catalog: GlueCatalog
    tables: GlueReader
    registries: SchemaRegistries
    schemas: RegistryReader


def config() -> Any:
    """Of every client: as patient as boto3 can be. Needs boto3."""
    from botocore.config import Config

    return Config(
        retries={"mode": "adaptive", "total_max_attempts": _ATTEMPTS},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
    )


@contextmanager
def by_default(region: str | None, catalog_id: str | None, asked: Asked) -> Iterator[CrawlableGlue]:
    """By the environment, a profile or a role, as boto3 finds them."""
    try:
        import boto3
    except ModuleNotFoundError:
        raise CrawlError(_WHAT, "boto3 is missing: pip install 'airflow-provider-catalog[amazon]'") from None
    with telling(_WHAT):
        session = boto3.session.Session(region_name=region)
    with opened(lambda service: session.client(service, config=config()), catalog_id, asked) as found:
        yield found


@contextmanager
def opened(make: MakeClient, catalog_id: str | None, asked: Asked) -> Iterator[CrawlableGlue]:
    """Who calls is asked for where it is not said whose catalog it is."""
    with telling(_WHAT):
        glue = make("glue")
    catalog = GlueCatalog.of(glue.meta.partition, glue.meta.region_name, catalog_id or _caller(make))
    client = GlueClient(glue, str(catalog))
    with ExitStack() as open_:
        tables = open_.enter_context(closing(GlueReader(catalog, client, catalog_id, asked)))
        schemas = open_.enter_context(closing(RegistryReader(client, asked)))
        yield CrawlableGlue(catalog, tables, SchemaRegistries(catalog.account), schemas)


def _caller(make: MakeClient) -> str:
    with telling(_WHAT, "sts"):
        return str(make("sts").get_caller_identity()["Account"])
