"""What outside of dbt depends on what broke in it: tasks of Airflow, datasets of other systems, and who owns them.

What the catalog knows of the lineage of a column counts; where it does not know the column, that of the dataset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.model.platforms import by_scheme
from airflow_provider_catalog.services.dbt_diff import Change
from airflow_provider_catalog.services.dbt_impact import DbtImpact
from airflow_provider_catalog.services.dbt_manifest import Manifest
from airflow_provider_catalog.services.dbt_readers import Readers, readers
from airflow_provider_catalog.services.dbt_relations import dataset_of, relation_names
from airflow_provider_catalog.services.dbt_users import WHOLE
from airflow_provider_catalog.services.facts import owners, resolve
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import Label, label, labels
from airflow_provider_catalog.services.runs import job_type
from airflow_provider_catalog.store.protocol import Entity, Fact, Store

_STARTS = 500
"""Of so many columns and nodes at most the catalog is asked."""
_OF_DBT = "dbt_"


class Thing(NamedTuple):
    """A dataset that is none of the project's. `columns`: those that are made of what changed, where that is known."""

    dataset: str
    platform: str
    columns: tuple[str, ...]
    because: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {**self._asdict(), "columns": list(self.columns), "because": list(self.because)}


class Task(NamedTuple):
    """A job that is none of dbt's, and reads what changed or what is made of it."""

    job: str
    kind: str
    because: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"job": self.job, "type": self.kind or None, "because": list(self.because)}


@dataclass(frozen=True, slots=True)
class Outside:
    """All that breaks, or may, outside of dbt. `unknown`: nodes that the catalog knows nothing of."""

    tasks: tuple[Task, ...]
    datasets: tuple[Thing, ...]
    owned: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    truncated: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "tasks": [each.to_json() for each in self.tasks],
            "datasets": [each.to_json() for each in self.datasets],
            "owners": {owner: list(theirs) for owner, theirs in self.owned.items()},
            "unknown": list(self.unknown),
            "truncated": self.truncated,
        }


def outside(
    store: Store, manifest: Manifest, changes: Iterable[Change], inside: DbtImpact, namespace: str = ""
) -> Outside:
    """`manifest`: as it was before the changes."""
    found = _Found(store, manifest)
    starts = list(_starts(changes, inside))
    for unique_id, column, because in starts[:_STARTS]:
        dataset = found.dataset(unique_id, namespace)
        if dataset is not None:
            found.follow(dataset, column, because)
    return found.told(truncated=len(starts) > _STARTS)


def _starts(changes: Iterable[Change], inside: DbtImpact) -> Iterator[tuple[str, str, str]]:
    """What changed, and what dbt makes of it: the catalog need not know of that."""
    for change in changes:
        if change.breaking:
            yield change.unique_id, change.column, change.what
    for node in inside.nodes:
        for column in [WHOLE] if node.whole or not node.columns else node.columns:
            yield node.unique_id, column, next(iter(node.because))


class _Found:
    """What was found so far."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self._store = store
        self._manifest = manifest
        self._datasets: dict[str, Entity | None] = {}
        self._columns: defaultdict[Label, dict[str, None]] = defaultdict(dict)
        self._because: defaultdict[Label, dict[str, None]] = defaultdict(dict)
        self._jobs: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self._owned: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._truncated = False
        self._own = {name.lower(): each for each in manifest.relations() for name in relation_names(manifest, each)}

    def dataset(self, unique_id: str, namespace: str) -> Entity | None:
        if unique_id not in self._datasets:
            self._datasets[unique_id] = dataset_of(self._store, self._manifest, unique_id, namespace)
        return self._datasets[unique_id]

    def follow(self, dataset: Entity, column: str, because: str) -> None:
        """Also what is made of it by jobs that do not tell of columns."""
        waiting, seen = [(dataset, column)], {dataset.node}
        while waiting:
            here = readers(self._store, *waiting.pop())
            self._add(here, because)
            behind = self._store.entities(here.behind - seen)
            seen |= here.behind
            waiting += [(each, WHOLE) for each in behind.values() if self._keep(label(each), "", because)]
            self._own_up(behind)
        for member in self._store.members(dataset.node):
            self._keep(label(member), column, because)

    def _add(self, found: Readers, because: str) -> None:
        self._truncated |= found.impact.lineage.truncated
        for node in found.impact.lineage.downstream:
            self._keep(node.label, node.column or "", because)
        for job in found.jobs:
            self._jobs[job][because] = None
        named = {node.label.id: self._name(node.label) for node in found.impact.lineage.downstream}
        for owner, theirs in found.impact.owned.items():
            self._owned[owner] |= dict.fromkeys(named.get(each) or each for each in theirs)

    def _own_up(self, datasets: Mapping[int, Entity]) -> None:
        """Who owns these."""
        node_of = nodes_by_member(self._store, datasets)
        said: defaultdict[int, list[Fact]] = defaultdict(list)
        for fact in self._store.facts(list(node_of), aspects=("ownership",)) if datasets else ():
            said[node_of[fact.subject]].append(fact)
        for node, facts in said.items():
            for owner in owners(resolve(facts).get("ownership")):
                self._owned[owner][label(datasets[node]).id] = None

    def _keep(self, dataset: Label, column: str, because: str) -> bool:
        """Whether it is none of the project's own: those are told of already."""
        if self._name(dataset):
            return False
        self._because[dataset][because] = None
        if column:
            self._columns[dataset][column] = None
        return True

    def _name(self, dataset: Label) -> str:
        """As the project calls it, if it is one of its own."""
        own = self._own.get(dataset.id.removeprefix(f"{dataset.namespace}/").lower())
        ours = own is not None and dataset.platform == by_scheme(self._manifest.adapter).name
        return self._manifest.short_name(own) if own and ours else ""

    def told(self, *, truncated: bool) -> Outside:
        things = (
            Thing(dataset.id, dataset.platform, tuple(self._columns.get(dataset, ())), tuple(because))
            for dataset, because in sorted(self._because.items())
        )
        unknown = (each for each, dataset in self._datasets.items() if dataset is None)
        owned = {owner: tuple(theirs) for owner, theirs in sorted(self._owned.items())}
        names = tuple(self._manifest.short_name(each) for each in unknown)
        return Outside(tuple(self._tasks()), tuple(things), owned, names, self._truncated or truncated)

    def _tasks(self) -> Iterator[Task]:
        said: defaultdict[int, list[Fact]] = defaultdict(list)
        for fact in self._store.facts(list(self._jobs), aspects=("jobType",)) if self._jobs else ():
            said[fact.subject].append(fact)
        entities = self._store.entities(self._jobs)
        kinds = {job: job_type(resolve(said[job]).get("jobType")) or "" for job in self._jobs}
        named = sorted((labels(entities, job).id, job) for job in self._jobs if not kinds[job].startswith(_OF_DBT))
        yield from (Task(name, kinds[job], tuple(self._jobs[job])) for name, job in named)
