"""A database or table of AWS Glue as a crawl found it, or that it is gone; and schemas of its Schema Registry.

The payload is that of a `Finding`. Where: {"namespace", "part", "catalog"}. What: {"schema", "name", "glue"}, the last
of which is AWS's own document; "target", what a resource link stands for; "partitions", how many; "versions", the
documents that the table had before. "disputed" are numbers of names that another table goes by as well.

A link is another name of what it stands for: it says what it knows of that, but not whether it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.masking import mask_sql
from airflow_provider_catalog.model.statement import EXISTENCE, Changes, Claim, Json, Statement
from airflow_provider_catalog.sources.checks import mapping, sequence, text
from airflow_provider_catalog.sources.crawlers.finding import Finding, existence
from airflow_provider_catalog.sources.crawlers.glue import aspects, schemas
from airflow_provider_catalog.sources.crawlers.glue.catalog import Account, GlueCatalog, SchemaRegistries
from airflow_provider_catalog.sources.crawlers.glue.names import OtherName, other_names, symlinks
from airflow_provider_catalog.sources.crawlers.glue.views import Definition, definition

KIND = GlueCatalog.kind
_GLUE = "/table/glue"


def read(envelope: Envelope) -> Changes:
    finding = Finding.of(envelope)
    account = Account.parse(text(finding.body.get("namespace"), "/namespace"))
    if finding.body.get("part") == SchemaRegistries.part:
        return Changes(tuple(schemas.statements(finding, SchemaRegistries(account))))
    catalog = GlueCatalog(account, text(finding.body.get("catalog") or "", "/catalog", empty=True))
    found = _Found(finding, catalog, finding.dataset(catalog))
    return Changes(tuple(found.gone() if finding.gone else found.there()))


@dataclass(frozen=True, slots=True)
class _Found:
    """A database or table, and what it is called."""

    finding: Finding
    catalog: GlueCatalog
    dataset: DatasetId

    def gone(self) -> Iterator[Statement]:
        """Another table may take over its folder."""
        claims = [self.finding.found(self.dataset), Claim.of(self.dataset, "symlinks", None)]
        yield self.finding.statement(self.catalog, [*claims, Claim.of(self.dataset, EXISTENCE, value=False)])

    def there(self) -> Iterator[Statement]:
        document, target = mapping(self.finding.thing.get("glue"), _GLUE), self._target()
        names = list(other_names(self.catalog, self.finding.key, document, link=target is not None))
        disputed = sequence(self.finding.body.get("disputed"), "/disputed")
        own = [name for name in names if name.dataset.uid not in disputed]
        found = self.finding.found(self.dataset, [name.dataset.uid for name in names])
        said = self._said(document, target) | {"symlinks": symlinks([*_standing_for(target), *own])}
        claims = [found, *self.finding.claims(self.dataset, said)]
        if target is None:
            yield from self._before(document)
        made_by = definition(document) if target is None else None
        yield self.finding.statement(self.catalog, [*claims, *self._definition(made_by, own)])

    def _said(self, document: dict[str, Any], target: DatasetId | None) -> dict[str, Json]:
        said = aspects.aspects(document, database=not self.finding.key[1])
        if target is not None:
            return said | dict.fromkeys((EXISTENCE, *aspects.OF_ITS_OWN))
        return said | existence(self.finding) | self._counted() | {"hierarchy": self._hierarchy()}

    def _hierarchy(self) -> Json:
        levels = zip(("DATABASE", "TABLE"), self.finding.key, strict=True)
        return {"hierarchy": [{"type": level, "name": name} for level, name in levels if name]}

    def _counted(self) -> dict[str, Json]:
        """Nobody unsays it for not having counted."""
        count = self.finding.thing.get("partitions")
        return {"partitions": {"count": count}} if type(count) is int else {}

    def _definition(self, found: Definition | None, own: list[OtherName]) -> Iterator[Claim]:
        """SQL names tables as Athena does, so it is what Athena's name is made by, if the table has that."""
        athena = self.catalog.athena(*self.finding.key)
        said = {"query": mask_sql(found.query), "dialect": found.dialect} if found else None
        named = athena is not None and any(name.dataset == athena for name in own)
        for subject, value in ((athena, said if named else None), (self.dataset, None if named else said)):
            if subject is not None and (value is not None or self.finding.unsays):
                yield Claim.of(subject, "definition", value)

    def _before(self, document: dict[str, Any]) -> Iterator[Statement]:
        """Since when it is there, and which columns it had when."""
        if created := self.finding.earlier(document.get("CreateTime"), f"{_GLUE}/CreateTime"):
            yield created.statement(self.catalog, [Claim.of(self.dataset, EXISTENCE, value=True)])
        for i, stated in enumerate(sequence(self.finding.thing.get("versions"), "/table/versions")):
            version = mapping(stated, f"/table/versions/{i}")
            at = self.finding.earlier(version.get("UpdateTime"), f"/table/versions/{i}/UpdateTime")
            if at and (columns := aspects.columns(version, f"/table/versions/{i}")):
                yield at.statement(self.catalog, [Claim.of(self.dataset, "schema", columns)])

    def _target(self) -> DatasetId | None:
        stated = self.finding.thing.get("target")
        if stated is None:
            return None
        body = mapping(stated, "/table/target")
        return DatasetId(*(text(body.get(key), f"/table/target/{key}") for key in ("namespace", "name")))


def _standing_for(target: DatasetId | None) -> Iterator[OtherName]:
    if target is not None:
        yield OtherName(target, "TABLE")
