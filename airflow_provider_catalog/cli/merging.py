"""What a command has just sent is merged before it ends, so that what follows knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_catalog.cli.context import Context

if TYPE_CHECKING:
    from airflow_provider_catalog.cli.progress import Progress
    from airflow_provider_catalog.store.protocol import Store


def merge(context: Context, store: Store, bar: Progress, size: int) -> None:
    """Not with `--dry-run` or `--no-merge`. Of a worker that is at it already it is the business."""
    if context.args.dry_run or context.args.no_merge:
        return
    from airflow_provider_catalog.errors import LeaseLost
    from airflow_provider_catalog.worker.batch import Merged
    from airflow_provider_catalog.worker.merge import Merger

    done = Merged()

    def count(merged: Merged) -> None:
        nonlocal done
        done = done.plus(merged)
        bar.update(done.envelopes, done.envelopes)

    bar.begin("merged", size)
    try:
        Merger(store).drain(on_batch=count)
    except LeaseLost as busy:
        context.note(f"Accepted; {busy.holder} is merging.")
