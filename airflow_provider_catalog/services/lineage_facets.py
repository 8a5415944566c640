"""The lineage of jobs in OpenLineage's words: inputs, outputs, the column lineage and the explicit lineage facet.

What a job reads and writes says that every output comes of every input. Where the store knows better than that, and
than what column lineage says, the explicit facet lists each edge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_catalog.model.statement import EdgeKind, Rule
from airflow_provider_catalog.services import facets
from airflow_provider_catalog.store.protocol import Column, Entity, LineageEdge, Port, Store

_MASKING = "[masking]"
_IMPLIED = {Rule.CARTESIAN, Rule.DECLARED, Rule.COLUMN_LINEAGE}


@dataclass(slots=True)
class JobLineage:
    """The edges of one job, ends as they were stated."""

    entities: Mapping[int, Entity]
    columns: Mapping[int, Column]
    ports: list[Port] = field(default_factory=list)
    edges: list[LineageEdge] = field(default_factory=list)
    column_edges: list[LineageEdge] = field(default_factory=list)

    @property
    def last_seen(self) -> int:
        return max([0, *(port.last_seen for port in self.ports), *(edge.last_seen or 0 for edge in self.edges)])

    def inputs(self) -> list[dict[str, Any]]:
        stated = {port.dataset for port in self.ports if port.direction == "r"}
        return [self._named(uid) for uid in self._sorted(stated)]

    def outputs(self) -> list[dict[str, Any]]:
        stated = {port.dataset for port in self.ports if port.direction == "w"}
        return [{**self._named(uid), **self._facets(uid)} for uid in self._sorted(stated)]

    def entries(self) -> list[dict[str, Any]]:
        """Explicit lineage, all of it or none: a reader takes it for the whole story."""
        if all(edge.rule in _IMPLIED for edge in self.edges):
            return []
        sources: defaultdict[int, set[int]] = defaultdict(set)
        for edge in self.edges:
            sources[edge.target].add(edge.source)
        return [
            {
                **self._typed(target),
                "inputs": [self._typed(source) for source in self._sorted(sources[target])],
            }
            for target in self._sorted(sources)
        ]

    def _facets(self, output: int) -> dict[str, Any]:
        fields: defaultdict[str, dict[tuple[str, str, str], list[dict[str, Any]]]] = defaultdict(dict)
        for edge in sorted(self.column_edges, key=lambda e: (e.kind or 0, e.transformation, e.producer)):
            source, target = self.columns.get(edge.source), self.columns.get(edge.target)
            if source and target and target.dataset == output:
                of = self.entities[source.dataset]
                how = _transformation(edge)
                known = fields[target.name].setdefault((of.namespace, of.name, source.name), [])
                known += [] if how in known else [how]
        if not fields:
            return {}
        made = {name: _inputs(inputs) for name, inputs in sorted(fields.items())}
        body: dict[str, Any] = {"fields": {name: {"inputFields": some} for name, some in made.items() if name}}
        body |= {"dataset": made[""]} if "" in made else {}
        return {"facets": {"columnLineage": facets.facet("columnLineage", body)}}

    def _named(self, uid: int) -> dict[str, Any]:
        return {"namespace": self.entities[uid].namespace, "name": self.entities[uid].name}

    def _typed(self, uid: int) -> dict[str, Any]:
        return {**self._named(uid), "type": "DATASET"}

    def _sorted(self, uids: Iterable[int]) -> list[int]:
        known = {uid: self.entities[uid] for uid in uids if uid in self.entities}
        return sorted(known, key=lambda uid: (known[uid].namespace, known[uid].name))


def by_job(store: Store, jobs: Collection[int]) -> dict[int, JobLineage]:
    """The lineage of many jobs in a handful of reads."""
    ports = store.ports(jobs=jobs)
    edges, between = store.stated(jobs), store.stated(jobs, level="column")
    columns = store.columns(_ends(between))
    datasets = {port.dataset for port in ports} | {column.dataset for column in columns.values()}
    entities = store.entities(datasets | _ends(edges))
    found = {job: JobLineage(entities, columns) for job in jobs}
    for port in ports:
        found[port.job].ports.append(port)
    for edge in edges:
        found[edge.job].edges.append(edge)
    for edge in between:
        found[edge.job].column_edges.append(edge)
    return found


def _ends(edges: Iterable[LineageEdge]) -> set[int]:
    return {end for edge in edges for end in (edge.source, edge.target)}


def _inputs(inputs: Mapping[tuple[str, str, str], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {"namespace": namespace, "name": name, "field": column, "transformations": how}
        for (namespace, name, column), how in sorted(inputs.items())
    ]


def _transformation(edge: LineageEdge) -> dict[str, Any]:
    kind = edge.kind or EdgeKind.TRANSFORMATION
    text = edge.transformation.removeprefix(_MASKING).strip()
    made: dict[str, Any] = {"type": "DIRECT" if kind.direct else "INDIRECT"}
    made |= {"subtype": kind.name} if kind is not EdgeKind.INFLUENCE else {}
    made |= {"description": text} if text else {}
    return made | ({"masking": True} if edge.transformation.startswith(_MASKING) else {})
