"""Documents that wait on disk to be told: as many as there are, in the memory of one page."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import orjson

_PAGE = 1 << 10
"""More than there are in any page."""
_QUICK = 1


class _Place(NamedTuple):
    start: int
    size: int


class Spill:
    """Pages of documents, each known by a number. The file has no name, so nothing is left of it whatever happens."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="catalog-crawl-")  # noqa: SIM115  closed with this
        self._places: list[_Place] = []

    def close(self) -> None:
        self._file.close()

    def add(self, documents: Sequence[tuple[Any, ...]]) -> range:
        """Their numbers."""
        packed = zlib.compress(orjson.dumps([tuple(each) for each in documents]), _QUICK)
        start = self._file.seek(0, 2)
        self._file.write(packed)
        self._places.append(_Place(start, len(packed)))
        first = (len(self._places) - 1) * _PAGE
        return range(first, first + len(documents))

    def read(self, numbers: Iterable[int]) -> Iterator[Any]:
        """In the order of their numbers."""
        for page, wanted in groupby(sorted(numbers), key=lambda number: number // _PAGE):
            documents = self._page(self._places[page])
            yield from (documents[number % _PAGE] for number in wanted)

    def _page(self, place: _Place) -> list[Any]:
        self._file.seek(place.start)
        documents: list[Any] = orjson.loads(zlib.decompress(self._file.read(place.size)))
        return documents
