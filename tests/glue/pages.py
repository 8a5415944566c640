"""Answers in pages: at most so many at a time, and an opaque token for what comes after.

A token holds the last name that was shown, so nothing is told twice or left out while others write. It belongs to the
request it was made for, as AWS's does.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, TypeVar

from tests.glue.model import Document
from tests.glue.refusals import invalid
from tests.glue.shelf import Shelf
from tests.glue.state import State

Thing = TypeVar("Thing")
Wanted: TypeAlias = Callable[[Thing], bool]


class Page(NamedTuple):
    """`token` is what to put into the answer: nothing when this was the last page."""

    items: list[Any]
    token: dict[str, str]


def read(
    state: State, request: Document, shelf: Shelf[Any, Thing], most: int, wanted: Wanted[Thing] = lambda thing: True
) -> Page:
    """The next page of what is wanted. One more is looked for, so that no page after it is empty."""
    size = min(request.get("MaxResults") or most, most, state.limits.page)
    items: list[Thing] = []
    last = _opened(request)
    for key in shelf.after(last):
        thing = shelf[key]
        if not wanted(thing):
            continue
        if len(items) == size:
            return Page(items, {"NextToken": _sealed(request, last)})
        items.append(thing)
        last = key
    return Page(items, {})


def _sealed(request: Document, last: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([_fingerprint(request), last]).encode()).decode()


def _opened(request: Document) -> Any:
    token = request.get("NextToken")
    if not token:
        return None
    try:
        fingerprint, last = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error) as error:
        raise invalid("Invalid pagination token.") from error
    if fingerprint != _fingerprint(request):
        raise invalid("The pagination token belongs to another request.")
    return tuple(last) if isinstance(last, list) else last


def _fingerprint(request: Document) -> int:
    rest = {name: value for name, value in request.items() if name not in {"NextToken", "MaxResults"}}
    return zlib.crc32(json.dumps(rest, sort_keys=True).encode())
