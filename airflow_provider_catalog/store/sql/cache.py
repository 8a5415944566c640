"""What the writer knows to be in the database, so that what did not change costs no query.

Filled while a transaction runs and thrown away whole when it fails; checked against the store's version at the start of
each one, since another process may have written in between.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Generic, NamedTuple, TypeVar

from airflow_provider_catalog.model.statement import Lineage

NEVER = -math.inf
K = TypeVar("K")
V = TypeVar("V")


class Generations(Generic[K, V]):
    """A bounded map that forgets what was not asked for lately: two dicts, the older one dropped when the newer is
    full.
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, size: int) -> None:
        self._half = max(size // 2, 1)
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def among(self, keys: Collection[K]) -> dict[K, V]:
        """Those of the keys that are known."""
        young = self._young.get
        found = {key: value for key in keys if (value := young(key)) is not None}
        if len(found) < len(keys):
            for key in [key for key in keys if key not in found]:
                if (value := self._old.get(key)) is not None:
                    found[key] = value
                    self.put(key, value)
        return found

    def put(self, key: K, value: V) -> None:
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    def clear(self) -> None:
        self._young.clear()
        self._old.clear()


class KnownEntity(NamedTuple):
    """An entity as it is shown, and the node it belongs to."""

    namespace: str
    name: str
    node: int


class KnownFact(NamedTuple):
    """The newest span of a fact."""

    valid_from: int
    value: bytes | None


class KnownStream(NamedTuple):
    """Where a stream of lineage statements stands.

    `settled` is the lineage that its complete statements have agreed on for every statement after `since`: while they
    go on saying the same, no edge changes but for `last_seen`, which is kept here.
    """

    settled: bytes | None
    declared: bool
    since: int
    last: tuple[int, int, bytes]
    last_seen: int


class Agreed:
    """Contents of which every claim is what holds now, with the time since when; empty as soon as any fact changes."""

    def __init__(self, size: int) -> None:
        self._since: Generations[tuple[bytes, int, int], float] = Generations(size)
        self.put, self.clear = self._since.put, self._since.clear

    def since(self, said: tuple[bytes, int, int]) -> float:
        found = self._since.get(said)
        return math.inf if found is None else found


class Cache:
    """One per store object. `version` is that of the store when the cache was last right."""

    def __init__(self, size: int = 400_000) -> None:
        self.version = -1
        self.contents: Generations[bytes, bool] = Generations(size // 4)
        self.lineages: Generations[bytes, bool] = Generations(size // 4)
        self.bodies: Generations[bytes, Lineage] = Generations(size // 40)
        self.quiet: Generations[tuple[bytes, bytes], int] = Generations(size // 4)
        self.entities: Generations[int, KnownEntity] = Generations(size // 2)
        self.columns: Generations[int, bool] = Generations(size)
        self.values: Generations[tuple[int, bytes], bool] = Generations(size)
        self.facts: Generations[tuple[int, str, int], KnownFact] = Generations(size)
        self.agreed = Agreed(size // 4)
        self.streams: Generations[tuple[int, int], KnownStream] = Generations(size // 4)
        self.producers: dict[int, str] = {}
        self.namespace_rules: int | None = None

    def clear(self) -> None:
        """Forget everything; the next transaction reads what it needs."""
        self.forget_changeable()
        for part in (self.contents, self.lineages, self.bodies, self.quiet, self.columns, self.values):
            part.clear()
        self.producers.clear()

    def forget_changeable(self) -> None:
        """Somebody else wrote: what is in the database once stays there, but newest values may be others now."""
        self.version = -1
        for part in (self.entities, self.facts, self.agreed, self.streams):
            part.clear()
        self.namespace_rules = None
