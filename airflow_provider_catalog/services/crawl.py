"""A crawl: the catalog is told what has changed in a database, or wherever tables are, since it was told last.

A table that is as it was sends nothing. Envelopes are known by what changes into what: a crawl that is repeated before
the first one is merged sends the same ones. Only a crawl that has seen all there is says that a table is gone, and says
it last: of tables that it was asked for, in schemas that it could look into, and that this crawler told of itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeAlias

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.crawl_names import disputed, marked
from airflow_provider_catalog.services.crawl_plan import Change, Plan, Told, compare, names_beside, told_of
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.sources.crawlers.place import Site
from airflow_provider_catalog.sources.crawlers.tables import ALL, Found, Seen, Selection, SiteReader
from airflow_provider_catalog.store.protocol import Store

_FORMAT = 1
"""Goes up when more is told of a table than was: all are told of once more then."""

_BATCH = 500

Tell: TypeAlias = Callable[[str, int, int | None], object]
"""Asked to show what was done, how many times, and how many there are, if that is known."""


@dataclass(frozen=True, slots=True)
class Crawled:
    """How a crawl went. `skipped`: tables that are not told of, since they went or were locked while we looked, or no
    store could index their names. `unread`: schemas that we may not look into.
    """

    database: str
    tables: int
    plan: Plan
    skipped: int
    unread: tuple[str, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "tables": self.tables,
            "new": len(self.plan.new),
            "changed": len(self.plan.changed),
            "gone": len(self.plan.gone),
            "unchanged": self.plan.unchanged,
            "skipped": self.skipped,
            "unread": list(self.unread),
            "seconds": round(self.seconds, 2),
        }


def _silent(_what: str, _done: int, _total: int | None) -> None:
    """Nobody looks on."""


def crawl(
    store: Store,
    site: Site,
    reader: SiteReader,
    selection: Selection = ALL,
    *,
    dry_run: bool = False,
    tell: Tell = _silent,
) -> Crawled:
    """When it returns, all that it tells is durable. With `dry_run` it only looks."""
    begun, moment = time.monotonic(), now()
    found, nameless = _found(site, reader, selection, tell)
    unread, told = reader.unread, told_of(store, site)

    def covered(table: Told) -> bool:
        return selection.covers(table.schema, table.name) and table.schema not in unread

    unseen = (name for uid, table in told.items() if uid not in found and not covered(table) for name in table.names)
    lost = disputed(found.values(), chain(unseen, names_beside(store, site)))
    plan = compare(marked(found, lost), told, covered)
    sent = plan.size if dry_run else _send(store, _envelopes(site, reader, plan, moment, lost), plan.size, tell)
    skipped, seconds = nameless + plan.size - sent, time.monotonic() - begun
    return Crawled(str(site), len(found) + nameless, plan, skipped, tuple(sorted(unread)), seconds)


def _found(site: Site, reader: SiteReader, selection: Selection, tell: Tell) -> tuple[dict[int, Seen], int]:
    """By dataset, and how many no store could index. Of names that mean the same here, the first."""
    found: dict[int, Seen] = {}
    nameless = 0
    for seen in reader.seen():
        if not selection.covers(seen.schema, seen.name):
            continue
        if (dataset := site.dataset(seen.schema, seen.name)) is None:
            nameless += 1
        else:
            found.setdefault(dataset.uid, seen._replace(fingerprint=f"{_FORMAT}:{seen.fingerprint}"))
        if len(found) % _BATCH == 0:
            tell("tables seen", len(found), None)
    return found, nameless


def _envelopes(site: Site, reader: SiteReader, plan: Plan, moment: int, lost: frozenset[int]) -> Iterator[Envelope]:
    """What is there, then what is gone: nobody gets there who has not read all the rest."""
    where = {"time": moment, **site.to_json()}
    waiting = iter((*plan.new, *plan.changed))
    while batch := {each.seen[:2]: each for each in islice(waiting, _BATCH)}:
        for table in reader.tables([each.seen for each in batch.values()]):
            yield _there(site, where, table, batch[table.schema, table.name], lost)
    for told in plan.gone:
        key = {"schema": told.schema, "name": told.name}
        yield _envelope(site, {**where, "gone": key}, told, "gone")


def _there(site: Site, where: Mapping[str, Any], table: Found, change: Change, lost: frozenset[int]) -> Envelope:
    """Whoever heard of it before may have heard what is no more."""
    fingerprint, before = change.seen.fingerprint, change.told.since > 0
    document = {**where, "before": before, "table": {**table.to_json(), "fingerprint": fingerprint}}
    if taken := [name for name in change.seen.names if name in lost]:
        document["disputed"] = taken
    told = change.told._replace(schema=table.schema, name=table.name)
    return _envelope(site, document, told, fingerprint)


def _envelope(site: Site, document: Mapping[str, Any], told: Told, becomes: str) -> Envelope:
    """What a table was and comes back to later is another change."""
    payload = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    key = f"{site} {(told.schema, told.name)!r} {told.since} {becomes}"
    return Envelope(site.kind, payload, site.producer, key=key)


def _send(store: Store, envelopes: Iterator[Envelope], total: int, tell: Tell) -> int:
    """How many there were. One that is refused is a dead letter, and this fails when all the others are sent."""
    sent = taken = 0
    while batch := list(islice(envelopes, _BATCH)):
        taken += sum(store.accept(batch))
        sent += len(batch)
        tell("tables sent", sent, total)
    if sent > taken:
        raise RejectedError(
            f"the catalog's server refused {sent - taken} tables, `airflow-catalog dead-letters list` there says why"
        )
    return sent
