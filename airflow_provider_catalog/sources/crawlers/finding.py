"""What one envelope of a crawl says, whatever was crawled: a thing as it was found, or that it is gone.

The payload says when and where, and then either "table", which is what was found of it and a "fingerprint", or "gone",
with schema and name alone. The fingerprint becomes a fact, too: the next crawl sends what has another one. With
"before" the crawler may have spoken of the thing already, so that it also unsays what is no more: a comment that was
dropped is nobody's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.masking import mask_prose
from airflow_provider_catalog.model.statement import EXISTENCE, Claim, Content, Json, Statement
from airflow_provider_catalog.sources.checks import NAME_BYTES, load, mapping, text
from airflow_provider_catalog.sources.crawlers.fields import string
from airflow_provider_catalog.sources.crawlers.place import Site
from airflow_provider_catalog.sources.timestamps import clamped, instant

FOUND = "crawl"
"""The aspect that holds how a thing was found last: {"fingerprint", "schema", "name", "names"}. The last are numbers of
what else it goes by, where others might go by the same.
"""


class Finding(NamedTuple):
    """`body` is the payload. `moment`: of how the thing was before it was found."""

    body: Mapping[str, Any]
    recorded_at: int
    moment: int | None = None

    @classmethod
    def of(cls, envelope: Envelope) -> Finding:
        return cls(mapping(load(envelope.payload), ""), envelope.recorded_at)

    @property
    def gone(self) -> bool:
        return self.body.get("gone") is not None

    @property
    def unsays(self) -> bool:
        return self.body.get("before") is True

    @property
    def at(self) -> str:
        return "/gone" if self.gone else "/table"

    @property
    def thing(self) -> dict[str, Any]:
        return mapping(self.body.get(self.at[1:]), self.at)

    @property
    def key(self) -> tuple[str, str]:
        """Schema and name, by which the crawl finds it again. One that is a schema itself has no name in it."""
        thing = self.thing
        schema, name = (text(thing.get(key), f"{self.at}/{key}", empty=True) for key in ("schema", "name"))
        return schema, name

    @property
    def time(self) -> int:
        """Nothing was so after it was found."""
        found = clamped(instant(self.body.get("time"), "/time").micros, self.recorded_at)
        return found if self.moment is None else min(self.moment, found)

    def earlier(self, stated: Any, at: str) -> Finding | None:
        """The same of another time, if one is stated."""
        return None if stated is None else self._replace(moment=instant(stated, at).micros)

    def dataset(self, site: Site) -> DatasetId:
        dataset = site.dataset(*self.key)
        if dataset is None:
            raise RejectedError(f"{self.at}/name: together with where it is more than {NAME_BYTES} bytes")
        return dataset

    def found(self, dataset: DatasetId, names: Iterable[int] = ()) -> Claim:
        """What the next crawl asks for. `names`: what else the thing goes by."""
        if self.gone:
            return Claim.of(dataset, FOUND, None)
        (schema, name), others = self.key, list(names)
        fingerprint = text(self.thing.get("fingerprint"), f"{self.at}/fingerprint")
        found: dict[str, Json] = {"fingerprint": fingerprint, "schema": schema, "name": name}
        return Claim.of(dataset, FOUND, found | {"names": others} if others else found)

    def claims(self, dataset: DatasetId, said: Mapping[str, Json]) -> Iterator[Claim]:
        """`said` by aspects. What is None is unsaid, if it may have been said."""
        for aspect, value in said.items():
            if value is not None or self.unsays:
                yield Claim.of(dataset, aspect, value)

    def statement(self, site: Site, claims: Iterable[Claim]) -> Statement:
        return Statement(site.producer, self.time, content=Content.of(list(claims)))


def existence(finding: Finding) -> dict[str, Json]:
    return {EXISTENCE: not finding.gone}


def documentation(comment: Any, at: str) -> Json:
    """Anybody may have written it."""
    return {"description": mask_prose(string(comment, at))} if comment else None
