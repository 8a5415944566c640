"""What else a table of Glue goes by: the folder with its rows, Athena's name, what a link stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.sources.crawlers.glue.catalog import GlueCatalog
from airflow_provider_catalog.sources.crawlers.glue.storage import rows


class OtherName(NamedTuple):
    """`type`: as OpenLineage has it. A `TABLE` stands for both, of other types the table itself does."""

    dataset: DatasetId
    type: str


def other_names(
    catalog: GlueCatalog, key: tuple[str, str], document: Mapping[str, Any], *, link: bool
) -> Iterator[OtherName]:
    """Those that another table may go by as well. A link has no rows of its own."""
    if athena := catalog.athena(*key):
        yield OtherName(athena, "ALIAS")
    folder = rows(document) if athena and not link else None
    if folder:
        yield OtherName(folder, "LOCATION")


def symlinks(names: Collection[OtherName]) -> Json:
    identifiers: list[Json] = [
        {"namespace": each.dataset.namespace, "name": each.dataset.name, "type": each.type} for each in names
    ]
    return {"identifiers": identifiers} if identifiers else None
