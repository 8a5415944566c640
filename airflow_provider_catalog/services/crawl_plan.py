"""What a crawl has to tell: what is there now, beside what the catalog was told of it.

What was told is read from the store, as facts of the site's own crawler, so any host may crawl next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.model.statement import EXISTENCE, Origin
from airflow_provider_catalog.sources.crawlers.finding import FOUND
from airflow_provider_catalog.sources.crawlers.place import Site
from airflow_provider_catalog.sources.crawlers.tables import Seen
from airflow_provider_catalog.store.protocol import Fact, Store

_PAGE = 2_000


class Told(NamedTuple):
    """What the catalog was told of a table. `since`: when that changed last; 0 if it never heard of it. Without a
    fingerprint it was not told by this crawler, or believes that it is gone. `names`: what else the table goes by.
    """

    since: int = 0
    fingerprint: str = ""
    schema: str = ""
    name: str = ""
    names: tuple[int, ...] = ()

    def has(self, seen: Seen) -> bool:
        """Whether all of that was told, at least."""
        return set(seen.fingerprint.split()) <= set(self.fingerprint.split())


_NOTHING = Told()


class Change(NamedTuple):
    """A table to tell of, and what was told so far."""

    seen: Seen
    told: Told


class Plan(NamedTuple):
    """What there is to tell."""

    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    gone: tuple[Told, ...] = ()
    unchanged: int = 0

    @property
    def size(self) -> int:
        return len(self.new) + len(self.changed) + len(self.gone)


def compare(found: Mapping[int, Seen], told: Mapping[int, Told], covered: Callable[[Told], bool]) -> Plan:
    """By the numbers of datasets. `covered`: whether the crawl would have seen it, were it there."""
    changes = [Change(seen, told.get(uid, _NOTHING)) for uid, seen in found.items()]
    return Plan(
        tuple(each for each in changes if not each.told.fingerprint),
        tuple(each for each in changes if each.told.fingerprint and not each.told.has(each.seen)),
        tuple(each for uid, each in told.items() if each.fingerprint and uid not in found and covered(each)),
        sum(each.told.has(each.seen) for each in changes),
    )


def told_of(store: Store, site: Site) -> dict[int, Told]:
    """Of every dataset of this namespace that anybody spoke of."""
    told: dict[int, Told] = {}
    for ours in _scanned(store, lambda namespace: namespace == site.spelled):
        told |= _heard(store.facts(ours, aspects=(FOUND, EXISTENCE)), site.producer)
    return told


def names_beside(store: Store, site: Site) -> Iterator[int]:
    """What tables elsewhere go by, as far as tables here may go by the same."""
    for theirs in _scanned(store, site.beside):
        for fact in store.facts(theirs, aspects=(FOUND,)):
            yield from _told(fact.value).names


def _scanned(store: Store, wanted: Callable[[str], bool]) -> Iterator[Collection[int]]:
    """The numbers of all datasets in such namespaces, some at a time."""
    namespaces = set(filter(wanted, store.namespaces()))
    after = -1 if namespaces else None
    while after is not None and (page := store.scan("dataset", after=after, limit=_PAGE)):
        after = page[-1].uid
        if found := [each.uid for each in page if each.namespace in namespaces]:
            yield found


def _heard(facts: Iterable[Fact], producer: str) -> dict[int, Told]:
    """A person's word on whether it exists is no machine's business."""
    said = [each for each in facts if _counts(each, producer)]
    gone = {each.subject for each in said if each.value is False}
    since: dict[int, int] = {}
    for each in said:
        since[each.subject] = max(each.valid_from, since.get(each.subject, each.valid_from))
    values = {each.subject: each.value for each in said if each.subject not in gone and isinstance(each.value, dict)}
    return {uid: _told(values.get(uid))._replace(since=at) for uid, at in since.items()}


def _counts(fact: Fact, producer: str) -> bool:
    return fact.producer == producer if fact.aspect == FOUND else fact.origin < Origin.HUMAN


def _told(value: Any) -> Told:
    if not isinstance(value, dict):
        return Told()
    fingerprint, schema, name = (str(value.get(key) or "") for key in ("fingerprint", "schema", "name"))
    names = value.get("names")
    return Told(0, fingerprint, schema, name, tuple(names) if isinstance(names, list) else ())
