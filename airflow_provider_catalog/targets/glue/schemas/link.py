"""What the catalog is told of a topic and of a table that a schema describes, as events of OpenLineage.

A topic has no columns of its own: it gets the schema's. A table has its own, and keeps them. Both say where the schema
is to be looked up, and name each other; they stay two datasets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import DatasetId

FACET = "glueSchema"
_STREAMS = frozenset({"kinesis"})


class Link(NamedTuple):
    """`schema`: what is said of it, by the members of the facet."""

    schema: Mapping[str, Any]
    topic: DatasetId | None = None
    table: DatasetId | None = None


def events(link: Link, columns: Any, at: str, producer: str) -> Iterator[dict[str, Any]]:
    """`columns`: the value of the facet "schema", where there are any. `at`: when, as OpenLineage writes it."""
    if link.topic is not None:
        kind = "STREAM" if link.topic.platform in _STREAMS else "TOPIC"
        facets = {"datasetType": {"datasetType": kind}, FACET: _facet(link, table=link.table)}
        yield _event(link.topic, facets | ({"schema": columns} if columns else {}), at, producer)
    if link.table is not None:
        yield _event(link.table, {FACET: _facet(link, topic=link.topic)}, at, producer)


def _facet(link: Link, **other: DatasetId | None) -> dict[str, Any]:
    return {**link.schema, **{name: str(dataset) for name, dataset in other.items() if dataset is not None}}


def _event(dataset: DatasetId, facets: Mapping[str, Any], at: str, producer: str) -> dict[str, Any]:
    named = {"namespace": dataset.namespace, "name": dataset.name, "facets": facets}
    return {"eventTime": at, "producer": producer, "dataset": named}
