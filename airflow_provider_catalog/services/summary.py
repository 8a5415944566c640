"""Many datasets and jobs in short, as lists of them show each: two or three reads for all of them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.dataset import dataset_type
from airflow_provider_catalog.services.facts import Resolved, Tag, owners, resolve, tags, text
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import Label, label, labels
from airflow_provider_catalog.services.place import Place, place
from airflow_provider_catalog.services.runs import job_type
from airflow_provider_catalog.store.protocol import Entity, Fact, Store


@dataclass(frozen=True, slots=True)
class Summary:
    """`canonical`: of which dataset it is a name; mostly itself."""

    entity: Entity
    canonical: Label
    aspects: Mapping[str, Resolved]
    tags: tuple[Tag, ...]

    @property
    def type(self) -> str | None:
        return dataset_type(self.aspects) if self._is_dataset else job_type(self.aspects.get("jobType"))

    @property
    def place(self) -> Place:
        return place(self.entity, self.aspects) if self._is_dataset else Place()

    @property
    def _is_dataset(self) -> bool:
        return self.entity.kind == "dataset"

    def to_json(self) -> dict[str, Any]:
        shown = label(self.entity)
        return {
            "id": shown.id,
            "kind": self.entity.kind,
            "dataset_id": shown.id if self._is_dataset else None,
            "canonical": self.canonical.id,
            "name": shown.name,
            "type": self.type,
            "platform": shown.platform,
            "namespace": shown.namespace,
            "database": self.place.database,
            "schema": self.place.schema,
            "description": text(self.aspects.get("documentation"), "description") or None,
            "owner": next(iter(owners(self.aspects.get("ownership"))), None),
            "tags": [tag.key for tag in self.tags],
        }


def summaries(store: Store, entities: Collection[Entity]) -> tuple[Summary, ...]:
    """In the order in which they come. What is said of one name of a dataset is said of all."""
    nodes = {entity.node for entity in entities}
    node_of = nodes_by_member(store, nodes)
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(list(node_of)) if node_of else ():
        said[node_of[fact.subject]].append(fact)
    resolved = {node: (resolve(said[node]), tags(said[node])) for node in nodes}
    known = {entity.uid: entity for entity in entities}
    known |= store.entities(nodes - known.keys()) if nodes - known.keys() else {}
    return tuple(Summary(entity, labels(known, entity.node), *resolved[entity.node]) for entity in entities)
