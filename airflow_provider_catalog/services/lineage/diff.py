"""What changed around a dataset between two moments: datasets, edges, columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.schema import field_names
from airflow_provider_catalog.services.facts import resolve
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.lineage.reach import Bounds, Filters, Neighbourhood, neighbourhood
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import labels
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Fact, Store

Arrow = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What is there at the second moment and was not at the first, and the other way round; each sorted."""

    added: tuple[Any, ...]
    removed: tuple[Any, ...]

    @classmethod
    def between(cls, before: Iterable[Any], after: Iterable[Any]) -> Change:
        old, new = set(before), set(after)
        return cls(tuple(sorted(new - old)), tuple(sorted(old - new)))

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class Diff:
    """Edges are (source, target, job), columns are written `dataset#column`."""

    dataset: str
    before: int
    after: int
    datasets: Change
    edges: Change
    columns: Change
    truncated: bool

    def to_json(self) -> dict[str, Any]:
        def shown(change: Change, keys: tuple[str, ...] = ()) -> dict[str, Any]:
            make = (lambda one: dict(zip(keys, one, strict=True))) if keys else (lambda one: one)
            return {"added": [make(one) for one in change.added], "removed": [make(one) for one in change.removed]}

        return {
            "dataset": self.dataset,
            "from": iso(self.before),
            "to": iso(self.after),
            "datasets": shown(self.datasets),
            "edges": shown(self.edges, ("source", "target", "job")),
            "columns": shown(self.columns),
            "truncated": self.truncated,
        }


@dataclass(frozen=True, slots=True)
class _Picture:
    """The neighbourhood at one moment; columns by node, with names as stated."""

    hood: Neighbourhood
    nodes: set[int]
    columns: Mapping[int, set[str]]


def diff(store: Store, dataset: str | DatasetId, before: int, after: int, *, depth: int = 3, limit: int = 1000) -> Diff:
    """Columns are compared where the dataset is in both pictures: what a new dataset has is not a change of columns."""
    start = find_dataset(store, dataset)
    old, new = (_picture(store, start.node, Bounds.of(depth, limit, moment, "table")) for moment in (before, after))
    jobs = {edge.job for picture in (old, new) for edge in picture.hood.edges}
    entities = store.entities(old.nodes | new.nodes | jobs)

    def name(uid: int) -> str:
        return labels(entities, uid).id

    def arrows(picture: _Picture) -> Iterable[Arrow]:
        return ((name(e.source), name(e.target), name(e.job)) for e in picture.hood.edges)

    def columns(picture: _Picture) -> Iterable[str]:
        both = old.columns.keys() & new.columns.keys()
        return (f"{name(node)}#{column}" for node in both for column in picture.columns[node])

    return Diff(
        dataset=name(start.node),
        before=before,
        after=after,
        datasets=Change.between(map(name, old.nodes), map(name, new.nodes)),
        edges=Change.between(arrows(old), arrows(new)),
        columns=Change.between(columns(old), columns(new)),
        truncated=old.hood.truncated or new.hood.truncated,
    )


def _picture(store: Store, start: int, bounds: Bounds) -> _Picture:
    hood = neighbourhood(store, [start], ("upstream", "downstream"), bounds, Filters())
    nodes = {start} | hood.nodes()
    node_of = nodes_by_member(store, nodes)
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(list(node_of), as_of=bounds.as_of, aspects=("schema",)):
        said[node_of[fact.subject]].append(fact)
    resolved = {node: resolve(facts).get("schema") for node, facts in said.items()}
    return _Picture(hood, nodes, {node: set(field_names(schema.value)) for node, schema in resolved.items() if schema})
