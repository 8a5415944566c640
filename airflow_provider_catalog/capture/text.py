"""Text and values as they may leave a task: without secrets, in bounds, and nothing but JSON."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any

from airflow_provider_catalog.model.masking import MASK, mask_sql, mask_text, secret_name

_LIMIT, _ITEMS, _DEPTH = 4_000, 100, 4


def class_path(thing: Any) -> str:
    """How an operator or a hook is called."""
    return f"{type(thing).__module__}.{type(thing).__qualname__}"


def plain(text: Any) -> str:
    return mask_text(_redacted(str(text)))


def sql(text: str) -> str:
    return mask_sql(_redacted(text))


def _redacted(text: str) -> str:
    """By Airflow's own masker, which knows the passwords of the connections and Variables that the task has used."""
    try:
        from airflow.sdk._shared.secrets_masker import redact
    except ImportError:
        return text
    return str(redact(text))


def bounded(value: Any, depth: int = _DEPTH) -> Any:
    """A rendered field. What is no plain value is not looked into: who knows what its `__str__` does."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, str):
        return plain(value)[:_LIMIT]
    if depth and isinstance(value, dict):
        named = list(value.items())[:_ITEMS]
        return {str(key): MASK if secret_name(str(key)) else bounded(each, depth - 1) for key, each in named}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [bounded(each, depth - 1) for each in list(value)[:_ITEMS]]
    return f"<{type(value).__name__}>"


def micros(when: Any) -> int | None:
    """Since 1970, as records have all times."""
    return int(when.timestamp() * 1_000_000) if isinstance(when, datetime) else None
