"""What the nodes and jobs of an answer are called, read for all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from airflow_provider_catalog.services.naming import Label, full_name, label, unknown
from airflow_provider_catalog.store.protocol import Level, Store


class Named(NamedTuple):
    """The label of each node's dataset, the name of each node that is a column, the name of each job."""

    labels: Mapping[int, Label]
    columns: Mapping[int, str]
    jobs: Mapping[int, str]

    def ends(self) -> Mapping[int, str]:
        """How edges write the nodes."""
        found = {node: label.id for node, label in self.labels.items()}
        return found | {node: f"{found[node]}#{column}" for node, column in self.columns.items()}


def named(store: Store, nodes: Collection[int], jobs: Collection[int], level: Level) -> Named:
    columns = store.columns(nodes) if level == "column" else {}
    dataset = {node: columns[node].dataset if node in columns else node for node in nodes}
    entities = store.entities({*dataset.values(), *jobs})
    return Named(
        {node: label(entities[uid]) if uid in entities else unknown(uid) for node, uid in dataset.items()},
        {node: column.name for node, column in columns.items()},
        {job: full_name(entities[job]) if job in entities else unknown(job).id for job in jobs},
    )
