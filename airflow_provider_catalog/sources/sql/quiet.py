"""What sqlglot does not support it logs; we say so in the answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    _filter_once()
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@cache
def _filter_once() -> None:
    """It keeps quiet only while we read: others in this process may want to hear it."""
    logging.getLogger("sqlglot").addFilter(lambda _: not _reading.get())
