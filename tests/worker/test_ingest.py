"""Lines into the log."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest

from airflow_provider_catalog.errors import StoreUnavailable
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.protocol import Accepted
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.ingest import Ingested, Line, ingest, read_lines
from tests.worker.events import envelopes, line


def lines(data: bytes, limit: int = 100) -> list[Line]:
    return list(read_lines(io.BytesIO(data), limit))


@pytest.mark.parametrize(
    ("data", "payloads"),
    [
        (b"", []),
        (b"\n\n  \n", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb", [b"a", b"b"]),
        (b"a\n\n\nb\n", [b"a", b"b"]),
        (b" a \n", [b" a "]),
        (b"x" * 100 + b"\n" + b"y" * 100 + b"\r\n" + b"z" * 100, [b"x" * 100, b"y" * 100, b"z" * 100]),
    ],
)
def test_lines_are_what_is_between_line_ends(data: bytes, payloads: list[bytes]) -> None:
    assert [one.payload for one in lines(data)] == payloads


def test_a_line_over_the_limit_keeps_its_head_and_the_next_one_is_read(store: SqlStore) -> None:
    long = b"x" * 300_000
    first, second, third = lines(b"a\n" + long + b"\nb\n")
    assert (first.payload, third.payload) == (b"a", b"b")
    assert (second.size, bool(second.digest)) == (300_001, True)
    assert long.startswith(second.payload)
    other = lines(long + b"y\n")[0]
    assert other.digest != second.digest


def test_lines_are_accepted_as_they_come_and_twice_is_once(store: SqlStore) -> None:
    data = b"\n".join([line(0), b"{not json", line(1), line(0)])
    assert ingest(store, read_lines(io.BytesIO(data)), "me") == Ingested(4, 3, 1, 0, len(data))
    assert [(e.kind, e.producer) for e in store.pending(10)] == [("openlineage", "me")] * 3
    assert ingest(store, read_lines(io.BytesIO(data)), "me")[:4] == (4, 0, 4, 0)


def test_what_is_too_large_becomes_a_dead_letter_with_its_head(store: SqlStore) -> None:
    data = line(0) + b"\n" + b"[" + b"1," * 200_000 + b"\n" + line(1)
    done = ingest(store, read_lines(io.BytesIO(data), 100_000), max_bytes=100_000)
    assert (done.lines, done.accepted, done.too_large) == (3, 2, 1)
    (letter,) = store.dead_letters()
    assert "over the limit of 100000 bytes" in letter.reason
    assert letter.envelope.payload.startswith(b"[1,1,")
    ingest(store, read_lines(io.BytesIO(data), 100_000), max_bytes=100_000)
    assert len(store.dead_letters()) == 1


def test_progress_is_told_batch_by_batch(store: SqlStore) -> None:
    told: list[Ingested] = []
    ingest(store, [Line(e.payload, len(e.payload)) for e in envelopes(1200)], on_batch=told.append)
    assert [so_far.lines for so_far in told] == [1000, 1200]


def test_a_store_that_is_away_for_a_moment_loses_nothing(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    accept, left = store.accept, [StoreUnavailable("away")] * 2

    def flaky(given: list[Envelope]) -> Accepted:
        if left:
            raise left.pop()
        return accept(given)

    monkeypatch.setattr(store, "accept", flaky)
    assert ingest(store, [Line(line(0), 1)], wait=lambda seconds: None).accepted == 1


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_lines(store: SqlStore) -> None:
    def many(count: int) -> Iterator[Line]:
        for number in range(count):
            payload = b'{"n":%d,"pad":"%s"}' % (number, b"x" * 2_000)
            yield Line(payload, len(payload))

    ingest(store, many(1_000))
    tracemalloc.start()
    try:
        assert ingest(store, many(30_000)).lines == 30_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024
