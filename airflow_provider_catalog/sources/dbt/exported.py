"""What the macros of our dbt package left in a table or a log, put together to documents again.

They number the documents of an invocation from 1 to `parts`, and cut one that is longer than a row or line may be into
`pieces` (`dbt_macros/macros/transports/airflow_catalog_rows.sql` has the format). A document comes as soon as its last
piece is there; what has no end, is damaged or of another format is passed over: the other documents are whole without
it. Nothing is remembered beyond the last document, but the pieces of those that are not whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from airflow_provider_catalog.model.dbt import FORMAT, MARKER, Document

TABLE = "airflow_catalog_export"
COLUMNS = ("format", "invocation_id", "part", "parts", "piece", "pieces", "created_at", "payload")

_PREFIX = f"{MARKER}: {{"
_LONGEST = 16_000_000
"""Characters of one document: what is larger is not of our macros, which cut by nodes."""
_DEEP = 4
"""A line of dbt's in JSON, in a line of Airflow's in JSON, and once more by whoever collects them."""


class Piece(NamedTuple):
    """A row of the table, or a line of the log."""

    invocation_id: str
    part: int
    piece: int
    pieces: int
    payload: str


def documents_of_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """In the order in which they become whole. Rows may come in any, and twice; databases may change their case."""
    return _documents(each for row in rows if (each := _piece(row)))


def documents_of_log(lines: Iterable[str]) -> Iterator[Document]:
    """Of lines as dbt wrote them, in text or in JSON, and as Airflow wrote them again, with colours and other lines."""
    return _documents(each for line in lines for stated in _stated(line, _DEEP) if (each := _piece(stated)))


def _documents(pieces: Iterable[Piece]) -> Iterator[Document]:
    waiting: dict[tuple[str, int], dict[int, str]] = {}
    done: set[tuple[str, int]] = set()
    for each in pieces:
        key = (each.invocation_id, each.part)
        found = waiting.setdefault(key, {})
        if key not in done and sum(map(len, found.values())) + len(each.payload) <= _LONGEST:
            found[each.piece] = each.payload
        if key not in done and all(number in found for number in range(1, each.pieces + 1)):
            done.add(key)
            document = _document("".join(found[number] for number in range(1, each.pieces + 1)))
            if document is not None:
                yield document
        if key in done:
            del waiting[key]


def _document(text: str) -> Document | None:
    try:
        found = json.loads(text.replace("^", "\\"))
    except ValueError:
        return None
    return cast("Document", found) if isinstance(found, dict) and found.get("format") == FORMAT else None


def _piece(stated: Mapping[Any, Any]) -> Piece | None:
    row = {str(key).lower(): value for key, value in stated.items()}
    invocation_id, payload = row.get("invocation_id"), row.get("payload")
    part, piece, pieces = (_number(row.get(key)) for key in ("part", "piece", "pieces"))
    if not isinstance(invocation_id, str) or not isinstance(payload, str) or _number(row.get("format")) != FORMAT:
        return None
    return Piece(invocation_id, part, piece, pieces, payload) if part > 0 and 0 < piece <= pieces else None


def _number(value: Any) -> int:
    """Some databases give whole numbers as Decimal."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _stated(text: str, deep: int) -> Iterator[Mapping[str, Any]]:
    """What our lines say that are in a text, however it was wrapped: dbt's JSON has each twice."""
    if MARKER not in text or deep == 0:
        return
    found = _object(text, text.find(_PREFIX) + len(_PREFIX) - 1) if _PREFIX in text else None
    if found is not None:
        yield found
    elif (wrapping := _object(text, text.find('{"'))) is not None:
        for inner in _strings(wrapping):
            yield from _stated(inner, deep - 1)


def _object(text: str, start: int) -> dict[str, Any] | None:
    """That begins there, whatever follows it."""
    try:
        found, _ = json.JSONDecoder().raw_decode(text, max(start, 0))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)
