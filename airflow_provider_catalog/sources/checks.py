"""What a source expects of a document, and where it did not find it."""

from __future__ import annotations

import re
from typing import Any

import orjson

from airflow_provider_catalog.errors import RejectedError

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_SHAPES = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}

NAME_BYTES = 2_000
"""No database indexes longer texts, and nobody names anything so."""


def load(payload: bytes) -> Any:
    """The JSON value of a payload. NUL has no place in any database's text, so it is dropped."""
    try:
        return orjson.loads(_NUL.sub(rb"\1", payload) if b"\\u0000" in payload else payload)
    except orjson.JSONDecodeError as error:
        raise RejectedError(f"not JSON: {error}") from error


def shape(value: Any) -> str:
    """What JSON calls it."""
    if value is None:
        return "null"
    return _SHAPES.get(type(value), "a number")


def mapping(value: Any, path: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise RejectedError(f"{path or '/'}: expected an object, found {shape(value)}")
    return value


def sequence(value: Any, path: str) -> list[Any]:
    """None is an empty list: serialisers write one for the other."""
    if value is None:
        return []
    if type(value) is not list:
        raise RejectedError(f"{path or '/'}: expected a list, found {shape(value)}")
    return value


def text(value: Any, path: str, *, empty: bool = False) -> str:
    """A text that names something."""
    if type(value) is not str:
        raise RejectedError(f"{path}: expected a string, found {shape(value)}")
    if not value and not empty:
        raise RejectedError(f"{path}: expected a string, found an empty one")
    if len(value) * 4 > NAME_BYTES and len(value.encode()) > NAME_BYTES:
        raise RejectedError(f"{path}: a name of {len(value.encode())} bytes; {NAME_BYTES} is the limit")
    return value
