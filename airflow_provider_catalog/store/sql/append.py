"""How envelopes become rows of the log, for whoever writes them: the store, and task processes.

Standard library only, since a task process has no time to import more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.sql.packing import pack

APPEND_LOCK = 0x636174616C6F68
POSTGRES = """
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s)),
     fresh AS MATERIALIZED (
        SELECT v.* FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
                               %s::bytea[])
             WITH ORDINALITY AS v(id, kind, producer, sender, key, recorded_at, size, payload, n), turn
        ORDER BY n)
INSERT INTO catalog_envelope (id, kind, producer, sender, key, recorded_at, size, payload)
SELECT id, kind, producer, sender, key, recorded_at, size, payload FROM fresh
ON CONFLICT DO NOTHING
"""
SQLITE = """
INSERT INTO catalog_envelope (id, kind, producer, sender, key, recorded_at, size, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
TYPES = ("bytea", "text", "text", "text", "text", "bigint", "bigint", "bytea")


class Row(NamedTuple):
    """A row of the log, without its number."""

    id: bytes
    kind: str
    producer: str
    sender: str
    key: str
    recorded_at: int
    size: int
    payload: bytes


def log_file(store: Path) -> Path:
    """The log of a SQLite store: beside it, so that merging never blocks accepting."""
    return store.with_name(f"{store.stem}-log{store.suffix}")


def rows(envelopes: Iterable[Envelope]) -> list[Row]:
    """Sorted by id, each once: writers that overlap wait for each other in one order and cannot deadlock."""
    recorded = time.time_ns() // 1000
    unique = {envelope.id: envelope for envelope in reversed(list(envelopes))}
    return [_row(id_, envelope, recorded) for id_, envelope in sorted(unique.items())]


def _row(id_: bytes, e: Envelope, recorded: int) -> Row:
    said = (_text(e.producer), _text(e.sender), _text(e.key))
    return Row(id_, e.kind, *said, e.recorded_at or recorded, len(e.payload), pack(e.payload))


def _text(stated: str) -> str:
    """What every database takes as text."""
    if stated.isascii() and "\0" not in stated:
        return stated
    return stated.replace("\0", "").encode("utf-8", "replace").decode()
