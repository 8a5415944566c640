"""A reader of the Schema Registry of AWS Glue: schemas in registries, each of which has to be asked for by itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from airflow_provider_catalog.sources.crawlers.glue import documents
from airflow_provider_catalog.sources.crawlers.glue.client import GlueClient
from airflow_provider_catalog.sources.crawlers.glue.documents import GlueFound
from airflow_provider_catalog.sources.crawlers.glue.refusals import GlueRefusedError
from airflow_provider_catalog.sources.crawlers.glue.tables import Asked
from airflow_provider_catalog.sources.crawlers.spill import Spill
from airflow_provider_catalog.sources.crawlers.tables import Seen

log = logging.getLogger(__name__)
_VERSION_PAGES = 1
"""Of a hundred: a schema has few, and each costs a question."""
_GOING = "DELETING"


class RegistryReader:
    """All registries of an account in a region. A registry is a schema here, and a schema is a table."""

    def __init__(self, client: GlueClient, asked: Asked | None = None) -> None:
        self._client = client
        self._asked = asked or Asked()
        self._spill = Spill()
        self._unread: set[str] = set()

    def close(self) -> None:
        self._spill.close()

    @property
    def unread(self) -> frozenset[str]:
        return frozenset(self._unread)

    def seen(self) -> Iterator[Seen]:
        for page in self._client.pages("list_registries", "Registries", {}):
            for registry in page:
                if self._asked.selection.may_cover(registry["RegistryName"]):
                    yield from self._inside(registry["RegistryName"])

    def tables(self, seen: Sequence[Seen]) -> Iterator[GlueFound]:
        for each in self._spill.read(each.number for each in seen):
            found = self._written(GlueFound(*each))
            yield found.with_more(versions=self._versions(found)) if self._asked.versions else found

    def _inside(self, registry: str) -> Iterator[Seen]:
        try:
            for page in self._client.pages("list_schemas", "Schemas", {"RegistryId": {"RegistryName": registry}}):
                there = [each for each in page if each.get("SchemaStatus") != _GOING]
                yield from self._kept([self._schema(registry, each["SchemaName"]) for each in there])
        except GlueRefusedError as refused:
            if refused.closed:
                log.warning("%s", refused)
                self._unread.add(registry)
            elif not refused.missing:
                raise

    def _schema(self, registry: str, name: str) -> GlueFound:
        return GlueFound(registry, name, documents.schema(self._ask("get_schema", registry, name)), {})

    def _kept(self, found: Sequence[GlueFound]) -> Iterator[Seen]:
        more = " v" if self._asked.versions else ""
        for number, each in zip(self._spill.add(found), found, strict=True):
            yield Seen(each.schema, each.name, f"{each.fingerprint}{more}", number)

    def _written(self, found: GlueFound) -> GlueFound:
        number = found.document.get("LatestSchemaVersion")
        return found._replace(document={**found.document, **self._version(found, number)})

    def _version(self, found: GlueFound, number: Any) -> dict[str, Any]:
        wanted = {"VersionNumber": number} if number else {"LatestVersion": True}
        answer = self._ask("get_schema_version", found.schema, found.name, SchemaVersionNumber=wanted)
        return documents.schema_version(answer)

    def _versions(self, found: GlueFound) -> list[dict[str, Any]]:
        pages = self._client.pages("list_schema_versions", "Schemas", {"SchemaId": _id(found.schema, found.name)})
        numbers = sorted(each["VersionNumber"] for page in islice(pages, _VERSION_PAGES) for each in page)
        return [self._version(found, number) for number in numbers]

    def _ask(self, operation: str, registry: str, name: str, **more: Any) -> dict[str, Any]:
        return self._client.ask(operation, {"SchemaId": _id(registry, name), **more})


def _id(registry: str, name: str) -> dict[str, str]:
    return {"RegistryName": registry, "SchemaName": name}
