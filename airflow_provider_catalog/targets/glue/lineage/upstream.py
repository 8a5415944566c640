"""What lies before tables of Glue, read from the catalog: the chain that `chain` and `tree` tell of.

Several datasets may be one table, as the paths of its partitions are. Then what lies before any of them lies before it;
of many the newest are asked, by their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from airflow_provider_catalog.model.statement import EXISTENCE, Json
from airflow_provider_catalog.services.facts import Resolved, resolve, text
from airflow_provider_catalog.services.lineage import LineageAnswer, LineageNode, Transformation, jobs, walk
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import Label, dataset_id, full_name
from airflow_provider_catalog.services.runs import sql_of
from airflow_provider_catalog.store.protocol import Entity, Fact, Store
from airflow_provider_catalog.targets.glue.lineage import kinds
from airflow_provider_catalog.targets.glue.lineage.chain import Chain, Field, Hop
from airflow_provider_catalog.targets.glue.mapping import GlueMapping, GluePlace
from airflow_provider_catalog.targets.glue.wanted import columns_of

DEPTH = 50
_PAGE = 1000
_DATASETS_OF_A_TABLE = 10
_MOST = 250
"""So many datasets, the nearest: more hops than the chain has room for."""
_ASPECTS = ("schema", "datasetType")


class GlueTable(NamedTuple):
    """A table by the nodes of the datasets that it is."""

    place: GluePlace
    datasets: tuple[Entity, ...]


def tables(store: Store, datasets: Iterable[Entity], mapping: GlueMapping) -> list[GlueTable]:
    """Each once, in the order of the first of its datasets. What is gone is left out, and what no rule knows."""
    found: defaultdict[GluePlace, list[Entity]] = defaultdict(list)
    waiting = iter(datasets)
    while page := list(islice(waiting, _PAGE)):
        for entity, place in _placed(store, page, mapping):
            found[place._replace(location="", partition=())].append(entity)
    return [GlueTable(place, tuple(_foremost(some))) for place, some in found.items()]


def _placed(store: Store, page: Sequence[Entity], mapping: GlueMapping) -> Iterator[tuple[Entity, GluePlace]]:
    entities = {each.uid: each for each in page}
    node_of = nodes_by_member(store, entities)
    names: defaultdict[int, list[Entity]] = defaultdict(list)
    for uid, entity in sorted(store.entities(node_of).items()) if node_of else ():
        names[node_of[uid]].append(entity)
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(node_of, aspects=(EXISTENCE,)) if node_of else ():
        said[node_of[fact.subject]].append(fact)
    for node, entity in entities.items():
        place = mapping.place([dataset_id(each) for each in names[node]])
        existence = resolve(said[node]).get(EXISTENCE)
        if place and (existence is None or existence.value is not False):
            yield entity, place


def _foremost(datasets: Iterable[Entity]) -> list[Entity]:
    """The table itself, and the last of its partitions by name."""
    by_name = sorted(datasets, key=lambda each: each.name, reverse=True)
    return sorted(by_name, key=lambda each: "=" in each.name)[:_DATASETS_OF_A_TABLE]


def upstream(store: Store, table: GlueTable, depth: int = DEPTH) -> Chain:
    answers = [_walked(store, each, depth) for each in table.datasets]
    found = _Nearest(answers)
    members = nodes_by_member(store, found.distance)
    made = _Makers(store, members)
    return Chain(tuple(_hops(found, made, _told(store, members))), any(map(_cut, answers)))


def _walked(store: Store, dataset: Entity, depth: int) -> LineageAnswer:
    return walk(store, dataset_id(dataset), direction="upstream", depth=depth, limit=_MOST, explain=0)


def _cut(answer: LineageAnswer) -> bool:
    total = answer.total_upstream
    return answer.truncated or not total.exact or total.count > len(answer.upstream)


class _Nearest:
    """The nodes of several answers, each by its shortest way. All starts are the table."""

    def __init__(self, answers: Sequence[LineageAnswer]) -> None:
        self.distance = {answer.start.uid: 0 for answer in answers}
        self.nodes: dict[int, LineageNode] = {}
        for node in sorted((node for answer in answers for node in answer.upstream), key=_by_distance):
            if node.uid not in self.distance:
                self.distance[node.uid] = node.distance
                self.nodes[node.uid] = node


def _by_distance(node: LineageNode) -> tuple[int, str]:
    return node.distance, node.label.id


class _Maker(NamedTuple):
    """A job that writes a dataset."""

    name: str
    kind: str
    sql: str
    connector_class: str


class _Makers:
    """Of each node the jobs that write it: those that read nothing that is known, too."""

    def __init__(self, store: Store, members: Mapping[int, int]) -> None:
        ports = [port for port in store.ports(datasets=members) if port.direction == "w"] if members else []
        entities = store.entities({port.job for port in ports}) if ports else {}
        names = {uid: full_name(entity) for uid, entity in entities.items()}
        told = jobs.read(store, names, None)
        done = told.transformations(names)
        self.by_name = {names[uid]: _maker(done[uid], told.latest.get(uid)) for uid in names}
        self.of: defaultdict[int, set[str]] = defaultdict(set)
        for port in ports:
            if port.job in names:
                self.of[members[port.dataset]].add(names[port.job])

    def named(self, name: str) -> _Maker:
        return self.by_name.get(name) or _Maker(name, kinds.JOB, "", "")


def _maker(done: Transformation, latest: tuple[Any, Mapping[str, Any]] | None) -> _Maker:
    details = latest[1] if latest else {}
    return _Maker(done.job_id, kinds.of_job(done.job_type), sql_of(details) or "", kinds.connector_class(details))


def _told(store: Store, members: Mapping[int, int]) -> Mapping[int, Mapping[str, Resolved]]:
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(members, aspects=_ASPECTS) if members else ():
        said[members[fact.subject]].append(fact)
    return {node: resolve(facts) for node, facts in said.items()}


class _Step(NamedTuple):
    """A hop before its place is known. `key` and `into`: a node, and the job that writes it if that is meant."""

    hop: Hop
    key: tuple[int, str]
    into: tuple[int, str]


def _hops(found: _Nearest, made: _Makers, told: Mapping[int, Mapping[str, Resolved]]) -> Iterator[Hop]:
    """By distance, kind and name, so that the same lineage is always the same text."""
    steps = sorted((*_jobs(found, made), *_datasets(found, told)), key=lambda step: step.hop[:3])
    place = {step.key: at for at, step in enumerate(steps)}
    for step in steps:
        yield step.hop._replace(into=place.get(step.into, -1))


def _jobs(found: _Nearest, made: _Makers) -> Iterator[_Step]:
    wanted = {(target, name) for target in found.distance for name in made.of[target]}
    wanted |= {(_via(node), _job(node)) for node in found.nodes.values() if node.transformation}
    for target, name in wanted:
        maker, hops = made.named(name), 2 * found.distance[target] + 1
        hop = Hop(hops, maker.kind, name, is_job=True, sql=maker.sql, connector_class=maker.connector_class)
        yield _Step(hop, (target, name), (target, ""))


def _datasets(found: _Nearest, told: Mapping[int, Mapping[str, Resolved]]) -> Iterator[_Step]:
    for uid, node in found.nodes.items():
        said = told.get(uid, {})
        schema = said["schema"].value if "schema" in said else None
        kind = _kind(node.label, said.get("datasetType"))
        hop = Hop(2 * node.distance, kind, node.label.id, fields=_fields(schema))
        yield _Step(hop, (uid, ""), (_via(node), _job(node)))


def _via(node: LineageNode) -> int:
    """None is known where an edge ended meanwhile: then it is before the table."""
    return -1 if node.via is None else node.via


def _job(node: LineageNode) -> str:
    return node.transformation.job_id if node.transformation else ""


def _kind(label: Label, said: Resolved | None) -> str:
    return kinds.of_dataset(label.platform, text(said, "datasetType"), text(said, "subType"))


def _fields(schema: Json) -> Sequence[Field]:
    return tuple(Field(column.name, column.type) for column in columns_of(schema))
