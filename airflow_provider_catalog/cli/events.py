"""`ingest` and `replay`: events into the catalog, for the first time or once more."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.options import Subparsers, command, moment
from airflow_provider_catalog.cli.output import pairs

if TYPE_CHECKING:
    from airflow_provider_catalog.cli.progress import Progress
    from airflow_provider_catalog.store.protocol import Store
    from airflow_provider_catalog.worker.batch import Merged
    from airflow_provider_catalog.worker.ingest import Ingested

_GZIP = b"\x1f\x8b"


def register(subparsers: Subparsers) -> None:
    ingest = command(subparsers, "ingest", _ingest, "read OpenLineage events, one a line, into the catalog")
    ingest.add_argument("file", metavar="FILE|-", help="newline-delimited JSON, plain or gzip; - is stdin")
    ingest.add_argument("--producer", default="cli", help="who hands them over (default: cli)")
    ingest.add_argument("--kind", default="openlineage", choices=("openlineage", "register", "edit", "statements"))
    ingest.add_argument("--no-merge", action="store_true", help="accept only; a worker merges them later")
    replay = command(subparsers, "replay", _replay, "read events of the log once more, with the readers of today")
    replay.add_argument("--since", type=moment, metavar="TIME", help="recorded then or later")
    replay.add_argument("--until", type=moment, metavar="TIME", help="recorded before then")


def _ingest(context: Context) -> None:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.worker.batch import Merged
    from airflow_provider_catalog.worker.ingest import ingest, read_lines

    args = context.args
    limit = context.settings.max_event_bytes
    merged = Merged()
    with _opened(args.file) as (stream, size), context.store() as store, progress("events", size) as bar:
        handed = ingest(
            store,
            read_lines(stream, limit),
            args.producer,
            kind=args.kind,
            max_bytes=limit,
            on_batch=lambda so_far: bar.update(so_far.size, so_far.lines),
        )
        if not args.no_merge:
            merged = _merge(context, store, handed, bar)
    rejected = merged.rejected + handed.too_large
    found = {
        "lines": handed.lines,
        "accepted": handed.accepted,
        "duplicates": handed.duplicates,
        "merged": merged.envelopes - merged.rejected,
        "dead_letters": rejected,
    }
    context.show(
        found, lambda: pairs([(name.replace("_", " "), count) for name, count in found.items()], context.style)
    )
    if rejected:
        context.note("`airflow-catalog dead-letters list` shows what could not be read, and why.")


def _merge(context: Context, store: Store, handed: Ingested, bar: Progress) -> Merged:
    """What was accepted, and what waited before it."""
    from airflow_provider_catalog.errors import LeaseLost
    from airflow_provider_catalog.worker.aliases import declare
    from airflow_provider_catalog.worker.batch import Merged
    from airflow_provider_catalog.worker.merge import Merger

    done = Merged()

    def count(merged: Merged) -> None:
        nonlocal done
        done = done.plus(merged)
        bar.update(done.envelopes, done.envelopes)

    declare(store, context.settings.namespace_aliases)
    bar.begin("merged", handed.accepted)
    try:
        Merger(store).drain(on_batch=count)
    except LeaseLost as busy:
        context.note(f"Accepted; {busy.holder} is merging.")
    return done


@contextmanager
def _opened(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The bytes, unpacked if need be, and how many they are if that can be known."""
    if name == "-":
        yield _unpacked(cast("BufferedReader", sys.stdin.buffer)), None
        return
    with Path(name).open("rb") as stream:
        unpacked = _unpacked(stream)
        yield unpacked, Path(name).stat().st_size if unpacked is stream else None


def _unpacked(stream: BufferedReader) -> BinaryIO:
    packed = stream.peek(2)[:2] == _GZIP
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream)) if packed else stream


def _replay(context: Context) -> None:
    from airflow_provider_catalog.cli.progress import progress
    from airflow_provider_catalog.worker.batch import Merged
    from airflow_provider_catalog.worker.replay import replay

    args = context.args
    done = Merged()
    with context.store() as store, progress("events", store.status().accepted) as bar:

        def count(merged: Merged) -> None:
            nonlocal done
            done = done.plus(merged)
            bar.update(done.envelopes, done.envelopes)

        found = replay(store, since=args.since, until=args.until, on_batch=count)
    counts = {
        "envelopes": found.envelopes,
        "new": found.statements,
        "known": found.duplicates,
        "dead_letters": found.rejected,
    }
    context.show(counts, lambda: pairs([(name.replace("_", " "), n) for name, n in counts.items()], context.style))
