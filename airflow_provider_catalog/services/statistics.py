"""How much a dataset holds and how much was last written to it, as the jobs around it stated in their latest runs, or
as it says of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.services.facts import Resolved
from airflow_provider_catalog.services.times import maybe_iso
from airflow_provider_catalog.store.protocol import Entity, Port, RunRow, Store

_Latest: TypeAlias = tuple[RunRow, Mapping[str, Any]]
_Names: TypeAlias = Collection[tuple[str, str]]

METRICS = "dataQualityMetrics"
"""How a dataset was found: what a run counted is a facet, what the dataset says of itself an aspect of that name."""

_HELD = ("rowCount", "bytes", "fileCount")
_JOBS = 100
"""Only so many are asked, those that were seen last."""


class Count(NamedTuple):
    """What was counted, and when. None: that was not; without a run: since when the dataset says so."""

    rows: int | None
    size: int | None
    files: int | None
    at: int | None
    run_id: str | None

    def to_json(self) -> dict[str, Any]:
        numbers = {"row_count": self.rows, "size_bytes": self.size, "file_count": self.files}
        return {**numbers, "at": maybe_iso(self.at), "run_id": self.run_id}


class Statistics(NamedTuple):
    """`held`: the dataset as it was found; `written`: what one put there, which may be a part of it."""

    held: Count | None = None
    written: Count | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "row_count": self.held.rows if self.held else None,
            "size_bytes": self.held.size if self.held else None,
            "counted": self.held.to_json() if self.held else None,
            "last_write": self.written.to_json() if self.written else None,
        }


def statistics(
    store: Store, members: Collection[Entity], ports: Collection[Port], said: Resolved | None = None
) -> Statistics:
    """`said`: what the dataset says of itself; the newer word counts."""
    last_seen = sorted(ports, key=lambda port: (-port.last_seen, port.job))
    jobs = list(dict.fromkeys(port.job for port in last_seen))[:_JOBS]
    latest = sorted(store.latest(jobs).values(), key=_newest, reverse=True) if jobs else []
    names = {(member.namespace, member.name) for member in members}
    own = _count(said.value, _HELD, said.said.valid_from, None) if said and isinstance(said.value, dict) else None
    found = [each for each in (_first(latest, names, METRICS, _HELD), own) if each]
    return Statistics(
        max(found, key=lambda each: each.at or 0, default=None),
        _first(latest, names, "outputStatistics", ("rowCount", "size", "fileCount")),
    )


def _newest(latest: _Latest) -> tuple[int, str]:
    return _moment(latest[0]) or 0, latest[0].run_id


def _moment(run: RunRow) -> int | None:
    return run.started_at if run.ended_at is None else run.ended_at


def _first(latest: Sequence[_Latest], names: _Names, facet: str, keys: tuple[str, str, str]) -> Count | None:
    """The newest that counts anything."""
    for run, details in latest:
        for stated in _facets(details, names, facet):
            if found := _count(stated, keys, _moment(run), run.run_id):
                return found
    return None


def _count(stated: Mapping[str, Any], keys: tuple[str, str, str], at: int | None, run_id: str | None) -> Count | None:
    rows, size, files = (stated[key] if type(stated.get(key)) is int else None for key in keys)
    return Count(rows, size, files, at, run_id) if (rows, size, files) != (None, None, None) else None


def _facets(details: Mapping[str, Any], names: _Names, facet: str) -> Iterator[Mapping[str, Any]]:
    datasets = details.get("datasets")
    for each in datasets if isinstance(datasets, list) else ():
        if isinstance(each, dict) and (each.get("namespace"), each.get("name")) in names:
            facets = each.get("facets")
            stated = facets.get(facet) if isinstance(facets, dict) else None
            if isinstance(stated, dict):
                yield stated
