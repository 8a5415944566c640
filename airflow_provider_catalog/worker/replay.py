"""Reading again: what the log holds, or what became a dead letter. Saying a thing twice is saying it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from airflow_provider_catalog import sources
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.batch import Applier, Merged, Read

_BATCH = 200


def replay(
    store: Store,
    *,
    since: int | None = None,
    until: int | None = None,
    read: Read = sources.read,
    on_batch: Callable[[Merged], object] | None = None,
) -> Merged:
    """Read the envelopes recorded from `since` until before `until` once more, with the readers of today."""
    applier, total, after = Applier(store, read=read), Merged(), 0
    while page := store.envelopes(after, _BATCH):
        after = page[-1].seq
        wanted = [
            e for e in page if (since is None or e.recorded_at >= since) and (until is None or e.recorded_at < until)
        ]
        merged = applier.apply(wanted, advance=False)
        total = total.plus(merged)
        if on_batch:
            on_batch(merged)
    return total


def retry(store: Store, letters: Iterable[DeadLetter], *, refused: bool = False, read: Read = sources.read) -> Merged:
    """Read dead letters again. Those that can be read now are forgotten, the others stay what they are.

    What was refused stays so unless somebody says that it be taken: that is a decision, and not a matter of reading.
    """
    applier, total = Applier(store, read=read), Merged()
    for letter in letters:
        if letter.refused and not refused:
            continue
        merged = applier.apply([whole(store, letter.envelope)], advance=False)
        total = total.plus(merged)
        if not merged.rejected:
            store.forget_dead_letters([letter.id])
    return total


def retried_to_json(merged: Merged) -> dict[str, int]:
    return {"tried": merged.envelopes, "merged": merged.envelopes - merged.rejected, "still_dead": merged.rejected}


def whole(store: Store, envelope: Envelope) -> Envelope:
    """A dead letter keeps only the head of a large payload; the log has all of it, unless it was never accepted."""
    if not envelope.seq:
        return envelope
    found = store.envelopes(envelope.seq - 1, 1)
    return found[0] if found and found[0].seq == envelope.seq else envelope
