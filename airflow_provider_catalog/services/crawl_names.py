"""Which of its other names a table has for itself.

Two tables over one folder are two tables, and so are those of two accounts that Athena calls alike: a name that is
disputed makes nothing one. A table that wins or loses one is told of once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from airflow_provider_catalog.sources.crawlers.tables import Seen


def disputed(found: Iterable[Seen], elsewhere: Iterable[int]) -> frozenset[int]:
    """`elsewhere`: what tables go by that this crawl did not look at."""
    once: set[int] = set()
    twice: set[int] = set()
    for name in chain(elsewhere, (name for seen in found for name in seen.names)):
        (twice if name in once else once).add(name)
    return frozenset(twice)


def marked(found: Mapping[int, Seen], lost: frozenset[int]) -> Mapping[int, Seen]:
    """With other fingerprints where a name is lost."""
    return {uid: _marked(seen, lost) for uid, seen in found.items()} if lost else found


def _marked(seen: Seen, lost: frozenset[int]) -> Seen:
    if lost.isdisjoint(seen.names):
        return seen
    fingerprint, *more = seen.fingerprint.split()
    places = (str(place) for place, name in enumerate(seen.names) if name in lost)
    return seen._replace(fingerprint=" ".join(["-".join((fingerprint, *places)), *more]))
