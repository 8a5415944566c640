"""The catalog as OpenLineage events, one a line: everything that OpenLineage has words for, so that others can read it.

One DatasetEvent for each dataset as it was named, one JobEvent for each job with what it reads and writes now. The
order is that of the ids and the times are those at which things were last said, so equal stores give equal bytes. Read
page by page: memory does not grow with the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from airflow_provider_catalog.model.identity import ColumnId
from airflow_provider_catalog.model.statement import EXISTENCE, Json
from airflow_provider_catalog.services import facets
from airflow_provider_catalog.services.facts import resolve, tags, text
from airflow_provider_catalog.services.lineage_facets import JobLineage, by_job
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.services.runs import sql_as_designed, sql_of
from airflow_provider_catalog.services.schema import fields
from airflow_provider_catalog.services.statistics import METRICS
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Entity, Fact, Store

_PAGE = 200
_RAW = "facet:"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"


def export(store: Store) -> Iterator[dict[str, Any]]:
    """The events, datasets first."""
    for page in pages(store, "dataset"):
        yield from _dataset_events(store, page)
    for page in pages(store, "job"):
        yield from _job_events(store, page)


def pages(store: Store, kind: str) -> Iterator[list[Entity]]:
    after = 0
    while page := store.scan(kind, after=after, limit=_PAGE):
        yield page
        after = page[-1].uid


def _dataset_events(store: Store, page: list[Entity]) -> Iterator[dict[str, Any]]:
    said = _by_subject(store.facts([entity.uid for entity in page]))
    column_tags = _column_facts(store, page, said)
    for entity in page:
        facts = said[entity.uid]
        made = _dataset_facets(facts, column_tags.get(entity.uid, {}))
        moment = max((fact.valid_from for fact in facts), default=0)
        dataset = {"namespace": entity.namespace, "name": entity.name, "facets": made}
        yield {**_event("DatasetEvent", moment), "dataset": dataset}


def _event(type_: str, moment: int) -> dict[str, Any]:
    return {"eventTime": iso(moment), "producer": facets.PRODUCER, "schemaURL": f"{_EVENT}{type_}"}


def _dataset_facets(facts: Collection[Fact], columns: Mapping[str, list[Fact]]) -> dict[str, Any]:
    found = _plain(facts, facets.DATASET_ASPECTS)
    if columns and "schema" in found:
        found["schema"] = _documented(found["schema"], columns)
    existence = resolve(fact for fact in facts if fact.aspect == EXISTENCE).get(EXISTENCE)
    if existence and existence.value is False:
        found["lifecycleStateChange"] = {"lifecycleStateChange": "DROP"}
    of_columns = [{**tag, "field": name} for name, some in sorted(columns.items()) for tag in _tags(some)]
    if tagged := [*_tags(facts), *of_columns]:
        found["tags"] = {"tags": tagged}
    if counted := _metrics(facts, columns):
        found[METRICS] = counted
    return {name: facets.facet(name, found[name]) for name in sorted(found)}


def _metrics(facts: Collection[Fact], columns: Mapping[str, list[Fact]]) -> dict[str, Any]:
    """What was counted of the dataset and of its columns, as it was said."""
    of_columns = {name: _counted(said) for name, said in sorted(columns.items())}
    stated = {name: counted for name, counted in of_columns.items() if counted}
    return {**of_all, "columnMetrics": stated} if (of_all := _counted(facts)) or stated else {}


def _counted(facts: Collection[Fact]) -> dict[str, Any]:
    word = resolve(fact for fact in facts if fact.aspect == METRICS).get(METRICS)
    return word.value if word and isinstance(word.value, dict) else {}


def _plain(facts: Collection[Fact], aspects: Collection[str]) -> dict[str, Json]:
    """The words that are facets as they are; what nobody here knows among them."""
    words = resolve(facts)
    known = {aspect: word.value for aspect, word in words.items() if aspect in aspects}
    raw = {aspect.removeprefix(_RAW): word.value for aspect, word in words.items() if aspect.startswith(_RAW)}
    return {**raw, **known}


def _tags(facts: Collection[Fact]) -> list[dict[str, Any]]:
    return [{"key": tag.key, "value": tag.value or "true", "source": tag.said.producer} for tag in tags(facts)]


def _column_facts(store: Store, page: list[Entity], said: Mapping[int, list[Fact]]) -> dict[int, dict[str, list[Fact]]]:
    """Dataset -> column -> what is said of the column itself. Most columns have nothing."""
    where: dict[int, tuple[int, str]] = {}
    for entity in page:
        schema = resolve(fact for fact in said[entity.uid] if fact.aspect == "schema").get("schema")
        for name, _ in fields(schema.value) if schema else ():
            where[ColumnId(dataset_id(entity), name).uid] = (entity.uid, name)
    found: defaultdict[int, dict[str, list[Fact]]] = defaultdict(dict)
    for fact in store.facts(list(where)) if where else ():
        dataset, name = where[fact.subject]
        found[dataset].setdefault(name, []).append(fact)
    return found


def _documented(schema: Json, columns: Mapping[str, list[Fact]], prefix: str = "") -> Json:
    """The schema with what was said of its columns by themselves."""
    if not isinstance(schema, dict) or not isinstance(schema.get("fields"), list):
        return schema
    made = []
    for field in schema["fields"]:
        name = f"{prefix}{field.get('name')}"
        words = text(resolve(columns.get(name, ())).get("documentation"), "description")
        nested = _documented(field, columns, f"{name}.")
        made.append({**nested, "description": words} if words and isinstance(nested, dict) else nested)
    return {**schema, "fields": made}


def _job_events(store: Store, page: list[Entity]) -> Iterator[dict[str, Any]]:
    uids = [entity.uid for entity in page]
    said = _by_subject(store.facts(uids))
    lineage, latest = by_job(store, uids), store.latest(uids)
    for entity in page:
        _, details = latest.get(entity.uid, (None, {}))
        yield _job_event(entity, said[entity.uid], lineage[entity.uid], sql_of(details))


def _job_event(entity: Entity, facts: Collection[Fact], lineage: JobLineage, sql: str | None) -> dict[str, Any]:
    found = _plain(facts, facets.JOB_ASPECTS)
    if on := _tags(facts):
        found["tags"] = {"tags": on}
    if sql := sql or sql_as_designed(resolve(fact for fact in facts if fact.aspect == "sql").get("sql")):
        found["sql"] = {"query": sql}
    if entries := lineage.entries():
        found["lineage"] = {"entries": entries}
    made = {name: facets.facet(name, found[name], job=True) for name in sorted(found)}
    moment = max([lineage.last_seen, *(fact.valid_from for fact in facts)])
    return {
        **_event("JobEvent", moment),
        "job": {"namespace": entity.namespace, "name": entity.name, "facets": made},
        "inputs": lineage.inputs(),
        "outputs": lineage.outputs(),
    }


def _by_subject(facts: Collection[Fact]) -> defaultdict[int, list[Fact]]:
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.subject].append(fact)
    return found
