"""dbt's artifacts into the catalog: of a project what has changed since it was told of last, of a run all.

A node is told of again when it says something else, when its SQL is another, or when what it is made of has other
columns; nodes that are no more are taken back. What was told is read from the store, so that any host may be next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, cast

import orjson

from airflow_provider_catalog.model.dbt import DBT, REVISIONS, Document
from airflow_provider_catalog.model.dbt_nodes import (
    TESTS,
    around,
    catalogued,
    depends_on,
    node,
    parents_of,
    placed,
    tested_by,
)
from airflow_provider_catalog.model.dbt_results import result
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.dbt_told import Told, taken_back, told_of
from airflow_provider_catalog.services.known_columns import known_columns
from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
from airflow_provider_catalog.sources.dbt.nodes import looked_at
from airflow_provider_catalog.sources.dbt.places import Places
from airflow_provider_catalog.sources.dbt.project import (
    Project,
    documented,
    has_sql,
    in_order,
    is_placed,
    is_sql,
    names_of,
)
from airflow_provider_catalog.sources.sql.moments import timeless
from airflow_provider_catalog.sources.timestamps import instant
from airflow_provider_catalog.store.protocol import Store

_FORMAT = 1
"""Goes up when more is read of a node than was: all are told of once more then."""
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
    reading = _Reading(store, artifacts, places, base.get("groups") or {})
    base = cast("Document", {**base, "revision": reading.revision(base["generated_at"])})
    new = [each for each, told in reading.told.items() if told is None]
    changed = [each for each, told in reading.told.items() if told and told.fingerprint != reading.fingerprint(each)]
    run = base.get("invocation")
    results = artifacts.results if run and not _is_known(store, run["id"], places.producer) else []
    gone = tuple(reading.gone(store))
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


class _Reading:
    """The nodes of the artifacts beside what was told of them, by their `unique_id`."""

    def __init__(self, store: Store, artifacts: Artifacts, places: Places, groups: Mapping[str, Any]) -> None:
        self.artifacts = artifacts
        self._groups = groups
        stated = artifacts.nodes()
        wanted = artifacts.wanted(stated)
        self.nodes = {each: node(one) for each, one in stated.items()}
        self._places = places
        self._names: dict[str, list[str] | None] = {}
        self._told = told_of(store, places)
        self._entity_of = {each: places.entity(stated).uid for each, stated in self.nodes.items()}
        entities = self._entity_of.items()
        self.told: dict[str, Told | None] = {each: self._told.get(uid) for each, uid in entities if each in wanted}
        self._sharing = self._shared()
        self._made = artifacts.made()
        entries = artifacts.seen()
        self._read(store, entries)
        at = artifacts.seen_at
        before = {each for each in entries if at and self._made_since(each) > at}
        self._outdated = {each for each in before if not self._is_as_told(each)}
        if self._outdated:
            self._read(store, {each: entry for each, entry in entries.items() if each not in self._outdated})

    def _read(self, store: Store, seen: Mapping[str, Any]) -> None:
        """With these entries of catalog.json."""
        self.seen = seen
        self._catalog = {each: names_of(entry) for each, entry in seen.items()}
        seen_by_others = self._from_store(store, lambda stated: not is_sql(stated), told=False)
        told = self._from_store(store, lambda stated: is_sql(stated) and not has_sql(stated), told=True)
        seeds = self.artifacts.seeds
        self.known: dict[str, Sequence[str]] = {**told, **seen_by_others, **seeds, **self._catalog}
        self.project = Project(self.nodes, self._places.warehouse.dialect, self.known)
        self._shapes: dict[str, str] = {}

    def _made_since(self, unique_id: str) -> str:
        """When it was made last, by this run or before."""
        told = self.told.get(unique_id)
        return max(self._made.get(unique_id, ""), told.made if told else "")

    def _is_as_told(self, unique_id: str) -> bool:
        """Then what was seen of it still holds, though it was made anew."""
        told = self.told.get(unique_id)
        return told is not None and not told.made and told.fingerprint == self.fingerprint(unique_id)

    def _shared(self) -> dict[str, tuple[str, ...]]:
        """The nodes that are one relation with others, such as a seed that is a source as well: they are told together,
        since they speak of one dataset.
        """
        found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for each, stated in self.nodes.items():
            if is_placed(stated) and (named := self._named(stated)):
                found[tuple(named)].append(each)
        self._holders = found
        return {each: tuple(sorted(some)) for some in found.values() if len(some) > 1 for each in some}

    def sharing(self, unique_ids: Iterable[str], gone: Iterable[Mapping[str, Any]]) -> list[str]:
        """Those that were told and speak of the same datasets."""
        stated = {other for each in unique_ids for other in self._sharing.get(each, ())}
        stated |= {other for each in gone for other in self._holders.get(tuple(each.get("dataset") or ()), ())}
        return [each for each in self.told if each in stated and self.told[each]]

    def unit(self, unique_id: str) -> str:
        """What is told together goes by one name: what is tested and its tests, and all that is one relation."""
        stated = self.nodes[unique_id]
        of = tested_by(stated) if stated.get("resource_type") in TESTS else unique_id
        return self._sharing.get(of, (of,))[0]

    def _from_store(
        self, store: Store, wanted: Callable[[Mapping[str, Any]], bool], *, told: bool
    ) -> dict[str, Sequence[str]]:
        """Columns of what has no SQL, if somebody has looked; of what is not compiled here, as they were told."""
        asked = {
            each: dataset.uid
            for each, stated in self.nodes.items()
            if is_placed(stated) and wanted(stated) and each not in self._catalog
            if (dataset := self._places.dataset(stated)) is not None
        }
        found = known_columns(store, set(asked.values()), derived=told) if asked else {}
        return {each: columns for each, uid in asked.items() if uid in found and (columns := found[uid].columns)}

    def revision(self, generated_at: str) -> int:
        """Later than what was told of the same manifest: by a task that ran some of it, or with other options."""
        at = instant(generated_at, "generated_at").micros
        before = (told.at - at for told in self._told.values())
        return min(max((each for each in before if 0 <= each <= REVISIONS), default=0) + 1, REVISIONS - 1)

    def gone(self, store: Store) -> Iterator[dict[str, Any]]:
        """Also what a node was before it moved."""
        here = set(self._entity_of.values())
        yield from taken_back(store, {uid: told for uid, told in self._told.items() if uid not in here})
        for each, told in self.told.items():
            if told and self._moved(each, told.gone):
                before = {key: value for key, value in told.gone.items() if key not in {"entity", "job"}}
                yield before | {key: self.nodes[each].get(key) for key in ("unique_id", "resource_type")}
            if told and (job := told.gone.get("job")) and job[0] != self._places.namespace:
                yield {"job": job}

    def _moved(self, unique_id: str, before: Mapping[str, Any]) -> bool:
        """Whether it was, or looked at, what it is not, or does not look at, any more."""
        stated = self.nodes[unique_id]
        if stated.get("resource_type") in TESTS:
            now = [self._named(self.nodes.get(each, {})) for each in looked_at(stated)]
            return any(each not in now for each in before.get("checked") or ())
        return bool(before.get("dataset")) and before["dataset"] != self._named(stated)

    def _named(self, stated: Mapping[str, Any]) -> list[str] | None:
        """Asked for each test of a relation."""
        unique_id = str(stated.get("unique_id"))
        if unique_id not in self._names:
            dataset = self._places.dataset(stated)
            self._names[unique_id] = [dataset.namespace, dataset.name] if dataset else None
        return self._names[unique_id]

    def of(self, unique_id: str) -> dict[str, Any]:
        """As it is told."""
        told = self.told[unique_id]
        sql = self._sql(unique_id)
        more: dict[str, Any] = {"fingerprint": self.fingerprint(unique_id), "sql": sql or (told.sql if told else "")}
        more |= {"spoken_of": list(told.columns)} if told and told.columns else {}
        more |= {"made": self._made_since(unique_id)} if unique_id in self._outdated else {}
        return self.nodes[unique_id] | {key: value for key, value in more.items() if value}

    def fingerprint(self, unique_id: str) -> str:
        stated = self.nodes[unique_id]
        said = {key: value for key, value in stated.items() if key != "compiled_code"}
        if stated.get("resource_type") in TESTS:
            return _digest([_FORMAT, said, [self._named(self.nodes.get(each, {})) for each in looked_at(stated)]])
        group = self._groups.get(str(stated.get("group"))) if stated.get("group") else None
        typed = in_order(self.seen.get(unique_id))
        return _digest([_FORMAT, self._places.namespace, said, group, typed, self._shape(unique_id)])

    def _shape(self, unique_id: str) -> str:
        """Changes when its columns may have: with its own SQL, and with what it is made of."""
        stack = [(unique_id, False)]
        entered: set[str] = set()
        while stack:
            each, ready = stack.pop()
            if ready:
                self._shapes[each] = self._own_shape(each)
            elif each in self.nodes and each not in self._shapes and each not in entered:
                entered.add(each)
                stack.append((each, True))
                stack += [(parent, False) for parent in depends_on(self.nodes[each])]
        return self._shapes.get(unique_id, "")

    def _own_shape(self, unique_id: str) -> str:
        stated, told = self.nodes[unique_id], self.told.get(unique_id)
        sql = self._sql(unique_id) or (told.sql if told else "")
        above = [self._shapes.get(parent, "") for parent in depends_on(stated)]
        return _digest([sql, self._seen(unique_id, compiled=bool(sql)), above])

    def _sql(self, unique_id: str) -> str:
        """Another date in it makes no other SQL."""
        stated = self.nodes[unique_id]
        return _digest(timeless(stated["compiled_code"])) if has_sql(stated) else ""

    def _seen(self, unique_id: str, *, compiled: bool) -> Sequence[str]:
        """Columns that do not follow from SQL. What the catalog knows of a compiled one is what was told of it."""
        written = documented(self.nodes[unique_id])
        return self._catalog.get(unique_id, written) if compiled else self.known.get(unique_id) or written


# -- documents


def _documents(
    reading: _Reading,
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


def _part(reading: _Reading, nodes: Sequence[str], results: Sequence[Mapping[str, Any]]) -> Document:
    """Whole by itself: with what its nodes are made of, and the columns of that."""
    told = {each: reading.of(each) for each in nodes}
    ran = {str(each["unique_id"]): reading.nodes[str(each["unique_id"])] for each in results}
    more = {each: reading.nodes[each] for each in ran if each not in told}
    tests = [each for each in {**told, **ran}.values() if each.get("resource_type") in TESTS]
    tested = [name for each in tests for name in (tested_by(each), *looked_at(each))]
    above = [*parents_of(told, reading.nodes), *(each for each in tested if each in reading.nodes), *more]
    parents = [each for each in dict.fromkeys(above) if each not in told]
    wanted = {parent for each in told.values() if has_sql(each) for parent in depends_on(each)} - told.keys()
    columns = {each: found for each in wanted if (found := reading.project.columns(each))}
    columns |= {each: tuple(reading.known[each]) for each in told if each in reading.known}
    made: Document = {
        "nodes": list(told.values()),
        "parents": [around(reading.nodes[each]) for each in parents],
        "columns": {each: list(found) for each, found in columns.items()},
        "results": [result(each) for each in results],
        "partial": [each for each in columns if reading.project.is_partial(each)],
        "all_columns": True,
        "before": any(reading.told[each] for each in told),
    }
    if seen := {each: reading.seen[each] for each in told if each in reading.seen}:
        made["catalog"] = {each: catalogued(entry) for each, entry in seen.items()}
    return cast("Document", {key: value for key, value in made.items() if value})


def _digest(value: Any) -> str:
    raw = value.encode("utf-8", "replace") if isinstance(value, str) else orjson.dumps(value, default=str)
    return blake2b(raw, digest_size=12).hexdigest() if raw else ""
