"""The reading role: SQL is read once more where the store has come to know something that it needs.

It is told of changes as targets are, and what it has to say goes into the log, as everything does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice

from airflow_provider_catalog.services.sql_columns import plan
from airflow_provider_catalog.sources.columns import PRODUCER
from airflow_provider_catalog.store.protocol import Entity, Store

_BATCH = 100
PAGE = 1000
"""Many at once: a job is looked at once for all of its tables that are among them."""
_REST, _LONGEST_REST = 2.0, 2.0


class Columns:
    """Rests for longer than it works, since the merge role works beside it."""

    name = PRODUCER

    def publish(self, store: Store, datasets: Sequence[Entity]) -> None:
        begun = time.monotonic()
        found = plan(store, datasets)
        while batch := list(islice(found, _BATCH)):
            store.accept(batch)
        time.sleep(min(_REST * (time.monotonic() - begun), _LONGEST_REST))
