"""JSON of anybody's making, read as what it should be: what is something else says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    return [each for each in listed(value) if isinstance(each, str)]


def some(stated: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """What these keys say, where they say anything."""
    return {key: stated[key] for key in keys if stated.get(key) not in (None, "", [], {})}
