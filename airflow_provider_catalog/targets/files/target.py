"""Files as a target that tells the catalog: who wrote one without saying its columns has them read from its footer.

It looks at a file again when the catalog says something else of its dataset, as of any target's. What it finds is an
envelope, which changes the dataset once more; then the file is as it was, and it has nothing to add.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.targets import Refusal
from airflow_provider_catalog.targets.files import footer, s3, said
from airflow_provider_catalog.targets.files.finding import Found, is_parquet_name, newest
from airflow_provider_catalog.targets.files.known import Known, known
from airflow_provider_catalog.targets.files.local import Local
from airflow_provider_catalog.targets.files.storage import NAME, NotRead, Storage, Tail

_THREADS = 8
_BATCH = 40
_EXPECTED = 24 * 3600 * 1_000_000
"""A run may tell of what it will write. What is not there a day later is not awaited any more."""


class _Looked(NamedTuple):
    """What there is to say of a dataset, or why nothing can be said."""

    node: int
    envelope: Envelope | None = None
    refusal: Refusal | None = None


class Files:
    """Reads no more of a file than its footer, and lists no more than a few folders for each dataset."""

    name = NAME

    def __init__(self, client: Callable[[], Any] = s3.client) -> None:
        self._client = cache(client)

    def publish(self, store: Store, datasets: Sequence[Entity]) -> Mapping[int, Refusal]:
        """What was found is told before what comes next is looked at."""
        refused: dict[int, Refusal] = {}
        wanted = known(store, datasets)
        while batch := list(islice(wanted, _BATCH)):
            looked = self._looked_at(batch)
            if envelopes := [each.envelope for each in looked if each.envelope]:
                store.accept(envelopes)
            refused |= {each.node: each.refusal for each in looked if each.refusal}
        return refused

    def _looked_at(self, batch: Sequence[Known]) -> list[_Looked]:
        """Where nothing goes at all the first says so, and the others are not tried."""
        if any(each.elsewhere is None and each.dataset.platform == "s3" for each in batch):
            self._client()
        pool = ThreadPoolExecutor(_THREADS, "catalog-files")
        try:
            return list(pool.map(self._look, batch))
        finally:
            pool.shutdown(cancel_futures=True)

    def _look(self, dataset: Known) -> _Looked:
        if dataset.elsewhere is not None:
            return _Looked(dataset.node, said.nothing(dataset))
        try:
            return _look(dataset, self._storage(dataset))
        except NotRead as error:
            return _Looked(dataset.node, refusal=Refusal(error.reason, error.retryable))

    def _storage(self, dataset: Known) -> Storage:
        if dataset.dataset.platform == "s3":
            return s3.S3(self._client(), dataset.dataset.namespace.removeprefix("s3://"))
        return Local()


def _look(dataset: Known, storage: Storage) -> _Looked:
    tail, there = _tail(dataset, storage)
    if tail is None:
        awaited = not there and now() - dataset.written < _EXPECTED
        return _Looked(dataset.node, refusal=Refusal("nothing is there yet") if awaited else None)
    if said.version(tail.file) == dataset.version:
        return _Looked(dataset.node)
    if not footer.is_parquet(tail) and not is_parquet_name(tail.file.path):
        return _Looked(dataset.node)
    fields = footer.columns(storage, tail)
    return _Looked(dataset.node, said.columns(dataset, storage.layer, tail.file, fields) if fields else None)


def _tail(dataset: Known, storage: Storage) -> tuple[Tail | None, bool]:
    """Of the file that tells, unless it is the one that told before; and whether anything is there at all."""
    path = dataset.dataset.name
    named = is_parquet_name(path)
    if named and (tail := storage.tail(path, footer.TAIL_BYTES)):
        return tail, True
    found = newest(storage, path)
    if found.file:
        if said.version(found.file) == dataset.version:
            return None, True
        return storage.tail(found.file.path, footer.TAIL_BYTES), True
    if found == Found() and not named and (tail := storage.tail(path, footer.TAIL_BYTES)):
        return tail, True
    return None, found.there
