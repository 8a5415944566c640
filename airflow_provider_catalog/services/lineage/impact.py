"""What breaks when a dataset is late, wrong or gone: who and what is downstream."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.facts import owners, resolve
from airflow_provider_catalog.services.lineage.answer import LineageAnswer, criticality
from airflow_provider_catalog.services.lineage.walk import walk
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.store.protocol import Fact, Level, Store


@dataclass(frozen=True, slots=True)
class Impact:
    """The downstream answer, and by owner what of it is theirs."""

    lineage: LineageAnswer
    owned: Mapping[str, tuple[str, ...]]

    @property
    def jobs(self) -> tuple[str, ...]:
        return tuple(sorted({edge.job for edge in self.lineage.edges}))

    @property
    def platforms(self) -> Mapping[str, int]:
        return dict(sorted(Counter(node.label.platform for node in self.lineage.downstream).items()))

    def to_json(self) -> dict[str, Any]:
        answer = self.lineage
        return {
            "dataset": answer.start.label.id,
            **({"column": answer.start.column} if answer.start.column is not None else {}),
            "impact_score": answer.impact_score,
            "criticality": criticality(answer.impact_score),
            "total_downstream": answer.total_downstream.count,
            "totals": {"downstream": answer.total_downstream.to_json()},
            "owners": {owner: list(theirs) for owner, theirs in self.owned.items()},
            "jobs": list(self.jobs),
            "platforms": dict(self.platforms),
            "downstream": [node.to_json() for node in answer.downstream],
            "truncated": answer.truncated,
        }


def impact(
    store: Store,
    dataset: str | DatasetId,
    *,
    level: Level = "table",
    column: str = "",
    depth: int = 50,
    limit: int = 1000,
) -> Impact:
    """As deep as there is, since what breaks does not stop after three hops."""
    answer = walk(store, dataset, direction="downstream", level=level, column=column, depth=depth, limit=limit)
    return Impact(answer, _owned(store, answer))


def _owned(store: Store, answer: LineageAnswer) -> Mapping[str, tuple[str, ...]]:
    ids = {node.uid: node.label.id for node in answer.downstream}
    if answer.start.column is not None:
        ids = {column.dataset: ids[uid] for uid, column in store.columns(list(ids)).items()}
    node_of = nodes_by_member(store, ids)
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(list(node_of), aspects=("ownership",)) if ids else ():
        said[node_of[fact.subject]].append(fact)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for node, facts in said.items():
        for owner in owners(resolve(facts).get("ownership")):
            found[owner].add(ids[node])
    return {owner: tuple(sorted(found[owner])) for owner in sorted(found)}
