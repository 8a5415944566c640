"""How entities are called in answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.store.protocol import Entity


class Label(NamedTuple):
    """The full id as people write it, the short name, the platform (empty for what is not a dataset), the namespace."""

    id: str
    name: str
    platform: str
    namespace: str = ""


def labels(entities: Mapping[int, Entity], uid: int) -> Label:
    """The label of one of these; a number that has no entity (yet) is shown as such."""
    found = entities.get(uid)
    return unknown(uid) if found is None else label(found)


def unknown(uid: int) -> Label:
    return Label(f"unknown:{uid}", str(uid), "")


@lru_cache(maxsize=131_072)
def label(entity: Entity) -> Label:
    _, kind, namespace, name, _ = entity
    if kind != "dataset":
        return Label(full_name(entity), name, "", namespace)
    dataset = _Stored(namespace, name)
    return Label(dataset.shown(), dataset.short_name, dataset.platform, namespace)  # type: ignore[misc]


def full_name(entity: Entity) -> str:
    """Of a job, and of anything else but a dataset."""
    return f"{entity.namespace}/{entity.name}" if entity.namespace else entity.name


def dataset_id(entity: Entity) -> DatasetId:
    return DatasetId(entity.namespace, entity.name)


class _Stored:
    """A dataset as the store has it, clean already: to show it, no id need be made and remembered."""

    __slots__ = ("name", "namespace")
    platform = DatasetId.platform
    short_name = DatasetId.short_name
    shown = DatasetId.__str__

    def __init__(self, namespace: str, name: str) -> None:
        self.namespace = namespace
        self.name = name
