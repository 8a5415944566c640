"""What breaks when a dataset is late, wrong or gone: who and what is downstream."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.facts import Resolved, owners, resolve
from airflow_provider_catalog.services.lineage.answer import LineageAnswer, criticality
from airflow_provider_catalog.services.lineage.walk import walk
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import labels
from airflow_provider_catalog.services.runs import job_type
from airflow_provider_catalog.store.protocol import Fact, Level, Store

_Read: TypeAlias = tuple[int, str]
"""How far away a dataset is, and its id."""


class Reader(NamedTuple):
    """A job that reads some of it, the nearest first, and makes nothing of that: a dashboard, an export, a check."""

    job: str
    type: str | None
    reads: tuple[str, ...]
    owners: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"job_id": self.job, "job_type": self.type, "reads": list(self.reads), "owners": list(self.owners)}


@dataclass(frozen=True, slots=True)
class Impact:
    """The downstream answer, by owner which datasets of it are theirs, and who only reads any of it: the nearest, and
    how many there are. Of a column nobody knows who only reads it.
    """

    lineage: LineageAnswer
    owned: Mapping[str, tuple[str, ...]]
    readers: tuple[Reader, ...] = ()
    total_readers: int = 0

    @property
    def jobs(self) -> tuple[str, ...]:
        return tuple(sorted({edge.job for edge in self.lineage.edges} | {reader.job for reader in self.readers}))

    @property
    def owners(self) -> Mapping[str, tuple[str, ...]]:
        """Whose datasets and whose readers."""
        found = {owner: set(theirs) for owner, theirs in self.owned.items()}
        for reader in self.readers:
            for owner in reader.owners:
                found.setdefault(owner, set()).add(reader.job)
        return {owner: tuple(sorted(found[owner])) for owner in sorted(found)}

    @property
    def truncated(self) -> bool:
        return self.lineage.truncated or self.total_readers > len(self.readers)

    @property
    def platforms(self) -> Mapping[str, int]:
        return dict(sorted(Counter(node.label.platform for node in self.lineage.downstream).items()))

    def to_json(self) -> dict[str, Any]:
        answer, of_column = self.lineage, self.lineage.start.column is not None
        return {
            "dataset": answer.start.label.id,
            **({"column": answer.start.column} if of_column else {}),
            "impact_score": answer.impact_score,
            "criticality": criticality(answer.impact_score),
            "total_downstream": answer.total_downstream.count,
            "totals": {"downstream": answer.total_downstream.to_json()},
            "owners": {owner: list(theirs) for owner, theirs in self.owners.items()},
            "jobs": list(self.jobs),
            **({} if of_column else {"total_readers": self.total_readers, "readers": self._readers_to_json()}),
            "platforms": dict(self.platforms),
            "downstream": [node.to_json() for node in answer.downstream],
            "truncated": self.truncated,
        }

    def _readers_to_json(self) -> list[dict[str, Any]]:
        return [reader.to_json() for reader in self.readers]


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
    datasets = {node.uid: node.label.id for node in answer.downstream}
    if level == "column":
        datasets = {column.dataset: datasets[uid] for uid, column in store.columns(list(datasets)).items()}
        return Impact(answer, _owned(store, datasets, nodes_by_member(store, datasets)))
    node_of = nodes_by_member(store, {answer.start.uid, *datasets})
    owned = _owned(store, datasets, node_of)
    reads = _only_read(store, answer, node_of)
    return Impact(answer, owned, _nearest_readers(store, reads, answer.limit), len(reads))


def _owned(store: Store, datasets: Mapping[int, str], node_of: Mapping[int, int]) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    said = _words(store, {member: node for member, node in node_of.items() if node in datasets}, ["ownership"])
    for node, words in said.items():
        for owner in owners(words.get("ownership")):
            found[owner].add(datasets[node])
    return {owner: tuple(sorted(found[owner])) for owner in sorted(found)}


def _only_read(store: Store, answer: LineageAnswer, node_of: Mapping[int, int]) -> Mapping[int, list[_Read]]:
    """Job -> what it reads, nearest first. A job that changes what it reads is no reader of it, and of one that makes
    something else, the edges tell, though they may lead beyond what is shown.
    """
    read = {node.uid: (node.distance, node.label.id) for node in (answer.start, *answer.downstream)}
    ports = {(port.direction, port.job, node_of[port.dataset]) for port in store.ports(datasets=list(node_of))}
    reading = [(job, node) for way, job, node in ports if way == "r" and ("w", job, node) not in ports]
    making = {edge.job for edge in store.neighbours(list(read), "downstream")} if reading else set()
    found: defaultdict[int, list[_Read]] = defaultdict(list)
    for job, node in reading:
        if job not in making:
            found[job].append(read[node])
    return {job: sorted(some) for job, some in found.items()}


def _nearest_readers(store: Store, reads: Mapping[int, list[_Read]], limit: int) -> tuple[Reader, ...]:
    entities = store.entities(reads) if reads else {}
    names = {job: labels(entities, job).id for job in reads}
    nearest = sorted(reads, key=lambda job: (reads[job][0], names[job]))[:limit]
    said = _words(store, {job: job for job in nearest}, ["jobType", "ownership"])
    readers = []
    for job in nearest:
        words = said.get(job, {})
        datasets = tuple(dataset for _, dataset in reads[job])
        kind, theirs = job_type(words.get("jobType")), tuple(owners(words.get("ownership")))
        readers.append(Reader(names[job], kind, datasets, theirs))
    return tuple(readers)


def _words(store: Store, of: Mapping[int, int], aspects: Collection[str]) -> Mapping[int, Mapping[str, Resolved]]:
    """The winning words for each thing, by whatever name they were said `of` it."""
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(list(of), aspects=aspects) if of else ():
        said[of[fact.subject]].append(fact)
    return {thing: resolve(facts) for thing, facts in said.items()}
