"""Whose SQL may be read again, jobs' and views', with the tables that it may mean and their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog.model.grammar import parts
from airflow_provider_catalog.model.identity import DatasetId, EntityId, JobId
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.services.facts import by_precedence
from airflow_provider_catalog.services.known_columns import KnownColumns, known_columns
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.services.sql_run import Ran, ran
from airflow_provider_catalog.sources.airflow_runs import PRODUCER as CAPTURED
from airflow_provider_catalog.sources.columns import PRODUCER, SQL, Script
from airflow_provider_catalog.sources.dbt.places import PRODUCER as DBT
from airflow_provider_catalog.sources.sql import lineage
from airflow_provider_catalog.store.protocol import Entity, Fact, Store

_DEFINITION = "definition"
_OURS = frozenset({CAPTURED, PRODUCER})
_Columns: TypeAlias = frozenset[tuple[int, int, EdgeKind | None]]


class Subject(NamedTuple):
    """A job or a view. `said` are columns that are told of already, as (source, target, kind); `at` is when the SQL
    came.
    """

    about: EntityId
    scripts: Sequence[Script]
    at: int
    known: Sequence[KnownColumns]
    said: _Columns = frozenset()


def subjects(store: Store, uids: Collection[int]) -> list[Subject]:
    """Those of jobs and datasets of which it is known which SQL is theirs, or that none is."""
    entities = store.entities(uids) if uids else {}
    jobs = {uid: each for uid, each in entities.items() if each.kind == "job"}
    datasets = {uid: each for uid, each in entities.items() if each.kind == "dataset"}
    return [*_jobs(store, jobs), *_views(store, datasets)]


# -- jobs


def _jobs(store: Store, jobs: Mapping[int, Entity]) -> Iterator[Subject]:
    """Where somebody who was there tells of columns there is nothing to add, nor where nothing is read or written."""
    if not jobs:
        return
    reads, writes = _ports(store, jobs)
    said = _said(store, jobs)
    open_ = {job for job in jobs if reads[job] and writes[job] and all(map(_is_ours, said[job]))}
    last = ran(store, open_)
    known = known_columns(store, {each for job in open_ for each in reads[job] | writes[job]})
    for job, entity in jobs.items():
        about = JobId(entity.namespace, entity.name)
        if job not in open_:
            yield Subject(about, (), 0, ())
        elif job in last:
            tables = [known[each] for each in sorted(reads[job] | writes[job]) if each in known]
            told = (some for producer, some in said[job].items() if producer != PRODUCER)
            yield _job(about, last[job], tables, frozenset().union(*told))


def _is_ours(producer: str) -> bool:
    return producer in _OURS or producer.startswith(DBT)


def _job(about: JobId, last: Ran, tables: Sequence[KnownColumns], said: _Columns) -> Subject:
    """Who tells no dialect speaks that of the tables."""
    platforms = {by_namespace(name.namespace).name for table in tables for name in table.names}
    dialect = platforms.pop() if len(platforms) == 1 else ""
    scripts = [script._replace(dialect=script.dialect or dialect) for script in last.scripts]
    return Subject(about, scripts, last.at, tables, said)


def _ports(store: Store, jobs: Collection[int]) -> tuple[Mapping[int, set[int]], Mapping[int, set[int]]]:
    reads: defaultdict[int, set[int]] = defaultdict(set)
    writes: defaultdict[int, set[int]] = defaultdict(set)
    for port in store.ports(jobs=jobs):
        (reads if port.direction == "r" else writes)[port.job].add(port.dataset)
    return reads, writes


def _said(store: Store, jobs: Collection[int]) -> Mapping[int, Mapping[str, set[tuple[int, int, EdgeKind | None]]]]:
    """Columns, by job and by who tells of them."""
    found: defaultdict[int, defaultdict[str, set[tuple[int, int, EdgeKind | None]]]]
    found = defaultdict(lambda: defaultdict(set))
    for edge in store.stated(jobs, level="column"):
        found[edge.job][edge.producer].add((edge.source, edge.target, edge.kind))
    return found


# -- views


def _views(store: Store, datasets: Mapping[int, Entity]) -> list[Subject]:
    """Whatever has a definition in SQL."""
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(datasets, aspects=(_DEFINITION,)) if datasets else ():
        said[fact.subject].append(fact)
    scripts = {
        uid: (script, facts[0].valid_from)
        for uid, stated in said.items()
        if (facts := by_precedence(stated)) and (script := _definition(datasets[uid], facts[0]))
    }
    meant = {uid: _meant(datasets[uid], script) for uid, (script, _) in scripts.items()}
    known = known_columns(store, {table.uid for tables in meant.values() for table in tables})
    told = _told_by_jobs(store, scripts)
    return [
        Subject(dataset_id(datasets[uid]), () if uid in told else (script,), since, _of(meant[uid], known))
        for uid, (script, since) in scripts.items()
    ]


def _told_by_jobs(store: Store, views: Collection[int]) -> set[int]:
    """Those of views that are made by a job whose SQL is known before it runs: its columns are told of as the job's."""
    writers = {port.job: port.dataset for port in store.ports(datasets=views) if port.direction == "w"} if views else {}
    facts = store.facts(writers, aspects=(SQL,)) if writers else ()
    return {writers[fact.subject] for fact in facts if fact.value is not None}


def _definition(view: Entity, fact: Fact) -> Script | None:
    """Names that are not complete are of where the view is."""
    value = fact.value
    query, dialect = (value.get("query"), value.get("dialect")) if isinstance(value, dict) else (None, None)
    if not isinstance(query, str) or not query:
        return None
    platform = by_namespace(view.namespace)
    above = parts(view.name, platform.separator)[:-1] if platform.levels > 1 else []
    database, schema = (None, None, *above)[-2:]
    return Script(query, dialect if isinstance(dialect, str) and dialect else platform.name, database, schema)


def _meant(view: Entity, script: Script) -> list[DatasetId]:
    read = lineage(script.query, script.dialect, script.database, script.schema).inputs
    return [DatasetId(view.namespace, table) for table in read if "://" not in table]


def _of(tables: Iterable[DatasetId], known: Mapping[int, KnownColumns]) -> list[KnownColumns]:
    """A view may be told of before its tables are."""
    return [known.get(table.uid) or KnownColumns((table,)) for table in tables]
