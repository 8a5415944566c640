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

    def __call__(self, document: bytes, read: Callable[[], T]) -> T:
        key = blake2b(document, digest_size=16).digest()
        with self._lock:
            found = self._known.pop(key, None)
            if found is not None:
                self._known[key] = found
                return found[0]
        value = read()
        self._keep(key, value, len(document))
        return value

    def _keep(self, key: bytes, value: T, size: int) -> None:
        if size > self._budget // 8:
            return
        with self._lock:
            self._left += self._known.pop(key, (value, 0))[1] - size
            self._known[key] = (value, size)
            while self._left < 0:
                self._left += self._known.pop(next(iter(self._known)))[1]
