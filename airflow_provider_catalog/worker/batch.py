"""A batch of envelopes into the store, whatever is among them.

What cannot be read becomes a dead letter. When the store refuses a batch it is split in halves until the envelope that
is to blame is alone; that one becomes a dead letter with the reason, its neighbours are kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog import sources
from airflow_provider_catalog.errors import CatalogError, RejectedError, StoreOutdated
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes, Statement
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.backoff import patiently

log = logging.getLogger(__name__)
Read: TypeAlias = Callable[[Envelope], Changes]


class Merged(NamedTuple):
    """How it went. `rejected` are those that are dead letters now."""

    envelopes: int = 0
    statements: int = 0
    duplicates: int = 0
    rejected: int = 0

    def plus(self, other: Merged) -> Merged:
        return Merged(*(a + b for a, b in zip(self, other, strict=True)))


class Item(NamedTuple):
    """An envelope as read: statements, or the reason why not."""

    envelope: Envelope
    statements: tuple[Statement, ...]
    reason: str | None


class Applier:
    """Reads and applies. `wait` is how to pass the time until the store answers again."""

    def __init__(
        self,
        store: Store,
        *,
        read: Read = sources.read,
        wait: Callable[[float], object] = time.sleep,
        attempts: int = 6,
    ) -> None:
        self._store = store
        self._read = read
        self._wait = wait
        self._attempts = attempts

    def apply(self, envelopes: Sequence[Envelope], *, advance: bool) -> Merged:
        """`advance`: these are the next ones of the log, and are merged from now on."""
        return self.write(self.read(envelopes), advance=advance)

    def read(self, envelopes: Sequence[Envelope]) -> list[Item]:
        """The first half: touches nothing, and may run beside the second half of another batch."""
        return [self._item(envelope) for envelope in envelopes]

    def write(self, items: Sequence[Item], *, advance: bool) -> Merged:
        """The second half."""
        return self._apply(items, advance=advance) if items else Merged()

    def _item(self, envelope: Envelope) -> Item:
        try:
            return Item(envelope, self._read(envelope).statements, None)
        except RejectedError as error:
            return Item(envelope, (), error.reason)
        except Exception as error:
            log.exception("Envelope %d cannot be read because of a mistake of ours", envelope.seq)
            return Item(envelope, (), f"{type(error).__name__} while reading: {error}")

    def _apply(self, items: Sequence[Item], *, advance: bool) -> Merged:
        try:
            return self._try(items, advance=advance)
        except (StoreOutdated, MemoryError):
            raise
        except Exception as error:
            if (isinstance(error, CatalogError) and error.retryable) or not any(item.statements for item in items):
                raise
            if len(items) == 1:
                log.warning("Envelope %d is refused by the store: %s", items[0].envelope.seq, error)
                return self._try([Item(items[0].envelope, (), str(error))], advance=advance)
        middle = len(items) // 2
        first = self._apply(items[:middle], advance=advance)
        return first.plus(self._apply(items[middle:], advance=advance))

    def _try(self, items: Sequence[Item], *, advance: bool) -> Merged:
        changes = Changes(tuple(chain.from_iterable(item.statements for item in items)))
        rejected = [DeadLetter(item.envelope, item.reason) for item in items if item.reason is not None]
        merged_to = items[-1].envelope.seq if advance else None
        applied = patiently(
            lambda: self._store.apply(changes, merged_to=merged_to, rejected=rejected), self._wait, self._attempts
        )
        return Merged(len(items), applied.statements, applied.duplicates, len(rejected))
