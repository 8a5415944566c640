"""What the nodes of an answer are called: each name is made once, however many edges end there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from airflow_provider_catalog.services.naming import Label, label, labels
from airflow_provider_catalog.store.protocol import Entity, Level, Store


class Place(NamedTuple):
    """A dataset, or a column of it. `end` is how edges write it."""

    label: Label
    end: str
    entity: Entity | None
    column: str | None = None


def named(
    store: Store, nodes: Collection[int], jobs: Collection[int], level: Level
) -> tuple[Mapping[int, Place], Mapping[int, str]]:
    """The places of all nodes, and the names of the jobs beside them."""
    if level == "column":
        return _columns(store, nodes, jobs)
    entities = store.entities({*nodes, *jobs})
    return {node: _dataset(entities, node) for node in nodes}, {job: _job(entities, job) for job in jobs}


def _columns(
    store: Store, nodes: Collection[int], jobs: Collection[int]
) -> tuple[Mapping[int, Place], Mapping[int, str]]:
    columns = store.columns(nodes)
    entities = store.entities({column.dataset for column in columns.values()} | set(jobs))
    datasets = {uid: _dataset(entities, uid) for uid in {column.dataset for column in columns.values()}}
    places = {node: _dataset(entities, node) for node in nodes if node not in columns}
    for node, column in columns.items():
        dataset = datasets[column.dataset]
        places[node] = Place(dataset.label, f"{dataset.end}#{column.name}", dataset.entity, column.name)
    return places, {job: _job(entities, job) for job in jobs}


def _job(entities: Mapping[int, Entity], uid: int) -> str:
    entity = entities.get(uid)
    return labels(entities, uid).id if entity is None else f"{entity.namespace}/{entity.name}"


def _dataset(entities: Mapping[int, Entity], uid: int) -> Place:
    entity = entities.get(uid)
    shown = labels(entities, uid) if entity is None else label(entity)
    return Place(shown, shown.id, entity)
