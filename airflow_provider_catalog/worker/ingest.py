"""Lines into the log, as they come: one event a line, in batches, in bounded memory.

A line is not looked into here. Only one that is over the size limit never enters the log: its head is kept as a dead
letter, under the hash of all of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from airflow_provider_catalog.errors import TooLargeError
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.backoff import patiently

MAX_BYTES = 16 * 1024 * 1024
_BATCH = 1000
_BATCH_BYTES = 8 * 1024 * 1024
_HEAD = 64 * 1024


class Line(NamedTuple):
    """One line, or the head of one that is too long; `digest` then names all of it."""

    payload: bytes
    size: int
    digest: str = ""


class Ingested(NamedTuple):
    """How many lines there were and what became of them. `size`: bytes read so far."""

    lines: int = 0
    accepted: int = 0
    duplicates: int = 0
    too_large: int = 0
    size: int = 0


def read_lines(stream: BinaryIO, max_bytes: int = MAX_BYTES) -> Iterator[Line]:
    """The lines of a file that are not blank. No more than one of them is in memory, and never more than the limit."""
    while piece := stream.readline(max_bytes + 2):
        text = piece.rstrip(b"\r\n")
        if len(text) > max_bytes:
            yield _too_long(stream, piece)
        elif text.strip():
            yield Line(text, len(piece))


def _too_long(stream: BinaryIO, piece: bytes) -> Line:
    hasher = blake2b(digest_size=16)
    head, size = piece[:_HEAD], 0
    while piece:
        hasher.update(piece)
        size += len(piece)
        piece = b"" if piece.endswith(b"\n") else stream.readline(1 << 20)
    return Line(head, size, hasher.hexdigest())


def ingest(
    store: Store,
    lines: Iterable[Line],
    producer: str = "",
    *,
    kind: str = "openlineage",
    max_bytes: int = MAX_BYTES,
    on_batch: Callable[[Ingested], object] | None = None,
    wait: Callable[[float], object] = time.sleep,
) -> Ingested:
    """Accept lines; when it returns they are durable. `on_batch` is told after each batch how far it is."""
    total = Ingested()
    for batch in _batches(lines):
        envelopes = [Envelope(kind, line.payload, producer) for line in batch if not line.digest]
        letters = [_letter(kind, line, producer, max_bytes) for line in batch if line.digest]
        accepted = patiently(lambda: store.accept(envelopes), wait)  # noqa: B023  called at once
        if letters:
            patiently(lambda: store.apply(Changes(), rejected=letters), wait)  # noqa: B023  called at once
        total = Ingested(
            total.lines + len(batch),
            total.accepted + accepted.stored,
            total.duplicates + accepted.duplicates,
            total.too_large + len(letters),
            total.size + sum(line.size for line in batch),
        )
        if on_batch:
            on_batch(total)
    return total


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.payload)
        if len(batch) >= _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _letter(kind: str, line: Line, producer: str, max_bytes: int) -> DeadLetter:
    recorded_at = time.time_ns() // 1000
    return DeadLetter(
        Envelope(kind, line.payload, producer, recorded_at, line.digest), str(TooLargeError(line.size, max_bytes))
    )
