"""Operators that read databases into the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from airflow.sdk import BaseOperator

from airflow_provider_catalog.links import CatalogLink
from airflow_provider_catalog.settings import settings
from airflow_provider_catalog.sources.crawlers.tables import Selection


class DatabaseCrawlOperator(BaseOperator):
    """Reads the tables of a database into the catalog. A table that has not changed since the last time sends nothing.

    Returns the counts. The catalog's worker merges what was sent. Where the catalog is behind a server, `ingest_url`
    and a token with the scope `store` are all it needs.

    :param conn_id: a connection to a database (templated)
    :param include: patterns of `schema.table`, such as `mart.*`; without any, all (templated)
    :param exclude: patterns of those that are left out (templated)
    :param seconds: how long one question to the database may take, where it can be told
    """

    template_fields: Sequence[str] = ("conn_id", "include", "exclude")
    operator_extra_links = (CatalogLink(),)

    def __init__(
        self,
        *,
        conn_id: str,
        include: Sequence[str] | str = (),
        exclude: Sequence[str] | str = (),
        seconds: float = 300.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id
        self.include = include
        self.exclude = exclude
        self.seconds = seconds

    def execute(self, context: Any) -> dict[str, Any]:  # noqa: ARG002  Airflow's signature
        from airflow_provider_catalog.hooks.database import by_conn_id
        from airflow_provider_catalog.services.crawl import crawl
        from airflow_provider_catalog.store import open_store

        selection = Selection(_patterns(self.include), _patterns(self.exclude))
        chosen = settings()
        with (
            closing(open_store(chosen.nearest_url, patience=chosen.edge_patience)) as store,
            by_conn_id(self.conn_id, self.seconds) as (place, reader),
        ):
            done = crawl(store, place, reader, selection)
        self.log.info("Crawled %s: %s", place, done.to_json())
        return done.to_json()


def _patterns(stated: Sequence[str] | str) -> tuple[str, ...]:
    """A template makes one text."""
    return tuple(stated.replace(",", " ").split()) if isinstance(stated, str) else tuple(stated)
