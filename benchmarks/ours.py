"""Our side of the benchmarks: the store as a worker uses it, and its answers by name, to hold beside the peer's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import Self, TypeVar

import orjson

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, JobId
from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Direction, Entity, LineageEdge, Store
from airflow_provider_catalog.worker.batch import Applier
from airflow_provider_catalog.worker.merge import Merger
from benchmarks.peers.answers import Held, Names, Pair, Row

T = TypeVar("T")
BATCH = 1000
_EVERYTHING = 10_000_000


class OurWriter:
    """Accepts batches, durably, and merges what is pending, as the command line does."""

    def __init__(self, url: str, batch: int = BATCH) -> None:
        self.store = open_store(url)
        self._batch = batch
        self._merger = Merger(self.store)
        self._applier = Applier(self.store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.store.close()

    def write(self, payloads: Iterable[bytes]) -> int:
        """From the envelope to merged and answerable; returns how many we merged. One of several has the lease."""
        for batch in batches(payloads, self._batch):
            self.store.accept([Envelope("openlineage", payload) for payload in batch])
        return self._merger.drain(wait=600).statements

    def merge(self, payloads: Iterable[bytes]) -> int:
        """Into the store past the log: to fill it before something is measured."""
        envelopes = ([Envelope("openlineage", payload) for payload in batch] for batch in batches(payloads, 1000))
        return sum(self._applier.apply(batch, advance=False).statements for batch in envelopes)

    def reading(self) -> Reader:
        return Reader(self.store)


class Reader:
    """Our answers with names instead of numbers, as the peer gives them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._entities = {each.uid: each for kind in ("dataset", "job") for each in scan(store, kind)}
        self.datasets = {uid: (e.namespace, e.name) for uid, e in self._entities.items() if e.kind == "dataset"}
        self.jobs = {uid: (e.namespace, e.name) for uid, e in self._entities.items() if e.kind == "job"}
        found = store.columns_of(self.datasets)
        self.columns = {column.uid: (*self.datasets[column.dataset], column.name) for column in found}

    def names(self) -> Names:
        rows = self.store.runs(self.jobs, limit=_EVERYTHING)
        producers = {edge.producer for edge in self.store.ports(jobs=self.jobs)}
        runs = {run.run_id: (self.jobs[run.job], int(run.state), *run[3:]) for run in rows}
        columns = set(self.columns.values())
        return Names(producers, set(self.datasets.values()), columns, set(self.jobs.values()), runs)

    def held(self, at: int | None) -> Held:
        return Held(self._facts(at), self._ports(at), self._edges(at), self._column_edges(at))

    def _facts(self, at: int | None) -> set[Row]:
        named = self.datasets | self.jobs
        found = self.store.facts(named, as_of=at)
        return {(*named[f.subject], f.aspect, f.producer, f.valid_from, f.valid_to, _body(f.value)) for f in found}

    def _ports(self, at: int | None) -> set[Row]:
        found = self.store.ports(jobs=self.jobs, as_of=at)
        return {(self.jobs[p.job], p.producer, p.direction, self.datasets[p.dataset], *p[4:]) for p in found}

    def _edges(self, at: int | None) -> set[Row]:
        d = self.datasets
        found = self.store.edges(d, as_of=at)
        return {(self.jobs[e.job], e.producer, d[e.source], d[e.target], *self._known(e)) for e in found}

    def _column_edges(self, at: int | None) -> set[Row]:
        c = self.columns
        found = self.store.edges(c, level="column", as_of=at)
        return {
            (self.jobs[e.job], e.producer, c[e.source], c[e.target], *self._known(e), e.kind, e.transformation)
            for e in found
        }

    def neighbours(self, pair: Pair, direction: Direction) -> set[Row]:
        found = self.store.neighbours([DatasetId(*pair).uid], direction)
        there = attrgetter("target" if direction == "downstream" else "source")
        return {(self.jobs[e.job], self.datasets[there(e)], *self._known(e)) for e in found}

    def _known(self, e: LineageEdge) -> Row:
        seen = self._heard[e.job, e.producer] if e.last_seen is None else e.last_seen
        return int(e.rule), e.confidence, e.valid_from, e.valid_to, seen

    @cached_property
    def _heard(self) -> dict[tuple[int, str], int]:
        return self.store.heard(self.jobs)

    def events(self, run_id: str) -> list[Row]:
        found = self.store.run(run_id)
        assert found
        return [(s.producer, int(s.event), s.time, self.jobs[s.job or 0], s.complete, s.details) for s in found[1]]

    def latest(self, job: Pair) -> Row:
        run, details = self.store.latest([JobId(*job).uid])[JobId(*job).uid]
        return run.run_id, details

    def history(self, pair: Pair, aspect: str) -> list[Row]:
        uids = {DatasetId(*pair).uid, JobId(*pair).uid} & self._entities.keys()
        found = [fact for uid in uids for fact in self.store.history(uid, aspect)]
        return [(f.valid_from, f.valid_to, f.last_seen, _body(f.value)) for f in found]

    def walk(self, pair: Pair, direction: Direction, depth: int) -> set[Pair]:
        found = self.store.walk([DatasetId(*pair).uid], direction, depth=depth, limit=_EVERYTHING)
        assert not found.truncated
        return {self.datasets[node] for node in found.reached}


def _body(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def scan(store: Store, kind: str) -> Iterator[Entity]:
    after = 0
    while page := store.scan(kind, after=after, limit=10_000):
        yield from page
        after = page[-1].uid


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def column_uid(namespace: str, name: str, column: str) -> int:
    return ColumnId(DatasetId(namespace, name), column).uid
