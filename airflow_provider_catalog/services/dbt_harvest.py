"""What the macros of our dbt package left in a table or a log, into the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from airflow_provider_catalog.model.dbt import DBT, Document
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources.dbt.exported import documents_of_log, documents_of_rows
from airflow_provider_catalog.store.protocol import Store

_BATCH = 50


def harvest_log(store: Store, lines: Iterable[str]) -> int:
    """How many documents were sent. When it returns, they are durable."""
    return _send(store, documents_of_log(lines))


def harvest_rows(store: Store, rows: Iterable[Mapping[str, Any]]) -> int:
    """The same of rows: of those that are not whole, what is."""
    return _send(store, documents_of_rows(rows))


def is_whole(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all documents of an invocation are in its rows, each with all its pieces."""
    pieces: defaultdict[int, set[int]] = defaultdict(set)
    wanted: dict[int, int] = {}
    parts = 0
    for row in rows:
        part, of, piece, all_of_it = (_number(row.get(key)) for key in ("part", "parts", "piece", "pieces"))
        pieces[part].add(piece)
        wanted[part], parts = all_of_it, max(parts, of)
    return parts > 0 and all(
        part in wanted and pieces[part] >= {*range(1, wanted[part] + 1)} for part in range(1, parts + 1)
    )


def _send(store: Store, documents: Iterable[Document]) -> int:
    sent = 0
    for batch in _batches(documents):
        store.accept(batch)
        sent += len(batch)
    return sent


def _batches(documents: Iterable[Document]) -> Iterator[list[Envelope]]:
    batch: list[Envelope] = []
    for each in documents:
        batch.append(Envelope(DBT, orjson.dumps(each), f"dbt:{each.get('project')}"))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
