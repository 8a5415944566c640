"""The edges of an answer by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, overload

from airflow_provider_catalog.services.lineage.places import Named
from airflow_provider_catalog.services.times import iso, maybe_iso
from airflow_provider_catalog.store.protocol import LineageEdge


class Link(NamedTuple):
    """An edge between two things in the answer: what they are called, who says so, how sure that is, and since when.

    `last_seen` is told of the jobs that are explained, and where an edge is missing from what its job said last.
    """

    source: str
    target: str
    job: str
    said: LineageEdge
    last_seen: int | None

    def to_json(self) -> dict[str, Any]:
        said = self.said
        found: dict[str, Any] = {
            "source": self.source,
            "target": self.target,
            "job": self.job,
            "producer": said.producer,
            "rule": said.rule.name.lower(),
            "confidence": said.confidence,
            "valid_from": iso(said.valid_from),
            "valid_to": maybe_iso(said.valid_to),
            "last_seen": maybe_iso(self.last_seen),
        }
        if said.kind is not None:
            found["kind"] = said.kind.name.lower()
            found["transformation"] = said.transformation
        return found


# Two datasets that became one may have an edge each by the same job: what else differs decides.
_BY_NAME = attrgetter("source", "target", "job", "said.producer", "said.rule", "said.valid_from")


class Links(Sequence[Link]):
    """Named when somebody looks: a tree of lineage shows none of its thousands. In the order of their names."""

    def __init__(self, edges: Sequence[LineageEdge], names: Named, heard: Mapping[tuple[int, str], int]) -> None:
        self._edges = edges
        self._names = names
        self._heard = heard

    @cached_property
    def _named(self) -> tuple[Link, ...]:
        ends, jobs, heard = self._names.ends(), self._names.jobs, self._heard.get
        return tuple(
            sorted(
                (
                    Link(ends[e.source], ends[e.target], jobs[e.job], e, e.last_seen or heard((e.job, e.producer)))
                    for e in self._edges
                ),
                key=_BY_NAME,
            )
        )

    def __len__(self) -> int:
        return len(self._edges)

    @overload
    def __getitem__(self, index: int) -> Link: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Link, ...]: ...
    def __getitem__(self, index: int | slice) -> Link | tuple[Link, ...]:
        return self._named[index]
