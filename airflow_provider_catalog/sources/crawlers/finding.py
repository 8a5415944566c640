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
    """`body` is the payload, `thing` the part of it that says what was found, which stands `at` a path."""

    body: Mapping[str, Any]
    thing: dict[str, Any]
    at: str
    time: int

    @classmethod
    def of(cls, envelope: Envelope) -> Finding:
        body = mapping(load(envelope.payload), "")
        at = "/table" if body.get("gone") is None else "/gone"
        thing = mapping(body.get(at[1:]), at)
        return cls(body, thing, at, clamped(instant(body.get("time"), "/time").micros, envelope.recorded_at))

    @property
    def gone(self) -> bool:
        return self.at == "/gone"

    @property
    def unsays(self) -> bool:
        return self.body.get("before") is True

    @property
    def key(self) -> tuple[str, str]:
        """Schema and name, by which the crawl finds it again. One that is a schema itself has no name in it."""
        schema, name = (text(self.thing.get(key), f"{self.at}/{key}", empty=True) for key in ("schema", "name"))
        return schema, name

    def earlier(self, stated: Any, at: str) -> Finding | None:
        """The same of another time, if one is stated. Nothing was so after it was found."""
        return None if stated is None else self._replace(time=min(instant(stated, at).micros, self.time))

    def dataset(self, site: Site) -> DatasetId:
        dataset = site.dataset(*self.key)
        if dataset is None:
            raise RejectedError(f"{self.at}/name: together with where it is more than {NAME_BYTES} bytes")
        return dataset

    def claims(self, dataset: DatasetId, said: Mapping[str, Json], names: Iterable[int] = ()) -> Iterator[Claim]:
        """`said` by aspects. What is None is unsaid, if it may have been said."""
        if self.gone:
            yield Claim.of(dataset, FOUND, None)
        else:
            yield Claim.of(dataset, FOUND, self._found(names))
        for aspect, value in said.items():
            if value is not None or self.unsays:
                yield Claim.of(dataset, aspect, value)

    def statement(self, site: Site, claims: Iterable[Claim]) -> Statement:
        return Statement(site.producer, self.time, content=Content.of(list(claims)))

    def _found(self, names: Iterable[int]) -> Json:
        (schema, name), others = self.key, list(names)
        fingerprint = text(self.thing.get("fingerprint"), f"{self.at}/fingerprint")
        found: dict[str, Json] = {"fingerprint": fingerprint, "schema": schema, "name": name}
        return found | {"names": others} if others else found


def existence(finding: Finding) -> dict[str, Json]:
    return {EXISTENCE: not finding.gone}


def documentation(comment: Any, at: str) -> Json:
    """Anybody may have written it."""
    return {"description": mask_prose(string(comment, at))} if comment else None
