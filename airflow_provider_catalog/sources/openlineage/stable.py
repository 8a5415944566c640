"""What an event says that stays the same from run to run, read once and remembered by its bytes.

The steady state is thousands of events a second of jobs that were seen before: only what `event` and `details` take is
new in them. The rest is one byte string, and what it says is known: whole of the jobs seen lately, by its ids of ten
times as many.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import orjson

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.model.statement import EXISTENCE, NO_CONTENT, NO_LINEAGE, Claim, Content, Lineage, Rule
from airflow_provider_catalog.sources.checks import mapping, sequence, text
from airflow_provider_catalog.sources.openlineage.claims import claims
from airflow_provider_catalog.sources.openlineage.later import LaterContent, LaterLineage
from airflow_provider_catalog.sources.openlineage.lineage import LineageReader
from airflow_provider_catalog.sources.openlineage.memo import Memo
from airflow_provider_catalog.sources.openlineage.metrics import FACET, metrics
from airflow_provider_catalog.sources.openlineage.notes import Notes

_REMEMBERED_BYTES = 96 * 1024 * 1024
_REMEMBERED_IDS, _IDS_BYTES = 160_000, 300
_ID = len(NO_CONTENT.id)
_IN_JOBS = frozenset({"sql", "lineage"})
_IN_DATASETS = frozenset({"columnLineage", "lineage", "lifecycleStateChange", FACET})


class Stable(NamedTuple):
    """`whole`: none of the lineage was beyond us."""

    content: Content
    lineage: Lineage
    ignored: tuple[tuple[str, str], ...]
    whole: bool


def stable(document: dict[str, Any]) -> Stable:
    """`document`: {job, facets, parent, child, failed, inputs, outputs, dataset}, nothing volatile in it."""
    try:
        raw = orjson.dumps(document)
    except TypeError as error:
        raise RejectedError("/: nested too deep") from error
    key = Memo.key(raw)
    return _remembered.get(key) or _by_its_ids(key, raw) or _first(key, raw, document)


def _first(key: bytes, raw: bytes, document: dict[str, Any]) -> Stable:
    reader = _Reader(document)
    made = reader.claims()
    lineage = reader.lineage.lineage()
    whole = not reader.lineage.notes
    found = Stable(Content.of(made), lineage, (*reader.notes, *reader.lineage.notes), whole)
    _remembered.keep(key, found, len(raw))
    if not found.ignored:
        _ids.keep(key, found.content.id + found.lineage.id, _IDS_BYTES)
    return found


def _by_its_ids(key: bytes, raw: bytes) -> Stable | None:
    """What was read so long ago that only its ids are left. Documents that left notes are read again."""
    ids = _ids.get(key)
    if ids is None:
        return None
    content_id, lineage_id = ids[:_ID], ids[_ID:]
    read = cache(lambda: _first(key, raw, orjson.loads(raw)))
    content = NO_CONTENT if content_id == NO_CONTENT.id else LaterContent(content_id, lambda: read().content)
    lineage = NO_LINEAGE if lineage_id == NO_LINEAGE.id else LaterLineage(lineage_id, lambda: read().lineage)
    return Stable(content, lineage, (), whole=True)


_remembered: Memo[Stable] = Memo(_REMEMBERED_BYTES)
_ids: Memo[bytes] = Memo(_REMEMBERED_IDS * _IDS_BYTES)


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.notes = Notes()
        self.lineage = LineageReader(Notes())

    def claims(self) -> list[Claim]:
        made = [*self._job_claims(), *self._dataset_event()]
        for side in ("inputs", "outputs"):
            for i, stated in enumerate(sequence(self.document.get(side), f"/{side}")):
                made += self._dataset_claims(stated, f"/{side}/{i}", written=side == "outputs")
        return made

    def _job_claims(self) -> Iterator[Claim]:
        """What a query says of itself is not the task's; its lineage is."""
        stated = self.document["job"]
        if stated is None:
            return
        job, facets = JobId(*stated), self.document["facets"]
        self.lineage.explicit_job(facets.get("lineage"), "/job/facets/lineage")
        if self.document["child"]:
            return
        yield from claims(job, facets, "/job/facets", self.notes, _IN_JOBS)
        if parent := self.document["parent"]:
            yield Claim.of(job, "parent", dict(zip(("namespace", "name"), parent, strict=True)))

    def _dataset_event(self) -> Iterator[Claim]:
        stated = self.document.get("dataset")
        if stated is None:
            return
        dataset, facets = self._dataset(stated, "/dataset")
        yield from self._said(dataset, facets, "/dataset/facets", written=True)
        yield from metrics(dataset, facets.get(FACET), f"/dataset/facets/{FACET}", self.notes)
        self.lineage.column_lineage(dataset, facets.get("columnLineage"), "/dataset/facets/columnLineage")

    def _dataset_claims(self, stated: Any, path: str, *, written: bool) -> Iterator[Claim]:
        dataset, facets = self._dataset(stated, path)
        (self.lineage.writes if written else self.lineage.reads)[dataset] = None
        if written:
            self.lineage.column_lineage(dataset, facets.get("columnLineage"), f"{path}/facets/columnLineage")
        yield from self._said(dataset, facets, f"{path}/facets", written=written)

    def _said(self, dataset: DatasetId, facets: dict[str, Any], path: str, *, written: bool) -> Iterator[Claim]:
        self.lineage.explicit_dataset(
            dataset, facets.get("lineage"), f"{path}/lineage", ours=written and self.document["job"] is not None
        )
        yield from claims(dataset, facets, path, self.notes, _IN_DATASETS)
        if not (written and self.document["failed"]):
            yield from self._existence(dataset, facets.get("lifecycleStateChange"), f"{path}/lifecycleStateChange")

    def _existence(self, dataset: DatasetId, lifecycle: Any, path: str) -> Iterator[Claim]:
        """Whoever names a dataset has seen it, unless it says that it is gone."""
        body = self.notes.object(lifecycle, path)
        change = str(body.get("lifecycleStateChange")).upper()
        yield Claim.of(dataset, EXISTENCE, change != "DROP")
        previous = body.get("previousIdentifier")
        if change == "RENAME" and previous is not None:
            yield from self._renamed(self.notes.object(previous, f"{path}/previousIdentifier"), dataset, path)

    def _renamed(self, previous: dict[str, Any], dataset: DatasetId, path: str) -> Iterator[Claim]:
        namespace = self.notes.text(previous.get("namespace"), f"{path}/previousIdentifier/namespace")
        name = self.notes.text(previous.get("name"), f"{path}/previousIdentifier/name")
        if namespace and name and (former := DatasetId(namespace, name)) != dataset:
            self.lineage.derive(former, dataset, Rule.EXPLICIT)
            yield Claim.of(former, EXISTENCE, value=False)

    def _dataset(self, stated: Any, path: str) -> tuple[DatasetId, dict[str, Any]]:
        return named(stated, path), self.notes.object(stated.get("facets"), f"{path}/facets")


def named(stated: Any, path: str) -> DatasetId:
    """Which dataset an event means."""
    body = mapping(stated, path)
    namespace = text(body.get("namespace"), f"{path}/namespace")
    return DatasetId(namespace, text(body.get("name"), f"{path}/name", empty=True))
