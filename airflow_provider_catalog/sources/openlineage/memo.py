"""A memory of what was read before, bounded by the bytes it was read from."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """What `read` made of a document, for the documents used last. Any number of threads may ask."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._left = budget
        self._known: dict[bytes, tuple[T, int]] = {}
        self._lock = Lock()

    @staticmethod
    def key(document: bytes) -> bytes:
        return blake2b(document, digest_size=16).digest()

    def __call__(self, document: bytes, read: Callable[[], T]) -> T:
        key = self.key(document)
        found = self.get(key)
        if found is None:
            found = read()
            self.keep(key, found, len(document))
        return found

    def get(self, key: bytes) -> T | None:
        with self._lock:
            found = self._known.pop(key, None)
            if found is None:
                return None
            self._known[key] = found
            return found[0]

    def keep(self, key: bytes, value: T, size: int) -> None:
        if size > self._budget // 8:
            return
        with self._lock:
            self._left += self._known.pop(key, (value, 0))[1] - size
            self._known[key] = (value, size)
            while self._left < 0:
                self._left += self._known.pop(next(iter(self._known)))[1]
