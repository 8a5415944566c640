"""A dump as a stream of lines of JSON: the name of a table, then its rows, and so on; the last line is null.

Without that line a connection that was cut would pass for a store with less in it. Bytes are {"bytes": base64}.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

import orjson

from airflow_provider_catalog.errors import StoreUnavailable

Row: TypeAlias = tuple[Any, ...]
MEDIA_TYPE = "application/x-ndjson"
_END = b"null\n"
_LINES = 500


def written(tables: Iterable[tuple[str, Iterable[Row]]]) -> Iterator[bytes]:
    """Some hundred lines at a time."""
    lines = _lines(tables)
    while some := b"".join(islice(lines, _LINES)):
        yield some


def _lines(tables: Iterable[tuple[str, Iterable[Row]]]) -> Iterator[bytes]:
    for name, rows in tables:
        yield orjson.dumps(name, option=orjson.OPT_APPEND_NEWLINE)
        for row in rows:
            yield orjson.dumps(row, default=_marked, option=orjson.OPT_APPEND_NEWLINE)
    yield _END


def _marked(value: Any) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypeError(f"a dump holds no {type(value).__name__}")
    return {"bytes": b64encode(value).decode()}


class Tables:
    """What `written` wrote: each table's name with its rows. Rows left unread are passed over."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = _divided(chunks)
        self._ahead: Any = None

    def __iter__(self) -> Iterator[tuple[str, Iterable[Row]]]:
        self._ahead = self._next()
        while self._ahead is not None:
            rows = self._rows()
            yield self._ahead, rows
            for _ in rows:
                pass

    def _rows(self) -> Iterator[Row]:
        while isinstance(line := self._next(), list):
            yield tuple(b64decode(value["bytes"]) if type(value) is dict else value for value in line)
        self._ahead = line

    def _next(self) -> Any:
        line = next(self._lines, None)
        if line is None:
            raise StoreUnavailable("the dump of the store was cut off: try again")
        return orjson.loads(line)


def _divided(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Only at line feeds: a text may hold what else ends a line."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
