"""What lineage questions are answered with: plain frozen values that know their JSON form.

The JSON is the response of the lineage API: `dataset`, `lineage.upstream`, `lineage.downstream`, totals, impact score
and criticality, and beside them the edges and whether anything was cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.services.lineage.links import Link
from airflow_provider_catalog.services.naming import Label
from airflow_provider_catalog.services.times import iso, maybe_iso

_USERS_WEIGHT, _DOWNSTREAM_WEIGHT, _FULL_SCORE = 0.4, 0.6, 100
CRITICALITY = ((0.9, "critical"), (0.5, "high"), (0.2, "medium"), (0.0, "low"))


class Transformation(NamedTuple):
    """The job that makes a dataset of its neighbour one hop closer to the start."""

    job_id: str
    job_type: str | None = None
    description: str | None = None
    last_run: int | None = None
    sql: str | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"job_id": self.job_id, "job_type": self.job_type, "description": self.description}
        if self.last_run is not None:
            found["last_run"] = iso(self.last_run)
        if self.sql is not None:
            found["sql"] = self.sql
        return found


class LineageNode(NamedTuple):
    """A dataset (or one column of it) that the walk found. `via` is the node one hop closer to the start."""

    uid: int
    label: Label
    distance: int
    transformation: Transformation | None = None
    via: int | None = None
    column: str | None = None

    def to_json(self) -> dict[str, Any]:
        dataset_id, name, platform, _ = self.label
        found: dict[str, Any] = {
            "dataset_id": dataset_id,
            "name": name,
            "platform": platform,
            "distance": self.distance,
        }
        if self.column is not None:
            found["column"] = self.column
        found["transformation"] = self.transformation.to_json() if self.transformation else None
        return found


@dataclass(frozen=True, slots=True)
class Total:
    """How much lies in one direction. Not `exact`: there is at least so much. `as_of`: when it was counted."""

    count: int
    exact: bool
    as_of: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"exact": self.exact, "as_of": maybe_iso(self.as_of)}


@dataclass(frozen=True, slots=True)
class LineageAnswer:
    """What lies up and down of one dataset or column, nearest first."""

    start: LineageNode
    direction: str
    depth: int
    limit: int
    as_of: int | None
    upstream: tuple[LineageNode, ...]
    downstream: tuple[LineageNode, ...]
    edges: Sequence[Link]
    column_edges: Sequence[Link]
    total_upstream: Total
    total_downstream: Total
    truncated: bool
    users: int = 0

    @property
    def impact_score(self) -> float:
        return impact_score(self.total_downstream.count, self.users)

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"dataset": self.start.label.id}
        if self.start.column is not None:
            found["column"] = self.start.column
        found |= {
            "lineage": {
                "upstream": [node.to_json() for node in self.upstream],
                "downstream": [node.to_json() for node in self.downstream],
            },
            "total_upstream": self.total_upstream.count,
            "total_downstream": self.total_downstream.count,
            "totals": {"upstream": self.total_upstream.to_json(), "downstream": self.total_downstream.to_json()},
            "impact_score": self.impact_score,
            "criticality": criticality(self.impact_score),
            "edges": [edge.to_json() for edge in self.edges],
            "truncated": self.truncated,
            "direction": self.direction,
            "depth": self.depth,
            "limit": self.limit,
            "as_of": maybe_iso(self.as_of),
        }
        return found | ({"column_edges": [edge.to_json() for edge in self.column_edges]} if self.column_edges else {})


def impact_score(downstream: int, users: int = 0) -> float:
    """0 to 1: how much depends on a dataset."""
    return round(min(1.0, (downstream * _DOWNSTREAM_WEIGHT + users * _USERS_WEIGHT) / _FULL_SCORE), 4)


def criticality(score: float) -> str:
    """docs/lineage.md shows the thresholds."""
    return next(name for threshold, name in CRITICALITY if score >= threshold)
