"""A reader of a Data Catalog of AWS Glue: its databases, and a hundred tables with all there is of them in one answer.

So nothing that was seen is asked for again: it waits on disk until it is known whether it is to be told. The versions
of a table are asked for when it is told. How many partitions it has changes without it, so that is asked for of each.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from airflow_provider_catalog.sources.crawlers.glue import documents
from airflow_provider_catalog.sources.crawlers.glue.catalog import GlueCatalog
from airflow_provider_catalog.sources.crawlers.glue.client import GlueClient
from airflow_provider_catalog.sources.crawlers.glue.documents import GlueFound
from airflow_provider_catalog.sources.crawlers.glue.more import partitioned, partitions, versions
from airflow_provider_catalog.sources.crawlers.glue.names import other_names
from airflow_provider_catalog.sources.crawlers.glue.refusals import GlueRefusedError
from airflow_provider_catalog.sources.crawlers.spill import Spill
from airflow_provider_catalog.sources.crawlers.tables import ALL, Seen, Selection

log = logging.getLogger(__name__)
_THREADS = 8


class Asked(NamedTuple):
    """What a crawl is for. `versions`: the columns that tables had before; `partitions`: how many each has."""

    selection: Selection = ALL
    versions: bool = False
    partitions: bool = False


class GlueReader:
    """One catalog. `catalog_id` is said where it is not the caller's own."""

    def __init__(
        self, catalog: GlueCatalog, client: GlueClient, catalog_id: str | None = None, asked: Asked | None = None
    ) -> None:
        self._catalog = catalog
        self._client = client
        self._where = {"CatalogId": catalog_id} if catalog_id else {}
        self._asked = asked or Asked()
        self._spill = Spill()
        self._unread: set[str] = set()

    def close(self) -> None:
        self._spill.close()

    @property
    def unread(self) -> frozenset[str]:
        return frozenset(self._unread)

    def seen(self) -> Iterator[Seen]:
        for page in self._client.pages("get_databases", "DatabaseList", self._where):
            wanted = [each for each in page if self._asked.selection.may_cover(each["Name"])]
            yield from self._kept([self._database(each) for each in wanted])
            for each in wanted:
                yield from self._inside(each)

    def tables(self, seen: Sequence[Seen]) -> Iterator[GlueFound]:
        found = (GlueFound(*each) for each in self._spill.read(each.number for each in seen))
        return iter(_at_once(self._with_versions, found) if self._asked.versions else found)

    # -- what there is

    def _inside(self, database: dict[str, Any]) -> Iterator[Seen]:
        """One that is not ours to look into costs only itself, and so does one that has gone meanwhile."""
        request = {**self._where, "DatabaseName": database["Name"]}
        try:
            for page in self._client.pages("get_tables", "TableList", request):
                found = [self._table(database, each) for each in page]
                yield from self._kept(_at_once(self._with_partitions, found) if self._asked.partitions else found)
        except GlueRefusedError as refused:
            if refused.closed:
                log.warning("%s", refused)
                self._unread.add(database["Name"])
            elif not refused.missing:
                raise

    def _database(self, document: dict[str, Any]) -> GlueFound:
        return GlueFound(
            document["Name"], "", documents.database(document), self._target(document.get("TargetDatabase"), "")
        )

    def _table(self, database: dict[str, Any], document: dict[str, Any]) -> GlueFound:
        """In a database that is a link every table is one."""
        target = document.get("TargetTable") or database.get("TargetDatabase")
        return GlueFound(
            database["Name"], document["Name"], documents.table(document), self._target(target, document["Name"])
        )

    def _target(self, stated: dict[str, Any] | None, name: str) -> dict[str, Any]:
        """Of a link. One to what has no name for others is told as what it looks like."""
        if not stated:
            return {}
        account = self._catalog.account
        catalog_id, region = stated.get("CatalogId") or account.number, stated.get("Region") or account.region
        try:
            there = GlueCatalog.of(account.partition, region, catalog_id)
        except ValueError:
            return {}
        dataset = there.dataset(stated["DatabaseName"], stated.get("Name", name))
        return {"target": {"namespace": dataset.namespace, "name": dataset.name}} if dataset else {}

    # -- what more there is to know of a table

    def _with_partitions(self, found: GlueFound) -> GlueFound:
        if "target" in found.more or not partitioned(found.document):
            return found
        return found.with_more(partitions=partitions(self._client, self._request(found)))

    def _with_versions(self, found: GlueFound) -> GlueFound:
        if "target" in found.more or not found.name:
            return found
        return found.with_more(versions=versions(self._client, self._request(found)))

    def _request(self, found: GlueFound) -> dict[str, Any]:
        return {**self._where, "DatabaseName": found.schema, "TableName": found.name}

    # -- what is seen of it

    def _kept(self, found: Sequence[GlueFound]) -> Iterator[Seen]:
        for number, each in zip(self._spill.add(found), found, strict=True):
            yield self._seen(each, number)

    def _seen(self, found: GlueFound, number: int) -> Seen:
        key, link = (found.schema, found.name), "target" in found.more
        names = other_names(self._catalog, key, found.document, link=link)
        words = [found.fingerprint]
        if "partitions" in found.more:
            words.append(f"p{found.more['partitions']}")
        if self._asked.versions and found.name and not link:
            words.append("v")
        return Seen(*key, " ".join(words), number, tuple(each.dataset.uid for each in names))


def _at_once(ask: Callable[[GlueFound], GlueFound], found: Iterable[GlueFound]) -> list[GlueFound]:
    """Some at a time, in their order."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(ask, found))
