"""The columns of datasets that nobody tells the schema of: those that lineage says they have, from the SQL that made
them.

A column that is a copy of another has that one's type, and the others have none. In which order they stand nobody
knows: they come by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.services.facts import resolve
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.schema import fields
from airflow_provider_catalog.store.protocol import Column, Fact, LineageEdge, Store


class DerivedColumn(NamedTuple):
    """`type` as the platform of its source has it; empty where nobody knows. `since`: when it was made so first."""

    name: str
    type: str
    since: int


def derived_columns(store: Store, nodes: Collection[int]) -> dict[int, list[DerivedColumn]]:
    """Of those of these datasets that anything is known of."""
    node_of = nodes_by_member(store, nodes) if nodes else {}
    columns = {column.uid: column for column in store.columns_of(node_of)} if node_of else {}
    edges = store.neighbours(columns, "upstream", level="column") if columns else []
    made_of: defaultdict[int, list[LineageEdge]] = defaultdict(list)
    for edge in edges:
        if edge.kind is not None and edge.kind.direct:
            made_of[edge.target].append(edge)
    type_of = _types(store, {edge.source for some in made_of.values() for edge in some if _is_copy(some)})
    found: defaultdict[int, dict[str, DerivedColumn]] = defaultdict(dict)
    for target, some in made_of.items():
        if target in columns and columns[target].name:
            found[node_of[columns[target].dataset]][columns[target].name] = _column(columns[target], some, type_of)
    return {node: sorted(named.values()) for node, named in found.items()}


def _column(column: Column, edges: Sequence[LineageEdge], type_of: Mapping[int, str]) -> DerivedColumn:
    since = min(edge.valid_from for edge in edges)
    return DerivedColumn(column.name, type_of.get(edges[0].source, "") if _is_copy(edges) else "", since)


def _is_copy(edges: Sequence[LineageEdge]) -> bool:
    """Several jobs may write it, but from one column."""
    return all(edge.kind is EdgeKind.IDENTITY and edge.source == edges[0].source for edge in edges)


def _types(store: Store, columns: Collection[int]) -> dict[int, str]:
    sources = store.columns(columns) if columns else {}
    entities = store.entities({column.dataset for column in sources.values()}) if sources else {}
    schemas = _schemas(store, {entity.node for entity in entities.values()})
    found: dict[int, str] = {}
    for uid, column in sources.items():
        known = schemas.get(entities[column.dataset].node, {}) if column.dataset in entities else {}
        found[uid] = known.get(column.name.lower(), "")
    return found


def _schemas(store: Store, nodes: Collection[int]) -> dict[int, dict[str, str]]:
    """The types of columns, by names in lower case."""
    node_of = nodes_by_member(store, nodes) if nodes else {}
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(node_of, aspects=("schema",)) if node_of else ():
        said[node_of[fact.subject]].append(fact)
    return {node: _named(facts) for node, facts in said.items()}


def _named(facts: Collection[Fact]) -> dict[str, str]:
    schema = resolve(facts).get("schema")
    stated = fields(schema.value) if schema else []
    return {name.lower(): str(field.get("type") or "") for name, field in stated}
