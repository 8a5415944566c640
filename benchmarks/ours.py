"""Our side of the benchmarks: the store as a worker uses it, and its answers by name, to hold beside the peer's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Self, TypeVar

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Direction, Entity, Store
from airflow_provider_catalog.worker.batch import Applier
from airflow_provider_catalog.worker.merge import Merger
from benchmarks.peers.core_upsert import Answers

T = TypeVar("T")
BATCH = 200
_EVERYTHING = 10_000_000


class OurWriter:
    """Accepts a batch, durably, and merges it; or merges a batch of its own beside other writers."""

    def __init__(self, url: str, batch: int = BATCH) -> None:
        self.store = open_store(url)
        self._batch = batch
        self._merger = Merger(self.store, batch)
        self._applier = Applier(self.store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.store.close()

    def write(self, payloads: Iterable[bytes]) -> int:
        """From the envelope to merged and answerable; returns how many."""
        written = 0
        for batch in batches(payloads, self._batch):
            self.store.accept([Envelope("openlineage", payload) for payload in batch])
            written += self._merger.once().statements
        return written

    def write_own(self, payloads: Iterable[bytes]) -> int:
        """The same where others write too: each merges what it accepted."""
        written = 0
        for batch in batches(payloads, self._batch):
            envelopes = [Envelope("openlineage", payload) for payload in batch]
            self.store.accept(envelopes)
            written += self._applier.apply(envelopes, advance=False).statements
        return written

    def merge(self, payloads: Iterable[bytes]) -> int:
        """Into the store past the log: to fill it before something is measured."""
        envelopes = ([Envelope("openlineage", payload) for payload in batch] for batch in batches(payloads, 1000))
        return sum(self._applier.apply(batch, advance=False).statements for batch in envelopes)

    def walk(self, pair: tuple[str, str], direction: Direction, depth: int) -> set[tuple[str, str]]:
        found = self.store.walk([DatasetId(*pair).uid], direction, depth=depth, limit=_EVERYTHING)
        assert not found.truncated
        return {
            (entity.namespace, entity.name)
            for entity in self.store.entities([each.node for each in found.reached]).values()
        }

    def answers(self) -> Answers:
        datasets = {entity.uid: entity for entity in scan(self.store, "dataset")}
        jobs = {entity.uid: entity for entity in scan(self.store, "job")}
        columns = {column.uid: column for column in self.store.columns_of(datasets)}
        runs = self.store.runs(jobs, limit=_EVERYTHING)
        edges = self.store.edges(datasets)
        column_edges = self.store.edges(columns, level="column")
        named = {uid: (datasets[column.dataset].name, column.name) for uid, column in columns.items()}
        return Answers(
            {(entity.namespace, entity.name) for entity in datasets.values()},
            {(datasets[column.dataset].namespace, *named[uid]) for uid, column in columns.items()},
            {(entity.namespace, entity.name) for entity in jobs.values()},
            {run.run_id: (int(run.state), run.started_at, run.ended_at) for run in runs},
            {(jobs[e.job].name, datasets[e.source].name, datasets[e.target].name) for e in edges},
            {(jobs[e.job].name, *named[e.source], *named[e.target]) for e in column_edges},
        )


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
