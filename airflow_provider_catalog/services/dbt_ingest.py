"""dbt's artifacts into the catalog: of a project what has changed since it was told of last, of a run all.

A node is told of again when it says something else, when its SQL is another, or when what it is made of has other
columns; nodes that are no more are taken back. What was told is read from the store, so that any host may be next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import orjson

from airflow_provider_catalog.model.dbt import DBT, Document
from airflow_provider_catalog.model.dbt_nodes import (
    TESTS,
    around,
    catalogued,
    parents_of,
    placed,
    tested_by,
)
from airflow_provider_catalog.model.dbt_results import result
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.dbt_reading import Reading
from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
from airflow_provider_catalog.sources.dbt.nodes import looked_at
from airflow_provider_catalog.sources.dbt.places import Places
from airflow_provider_catalog.store.protocol import Store

_MOST = 200
_MOST_BYTES = 2_000_000
_BATCH = 50


class Plan(NamedTuple):
    """What there is to tell. `documents` are made as they are asked for."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[dict[str, Any], ...]
    unchanged: int
    results: int
    documents: Iterator[Document]


class Ingested(NamedTuple):
    """How it went: counts of nodes, and of results of the run."""

    project: str
    target: str
    nodes: int
    new: int
    changed: int
    gone: int
    unchanged: int
    results: int
    documents: int

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


def ingest(store: Store, artifacts: Artifacts, told: Mapping[str, Any], *, dry_run: bool = False) -> Ingested:
    """`told` goes into every document: where the datasets are, which task ran dbt. When it returns, all is durable."""
    base = cast("Document", {**artifacts.document(), **{key: value for key, value in told.items() if value}})
    places = Places(base)
    made = plan(store, artifacts, base, places)
    sent = 0 if dry_run else _send(store, made.documents, places.producer)
    counts = (len(made.new), len(made.changed), len(made.gone), made.unchanged, made.results)
    nodes = len(made.new) + len(made.changed) + made.unchanged
    return Ingested(places.project, str(places.warehouse.namespace), nodes, *counts, documents=sent)


def plan(store: Store, artifacts: Artifacts, base: Document, places: Places) -> Plan:
    """What is to be told of these artifacts, beside what was."""
    reading = Reading(store, artifacts, places, base.get("groups") or {})
    base = cast("Document", {**base, "revision": reading.revision(base["generated_at"])})
    new = [each for each, told in reading.told.items() if told is None]
    changed = [each for each in reading.told if reading.is_changed(each)]
    run = base.get("invocation")
    results = artifacts.results if run and not _is_known(store, run["id"], places.producer) else []
    gone = tuple(reading.gone())
    changed += reading.above([*new, *changed])
    changed += [each for each in reading.sharing([*new, *changed], gone) if each not in {*new, *changed}]
    documents = _documents(reading, base, [*new, *changed], results, gone)
    return Plan(tuple(new), tuple(changed), gone, len(reading.told) - len(new) - len(changed), len(results), documents)


def _is_known(store: Store, run_id: str, producer: str) -> bool:
    """Whether all of it was told, since its end comes last. What others tell of a run does not count."""
    found = store.run(run_id)
    return found is not None and any(each.producer == producer and each.event.terminal for each in found[1])


def _send(store: Store, documents: Iterable[Document], producer: str) -> int:
    sent, batch = 0, list[Envelope]()
    for document in documents:
        batch.append(Envelope(DBT, orjson.dumps(document, default=str), producer))
        if len(batch) == _BATCH:
            store.accept(batch)
            sent, batch = sent + len(batch), []
    if batch:
        store.accept(batch)
    return sent + len(batch)


# -- documents


def _documents(
    reading: Reading,
    base: Document,
    changed: Sequence[str],
    results: Sequence[Mapping[str, Any]],
    gone: Sequence[dict[str, Any]],
) -> Iterator[Document]:
    """What is tested goes with its tests, so that one run of them is told at once."""
    units: dict[str, tuple[list[str], list[Mapping[str, Any]]]] = {}
    for each in changed:
        units.setdefault(reading.unit(each), ([], []))[0].append(each)
    for each_result in results:
        unique_id = str(each_result.get("unique_id"))
        if unique_id in reading.told:
            units.setdefault(reading.unit(unique_id), ([], []))[1].append(each_result)
    freshness = reading.artifacts.freshness
    last: Document = {"gone": list(gone)} if gone else {}
    if freshness:
        last["freshness"] = freshness
        last["parents"] = [
            placed(reading.nodes[each]) for entry in freshness if (each := str(entry.get("unique_id"))) in reading.nodes
        ]
    for nodes, some in _parts(units.values(), lambda each: len(str(reading.nodes[each].get("compiled_code") or ""))):
        # What is taken back may be said of the same dataset: that comes before.
        yield {**base, **_part(reading, nodes, some), "more": True, "revision": base["revision"] + 1}
    yield {**base, **last}


def _parts(
    units: Iterable[tuple[list[str], list[Mapping[str, Any]]]], size: Callable[[str], int]
) -> Iterator[tuple[list[str], list[Mapping[str, Any]]]]:
    """Of so many nodes and results, or so much SQL."""
    nodes: list[str] = []
    results: list[Mapping[str, Any]] = []
    for some, more in units:
        nodes += some
        results += more
        if len(nodes) + len(results) >= _MOST or sum(map(size, nodes)) >= _MOST_BYTES:
            yield nodes, results
            nodes, results = [], []
    if nodes or results:
        yield nodes, results


def _part(reading: Reading, nodes: Sequence[str], results: Sequence[Mapping[str, Any]]) -> Document:
    """Whole by itself: with what its nodes are made of, and the columns of that."""
    told = {each: reading.of(each) for each in nodes}
    ran = {str(each["unique_id"]): reading.nodes[str(each["unique_id"])] for each in results}
    more = {each: reading.nodes[each] for each in ran if each not in told}
    tests = [each for each in {**told, **ran}.values() if each.get("resource_type") in TESTS]
    tested = [name for each in tests for name in (tested_by(each), *looked_at(each))]
    above = [*parents_of(told, reading.nodes), *(each for each in tested if each in reading.nodes), *more]
    parents = [each for each in dict.fromkeys(above) if each not in told]
    columns, partial = reading.columns(told)
    made: Document = {
        "nodes": list(told.values()),
        "parents": [around(reading.nodes[each]) for each in parents],
        "columns": columns,
        "results": [result(each) for each in results],
        "partial": partial,
        "all_columns": True,
        "before": any(reading.told[each] for each in told),
    }
    if seen := {each: reading.seen[each] for each in told if each in reading.seen}:
        made["catalog"] = {each: catalogued(entry) for each, entry in seen.items()}
    return cast("Document", {key: value for key, value in made.items() if value})
