"""Who reads a dataset or one of its columns, as exactly as the catalog knows it.

The lineage of the column counts. Jobs of which only the tables are known are taken to use all that they read.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import column_uid
from airflow_provider_catalog.services.lineage import Impact, impact
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.store.protocol import Entity, Store


class Readers(NamedTuple):
    """What is made of it, the jobs that read any of that, and the datasets that such jobs write of which nobody knows
    the columns that they use.
    """

    impact: Impact
    jobs: set[int]
    behind: set[int]


def readers(store: Store, dataset: Entity, column: str) -> Readers:
    """Of the whole dataset, if there is no column, or nobody knows it."""
    if column:
        try:
            found = impact(store, dataset_id(dataset), level="column", column=column)
        except NotFoundError:
            pass
        else:
            return _of_column(store, dataset, found)
    found = impact(store, dataset_id(dataset))
    nodes = {dataset.node, *(node.uid for node in found.lineage.downstream)}
    return Readers(found, _reading(store, nodes), set())


def _of_column(store: Store, dataset: Entity, found: Impact) -> Readers:
    """Without jobs that are known to read other columns alone."""
    columns = {found.lineage.start.uid, *(node.uid for node in found.lineage.downstream)}
    datasets = {dataset.node, *(column.dataset for column in store.columns(columns).values())}
    edges = store.neighbours(list(_columns_of(store, datasets)), "downstream", level="column")
    known = {edge.job for edge in edges}
    jobs = _reading(store, datasets) - (known - {edge.job for edge in edges if edge.source in columns})
    written = store.neighbours(list(datasets), "downstream") if jobs - known else []
    return Readers(found, jobs, {edge.target for edge in written if edge.job in jobs - known})


def _columns_of(store: Store, nodes: Collection[int]) -> set[int]:
    """Lineage hangs on the columns of the node, whoever stated them."""
    node_of = nodes_by_member(store, nodes)
    return {column_uid(node_of[column.dataset], column.name) for column in store.columns_of(list(node_of))}


def _reading(store: Store, datasets: Collection[int]) -> set[int]:
    return {port.job for port in store.ports(datasets=list(datasets)) if port.direction == "r"}
