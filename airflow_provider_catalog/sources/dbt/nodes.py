"""Nodes as designed: what each is and says, what it is made of, and which of its columns of which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.dbt_nodes import TESTS, depends_on, tested_by
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.masking import LIMIT, mask_sql
from airflow_provider_catalog.model.statement import (
    EXISTENCE,
    NO_LINEAGE,
    Claim,
    ColumnEdge,
    Content,
    Edge,
    Json,
    Origin,
    Rule,
    Statement,
)
from airflow_provider_catalog.model.statement import Lineage as Said
from airflow_provider_catalog.sources.checks import NAME_BYTES, mapping, sequence, text
from airflow_provider_catalog.sources.columns import SQL
from airflow_provider_catalog.sources.dbt.places import JOBS, NODE, Places
from airflow_provider_catalog.sources.dbt.project import (
    ColumnSource,
    Lineage,
    Project,
    added,
    config,
    has_sql,
    in_order,
    is_placed,
    is_sql,
)
from airflow_provider_catalog.sources.dbt.warehouse import is_ephemeral
from airflow_provider_catalog.sources.dbt.words import (
    DBT,
    claims,
    is_to_dbt,
    of_columns,
    of_relation,
    schema,
    spoken_of,
    words,
)

TOLD = "told"
"""The aspect of a node that holds what was told of it last: what the next one to tell compares with."""
CHECK = "qualityCheck:"
"""Before the name of a test, in aspects of what it tests."""

_GONE = ("documentation", "tags", "ownership", DBT, "datasetType", "constraints", "schema", "jobType", "parent", SQL)


class Nodes:
    """Those of one document, read together: the columns of one are those of what it is made of."""

    def __init__(self, places: Places, time: int) -> None:
        self._places = places
        self._time = time
        document = places.document
        self._groups = document.get("groups") if isinstance(document.get("groups"), dict) else {}
        self._catalog: Mapping[str, Any] = mapping(document.get("catalog") or {}, "/catalog")
        self._unsays = document.get("before") is True
        self._all_columns = document.get("all_columns") is True
        stated = mapping(document.get("columns") or {}, "/columns")
        known = {unique_id: _listed(columns) for unique_id, columns in stated.items()}
        known |= {unique_id: [column["name"] for column in in_order(each)] for unique_id, each in self._catalog.items()}
        everything = {**places.parents, **places.nodes}
        partial = [each for each in _listed(document.get("partial")) if each not in self._catalog]
        self.project = Project(everything, places.warehouse.dialect, known, partial)
        self._together: defaultdict[DatasetId, list[str]] = defaultdict(list)
        for unique_id, node in sorted(places.nodes.items()):
            if node.get("resource_type") not in TESTS and (dataset := places.dataset(node)):
                self._together[dataset].append(unique_id)

    def statements(self) -> Iterator[Statement]:
        for unique_id, node in self._places.nodes.items():
            yield from self._of(unique_id, node)
        for i, stated in enumerate(sequence(self._places.document.get("gone"), "/gone")):
            yield from self._gone(mapping(stated, f"/gone/{i}"), f"/gone/{i}")

    # -- one node

    def _of(self, unique_id: str, node: Mapping[str, Any]) -> Iterator[Statement]:
        kind = node.get("resource_type")
        if kind in TESTS:
            yield self._statement(self._check(unique_id, node))
            return
        dataset = self._places.dataset(node)
        job = self._places.job(node) if kind in JOBS else None
        said = [*self._told(node, dataset, job), *self._said(node, dataset, job)]
        if job is None:
            yield self._statement(said)
        else:
            lineage, whole = self._lineage(unique_id, node, dataset)
            yield self._statement(said, job=job, lineage=lineage, complete=whole, declared=True)
        yield from self._derived(unique_id, node, dataset)

    def _statement(self, said: list[Claim], **more: Any) -> Statement:
        return Statement(self._places.producer, self._time, content=Content.of(said), **more)

    def _worked_out(self, said: list[Claim]) -> Statement:
        """By somebody else, so that it takes nothing from what the database has shown."""
        producer = f"{self._places.producer}/sql"
        return Statement(producer, self._time, origin=Origin.PROPAGATED, content=Content.of(said))

    def _told(self, node: Mapping[str, Any], dataset: DatasetId | None, job: JobId | None) -> Iterator[Claim]:
        """The node itself: what it is to dbt, what it stands for, and what was told."""
        entity = self._places.entity(node)
        told: dict[str, Json] = {"project": self._places.project, "target": self._places.target}
        told |= {key: node.get(key) for key in ("fingerprint", "shape", "seen", "sql", "made")}
        told |= {"columns": spoken_of(node) or None}
        told |= {"dataset": [dataset.namespace, dataset.name]} if dataset else {}
        told |= {"job": [job.namespace, job.name]} if job else {}
        if node.get("fingerprint"):
            yield Claim.of(entity, TOLD, {key: value for key, value in told.items() if value is not None})
        yield Claim.of(entity, DBT, is_to_dbt(node))
        if dataset is None and job is None:
            yield from claims(entity, words(node, self._groups), unsays=self._unsays)

    def _said(self, node: Mapping[str, Any], dataset: DatasetId | None, job: JobId | None) -> Iterator[Claim]:
        if job is not None:
            kind = str(node.get("resource_type")).upper()
            yield Claim.of(job, "jobType", {"integration": "DBT", "jobType": kind, "processingType": "BATCH"})
            yield Claim.of(job, "parent", _named(self._places.of_invocation()))
            yield from claims(job, words(node, self._groups), unsays=self._unsays)
            if sql := self._sql(node, dataset):
                yield Claim.of(job, SQL, sql)
        if dataset is not None and self._together[dataset][0] == node.get("unique_id"):
            yield from _heard(chain.from_iterable(self._of_relation(dataset, each) for each in self._together[dataset]))

    def _sql(self, node: Mapping[str, Any], dataset: DatasetId | None) -> Json:
        """With what it fills: who comes to know more columns than these were may read it again."""
        if not has_sql(node) or len(node["compiled_code"]) > LIMIT:
            return None
        told: dict[str, Json] = {"query": mask_sql(node["compiled_code"]), "dialect": self._places.warehouse.dialect}
        told |= {key: str(node[key]) for key in ("database", "schema") if node.get(key)}
        if dataset is None or self.project.lineage(str(node.get("unique_id"))).whole:
            return told | {"read": True}
        more = list(added(node, ()))
        into: Json = {"namespace": dataset.namespace, "name": dataset.name}
        return told | {"into": into} | ({"added": more} if more else {})

    def _of_relation(self, dataset: DatasetId, unique_id: str) -> Iterator[Claim]:
        """Whoever has only run a seed does not know of the source that it may be as well."""
        node = self._places.nodes[unique_id]
        unsays = self._unsays and (self._all_columns or node.get("resource_type") != "seed")
        yield from claims(dataset, words(node, self._groups) | of_relation(node), unsays=unsays)
        yield from of_columns(dataset, node, _listed(node.get("spoken_of")))
        yield from self._existing(unique_id, node, dataset)

    def _existing(self, unique_id: str, node: Mapping[str, Any], dataset: DatasetId) -> Iterator[Claim]:
        """What the database has: a manifest may speak of what nobody has run yet. What was seen before holds as long as
        it is `kept`.
        """
        if unique_id in self._catalog:
            yield Claim.of(dataset, EXISTENCE, value=True)
            yield Claim.of(dataset, "schema", self._schema(unique_id, node))
        elif self._unsays and self._all_columns and not node.get("kept"):
            yield Claim.of(dataset, "schema", None)

    def _derived(self, unique_id: str, node: Mapping[str, Any], dataset: DatasetId | None) -> Iterator[Statement]:
        """Columns that nobody has seen: whoever has knows better."""
        if dataset is None or self._together[dataset][0] != unique_id:
            return
        if any(each in self._catalog for each in self._together[dataset]):
            return
        stated = self._all_columns or self.project.is_known(unique_id)
        if not (stated or self.project.lineage(unique_id).whole):
            return
        if found := self._schema(unique_id, node):
            said = [Claim.of(dataset, "schema", found)]
            yield self._worked_out(said)

    def _schema(self, unique_id: str, node: Mapping[str, Any]) -> Json:
        told = {str(column["name"]).lower(): column for column in in_order(self._catalog.get(unique_id))}
        return schema(list(self.project.columns(unique_id) or ()), node, told)

    def _check(self, unique_id: str, node: Mapping[str, Any]) -> list[Claim]:
        """Of what is tested, so that tests that are told of at different times stand side by side."""
        found = (self._places.find(each) for each in looked_at(node))
        datasets = [dataset for each in found if each and (dataset := self._places.dataset(each))]
        told: dict[str, Json] = {"project": self._places.project, "target": self._places.target}
        told |= {"fingerprint": node.get("fingerprint")} if node.get("fingerprint") else {}
        told |= {"checked": [[each.namespace, each.name] for each in datasets]} if datasets else {}
        entity = self._places.entity(node)
        said = [Claim.of(entity, DBT, is_to_dbt(node))]
        said += [Claim.of(entity, TOLD, told)] if node.get("fingerprint") else []
        return said + [Claim.of(each, f"{CHECK}{unique_id}", check(node)) for each in datasets]

    def _gone(self, node: Mapping[str, Any], at: str) -> Iterator[Statement]:
        """Takes back all that is said of it. Whether its relation is still there others know."""
        dataset = DatasetId(*_pair(node["dataset"], f"{at}/dataset")) if node.get("dataset") else None
        job = JobId(*_pair(node["job"], f"{at}/job")) if node.get("job") else None
        said: list[Claim] = []
        if node.get("entity"):
            entity = EntityId(NODE, self._places.warehouse.namespace, text(node["entity"], f"{at}/entity"))
            said += [Claim.of(entity, aspect, None) for aspect in (TOLD, *_GONE)]
        if node.get("resource_type") in TESTS:
            stated = sequence(node.get("checked"), f"{at}/checked")
            checked = (DatasetId(*_pair(each, f"{at}/checked/{i}")) for i, each in enumerate(stated))
            aspect = f"{CHECK}{text(node.get('unique_id'), f'{at}/unique_id')}"
            yield self._statement([*said, *(Claim.of(each, aspect, None) for each in checked)])
            return
        said += [Claim.of(each, aspect, None) for each in (dataset, job) if each for aspect in _GONE]
        said += of_columns(dataset, {}, _listed(node.get("spoken_of"))) if dataset else ()
        of_job: dict[str, Any] = {"job": job, "complete": True, "declared": True} if job else {}
        yield self._statement(said, **of_job)
        if dataset:
            yield self._worked_out([Claim.of(dataset, "schema", None)])

    # -- what it is made of

    def _lineage(self, unique_id: str, node: Mapping[str, Any], dataset: DatasetId | None) -> tuple[Said, bool]:
        """And whether that is all. Where somebody else may know more columns of what it reads, columns are left to the
        worker, who reads the SQL again.
        """
        if is_ephemeral(node):
            return NO_LINEAGE, True
        made = self.project.lineage(unique_id)
        in_sql = dict.fromkeys(self._in_sql(made))
        reads = dict.fromkeys(each for each in chain(self._reads(node), in_sql) if each != dataset)
        if dataset is None:
            return Said(reads=tuple(reads)), True
        edges = (Edge(each, dataset, Rule.SQL if each in in_sql else Rule.DECLARED) for each in reads)
        whole = self._is_whole(node, made)
        columns = self._columns(dataset, made) if whole else ()
        return Said(tuple(reads), (dataset,), tuple(edges), tuple(columns)), whole

    def _is_whole(self, node: Mapping[str, Any], made: Lineage) -> bool:
        return made.whole or (not is_sql(node)) or (has_sql(node) and self._all_columns)

    def _reads(self, node: Mapping[str, Any]) -> Iterator[DatasetId]:
        """What it depends on, and through ephemeral models what those depend on."""
        waiting, seen = depends_on(node), set[str]()
        while waiting:
            unique_id = waiting.pop(0)
            found = self._places.find(unique_id)
            if found is None or unique_id in seen:
                continue
            seen.add(unique_id)
            if is_ephemeral(found) or not is_placed(found):
                waiting += depends_on(found)
            elif dataset := self._places.dataset(found):
                yield dataset

    def _in_sql(self, made: Lineage) -> Iterator[DatasetId]:
        """Also what dbt does not know of."""
        for unique_id in made.reads:
            if found := self._places.dataset(self._places.known(unique_id)):
                yield found
        for table in made.others:
            if found := self._places.warehouse.table(table):
                yield found

    def _columns(self, dataset: DatasetId, made: Lineage) -> Iterator[ColumnEdge]:
        for each in chain(made.columns, made.influences):
            source = self._source(each)
            if source is not None and source != dataset:
                target = ColumnId(dataset, each.column[:NAME_BYTES])
                written = mask_sql(each.transformation)
                column = ColumnId(source, each.source_column[:NAME_BYTES])
                yield ColumnEdge(column, target, each.kind, Rule.SQL, made.confidence, written)

    def _source(self, each: ColumnSource) -> DatasetId | None:
        if not each.source:
            return self._places.warehouse.table(each.table)
        return self._places.dataset(self._places.known(each.source))


def _heard(said: Iterable[Claim]) -> list[Claim]:
    """Several nodes may be one relation, such as a seed that is a source as well: of each aspect the first is heard
    that says anything.
    """
    found: dict[Any, Claim] = {}
    for each in said:
        known = found.get((each.subject, each.aspect))
        if known is None or known.body is None:
            found[each.subject, each.aspect] = each
    return list(found.values())


def _pair(stated: Any, at: str) -> tuple[str, str]:
    """A namespace and a name."""
    listed = sequence(stated, at)
    if len(listed) != 2:
        raise RejectedError(f"{at}: expected a namespace and a name")
    return text(listed[0], f"{at}/0"), text(listed[1], f"{at}/1")


def looked_at(node: Mapping[str, Any]) -> list[str]:
    """All that a test of one's own writing selects from; any other is about one relation."""
    own = node.get("resource_type") == "test" and not node.get("test_metadata")
    return depends_on(node) if own else [tested_by(node)]


def check(node: Mapping[str, Any]) -> Json:
    """A test, whatever it came to."""
    metadata = node.get("test_metadata")
    named = metadata if isinstance(metadata, dict) else {}
    kwargs = named.get("kwargs")
    column = node.get("column_name") or (kwargs.get("column_name") if isinstance(kwargs, dict) else None)
    kind = "unit" if node.get("resource_type") == "unit_test" else named.get("name") or "singular"
    severity = str(config(node).get("severity") or "error").lower()
    said: dict[str, Json] = {"name": node.get("name"), "kind": kind, "column": column, "severity": severity}
    return {key: value for key, value in said.items() if value}


def _named(job: JobId) -> Json:
    return {"namespace": job.namespace, "name": job.name}


def _listed(columns: Any) -> list[str]:
    return [str(each) for each in columns] if isinstance(columns, list) else []
