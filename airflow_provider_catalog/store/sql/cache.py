"""What the writer knows to be in the database, so that what did not change costs no query.

Filled while a transaction runs and thrown away whole when it fails; checked against the store's version at the start of
each one, since another process may have written in between.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from typing import Generic, NamedTuple, TypeVar

from airflow_provider_catalog.model.statement import Lineage

NEVER = -math.inf
K = TypeVar("K")
V = TypeVar("V")


class Generations(Generic[K, V]):
    """A bounded map that forgets what was not asked for lately: two dicts, the older one dropped when the newer is
    full. `weigh` says how much of the size a value takes, where that is not one.
    """

    __slots__ = ("_half", "_old", "_used", "_weigh", "_young")

    def __init__(self, size: int, weigh: Callable[[V], int] | None = None) -> None:
        self._half = max(size // 2, 1)
        self._weigh = weigh
        self._used = 0
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
        if (len(self._young) if self._weigh is None else self._used) >= self._half:
            self._old, self._young, self._used = self._young, {}, 0
        if self._weigh is not None:
            self._used += self._weigh(value)
        self._young[key] = value

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    def clear(self) -> None:
        self._young.clear()
        self._old.clear()
        self._used = 0


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


class Agreement(NamedTuple):
    """Every claim of a content is what holds now, since a time; so it was after so many changes."""

    since: float
    changes: int
    subjects: tuple[int, ...]


class Agreed:
    """Contents of which every claim is what holds now. A fact that changes ends this for all who speak of its
    subject.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: Generations[tuple[bytes, int, int], Agreement] = Generations(size)
        self._changes = 0
        self._changed: dict[int, int] = {}

    def since(self, said: tuple[bytes, int, int]) -> float:
        """Infinity when it is not known to agree."""
        found = self._known.get(said)
        if found is None or any(self._changed.get(subject, 0) > found.changes for subject in found.subjects):
            return math.inf
        return found.since

    def knows(self, said: tuple[bytes, int, int]) -> bool:
        return self.since(said) < math.inf

    def put(self, said: tuple[bytes, int, int], since: float, subjects: Collection[int]) -> None:
        self._known.put(said, Agreement(since, self._changes, tuple(subjects)))

    def change(self, subjects: Iterable[int]) -> None:
        if len(self._changed) > self._size:
            self.clear()
        self._changes += 1
        self._changed.update(dict.fromkeys(subjects, self._changes))

    def clear(self) -> None:
        self._known.clear()
        self._changed.clear()


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
