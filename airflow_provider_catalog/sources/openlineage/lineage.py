"""Lineage facets: what an event says was derived from what.

Edges come from explicit lineage facets, from column lineage of either generation, and from renames. What merely was
read and written by one job is left to history.implied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.masking import mask_sql
from airflow_provider_catalog.model.statement import ColumnEdge, Edge, EdgeKind, Lineage, Rule
from airflow_provider_catalog.model.untyped import listed
from airflow_provider_catalog.sources.checks import NAME_BYTES
from airflow_provider_catalog.sources.openlineage.notes import Notes

MASKING = "[masking]"
"""Begins the text of a transformation after which the data cannot be read any more."""

_UNSAID = 0.8
_TRANSFORMATION_LIMIT = 2_000
_DIRECT = {kind.name: kind for kind in EdgeKind if kind.direct}
_INDIRECT = {kind.name: kind for kind in EdgeKind if not kind.direct}
_WHOLE = ""


class How(NamedTuple):
    """What a target has of its source."""

    kind: EdgeKind
    transformation: str = ""
    confidence: float = 1.0


class LineageReader:
    """Gathers what the facets of one event say. What could not be read leaves a note, and the lineage is not whole."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.reads: dict[DatasetId, None] = {}
        self.writes: dict[DatasetId, None] = {}
        self._edges: dict[tuple[DatasetId, DatasetId], Edge] = {}
        self._columns: dict[tuple[ColumnId, ColumnId, EdgeKind], ColumnEdge] = {}

    def lineage(self) -> Lineage:
        edges, columns = tuple(self._edges.values()), tuple(self._columns.values())
        return Lineage(tuple(self.reads), tuple(self.writes), edges, columns)

    def derive(self, source: DatasetId, target: DatasetId, rule: Rule) -> None:
        known = self._edges.get((source, target))
        if known is None or known.rule < rule:
            self._edges[source, target] = Edge(source, target, rule)

    def column_lineage(self, target: DatasetId, facet: Any, path: str) -> None:
        """Older producers tell the transformation by field, newer ones by input field."""
        body = self._body(facet, path)
        for name, field in self.notes.object(body.get("fields"), f"{path}/fields").items():
            at = f"{path}/fields/{name}"
            entry = self.notes.object(field, at)
            for where, source in self._inputs(entry, "inputFields", at):
                self._column(
                    source, where, ColumnId(target, name[:NAME_BYTES]), _hows(source, entry), Rule.COLUMN_LINEAGE
                )
        for where, source in self._inputs(body, "dataset", path):
            self._column(source, where, ColumnId(target, _WHOLE), _influences(source), Rule.COLUMN_LINEAGE)

    def explicit_dataset(self, target: DatasetId, facet: Any, path: str, *, ours: bool) -> None:
        """The lineage facet of a dataset, or an entry for a dataset of a job's; `ours`: the event's job writes it."""
        body = self._body(facet, path)
        for where, source in self._inputs(body, "inputs", path):
            self._explicit(source, where, ColumnId(target, _WHOLE), ours=ours)
        for name, field in self.notes.object(body.get("fields"), f"{path}/fields").items():
            entry = self.notes.object(field, f"{path}/fields/{name}")
            for where, source in self._inputs(entry, "inputs", f"{path}/fields/{name}"):
                self._explicit(source, where, ColumnId(target, name[:NAME_BYTES]), ours=ours)

    def explicit_job(self, facet: Any, path: str) -> None:
        """The lineage facet of a job: entries for the datasets it fills, and for what it reads itself."""
        for at, entry in self.notes.objects(self._body(facet, path).get("entries"), f"{path}/entries"):
            if entry.get("type") == "JOB":
                self._job_entry(entry, at)
            elif (target := self._dataset(entry, at)) is not None:
                self.writes[target] = None
                self.explicit_dataset(target, entry, at, ours=True)

    def _job_entry(self, entry: dict[str, Any], path: str) -> None:
        if entry.get("name") is not None:
            self.notes.skip(path, "lineage of another job than the event's")
            return
        for where, source in self._inputs(entry, "inputs", path):
            if source.get("type") != "JOB" and (dataset := self._dataset(source, where)) is not None:
                self.reads[dataset] = None

    def _explicit(self, source: dict[str, Any], path: str, target: ColumnId, *, ours: bool) -> None:
        """A source without a field feeds the dataset; a target without one is influenced as a whole."""
        if source.get("type") == "JOB":
            return
        dataset = self._dataset(source, path)
        if dataset is None:
            return
        if ours:
            self.reads[dataset] = None
        self.derive(dataset, target.dataset, Rule.EXPLICIT)
        if source.get("field"):
            hows = _influences(source) if target.name == _WHOLE else _hows(source, {})
            self._column(source, path, target, hows, Rule.EXPLICIT)

    def _column(self, source: dict[str, Any], path: str, target: ColumnId, hows: Iterable[How], rule: Rule) -> None:
        dataset, field = self._dataset(source, path), self.notes.text(source.get("field"), f"{path}/field")
        if dataset is None or field is None:
            return
        self.derive(dataset, target.dataset, rule)
        column = ColumnId(dataset, field[:NAME_BYTES])
        for how in hows:
            edge = ColumnEdge(column, target, how.kind, rule, how.confidence, how.transformation)
            known = self._columns.get((column, target, how.kind))
            if known is None or known.rule < rule:
                self._columns[column, target, how.kind] = edge

    def _body(self, facet: Any, path: str) -> dict[str, Any]:
        body = self.notes.object(facet, path)
        return {} if body.get("_deleted") is True else body

    def _inputs(self, entry: dict[str, Any], key: str, path: str) -> list[tuple[str, dict[str, Any]]]:
        return self.notes.objects(entry.get(key), f"{path}/{key}")

    def _dataset(self, stated: dict[str, Any], path: str) -> DatasetId | None:
        namespace = self.notes.text(stated.get("namespace"), f"{path}/namespace")
        name = self.notes.text(stated.get("name"), f"{path}/name")
        if not namespace or name is None:
            return None
        if len(namespace.encode()) + len(name.encode()) > NAME_BYTES:
            self.notes.skip(path, f"a name of more than {NAME_BYTES} bytes")
            return None
        return DatasetId(namespace, name)


