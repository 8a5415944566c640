"""Definitions of schemas in the three formats, and the eight modes by which a new one is held to those before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from tests.glue import avro, json_schema, protobuf


class Format(NamedTuple):
    """`breaks(reader, writer)` says why the one does not read what the other wrote."""

    parse: Callable[[str], Any]
    breaks: Callable[[Any, Any], Iterator[str]]


FORMATS = {
    "AVRO": Format(avro.parse, avro.breaks),
    "JSON": Format(json_schema.parse, json_schema.breaks),
    "PROTOBUF": Format(protobuf.parse, protobuf.breaks),
}


def problem(data_format: str, definition: str) -> str:
    """Why it is none of that format; empty when it is."""
    try:
        FORMATS[data_format].parse(definition)
    except (ValueError, RecursionError) as error:
        return str(error)[:5000] or "invalid"
    return ""


def same(data_format: str, one: str, other: str) -> bool:
    """White space and the order of members do not count in JSON."""
    if data_format == "PROTOBUF":
        return one.split() == other.split()
    return bool(json.loads(one) == json.loads(other))


def incompatible(data_format: str, mode: str, definition: str, before: Iterable[str]) -> list[str]:
    """Why a definition may not follow those `before`, the latest last."""
    kind, against = FORMATS[data_format], list(before)
    if mode in {"NONE", "DISABLED"} or not against:
        return []
    new = kind.parse(definition)
    problems = []
    for each in against if mode.endswith("_ALL") else against[-1:]:
        old = kind.parse(each)
        if mode.startswith(("BACKWARD", "FULL")):
            problems += list(kind.breaks(new, old))
        if mode.startswith(("FORWARD", "FULL")):
            problems += list(kind.breaks(old, new))
    return problems