def _hows(source: dict[str, Any], field: dict[str, Any]) -> Iterator[How]:
    stated = [each for each in listed(source.get("transformations")) if type(each) is dict]
    yield from map(_how, stated) if stated else [_older(field)]


def _influences(source: dict[str, Any]) -> Iterator[How]:
    """What touches a whole dataset is an influence, whatever a producer calls it."""
    for how in _hows(source, {}):
        yield How(EdgeKind.INFLUENCE, how.transformation) if how.kind.direct else how


def _how(stated: dict[str, Any]) -> How:
    subtype = str(stated.get("subtype") or "").upper()
    text = _transformation(stated.get("description"), masking=stated.get("masking") is True)
    if str(stated.get("type") or "").upper() == "INDIRECT":
        return How(_INDIRECT.get(subtype, EdgeKind.INFLUENCE), text)
    return How(_DIRECT.get(subtype, EdgeKind.TRANSFORMATION), text)


def _older(field: dict[str, Any]) -> How:
    """Nothing said at all is the same value, with doubt: most columns are passed on, and tags had better travel."""
    kind = str(field.get("transformationType") or "").upper()
    text = _transformation(field.get("transformationDescription"), masking=kind == "MASKED")
    if not kind:
        return How(EdgeKind.TRANSFORMATION, text) if text else How(EdgeKind.IDENTITY, "", _UNSAID)
    return How(_DIRECT.get(kind) or _INDIRECT.get(kind) or EdgeKind.TRANSFORMATION, text)


def _transformation(description: Any, *, masking: bool) -> str:
    text = mask_sql(description)[:_TRANSFORMATION_LIMIT] if type(description) is str else ""
    return f"{MASKING} {text}".rstrip() if masking else text
