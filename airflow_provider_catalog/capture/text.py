"""Text and values as they may leave a task: without secrets, in bounds, and nothing but JSON."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any, TypeVar

from airflow_provider_catalog.model.masking import MASK, mask_sql, mask_text, secret_name

_LIMIT, _ITEMS, _DEPTH = 4_000, 100, 4
_NAMES, _VALUES = ("name", "key", "Name", "Key"), ("value", "Value")
"""Of an object that is one named value."""
S = TypeVar("S", str, list[Any])


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


def bounded(value: Any) -> Any:
    """A rendered field. What is no plain value is not looked into: who knows what its `__str__` does."""
    return Bounds(_LIMIT, _ITEMS, _DEPTH).of(value)


class Bounds:
    """How much of a value is kept. `exceeded`: whether any had more."""

    def __init__(self, limit: int, items: int, depth: int) -> None:
        self._limit, self._items, self._depth = limit, items, depth
        self.exceeded = False

    def of(self, value: Any) -> Any:
        return self._of(value, self._depth)

    def _of(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return value if isfinite(value) else str(value)
        if isinstance(value, str):
            return self._first(plain(value), self._limit)
        if isinstance(value, dict | list | tuple | set | frozenset):
            return self._inner(value, depth - 1) if depth else self._over(value)
        return f"<{type(value).__name__}>"

    def _inner(self, value: Any, depth: int) -> Any:
        kept = self._first(list(value), self._items)
        if not isinstance(value, dict):
            return _without_secrets([self._of(each, depth) for each in kept])
        pair = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
        hidden = {*_VALUES} if secret_name(pair) else set()
        return {
            str(key): MASK if key in hidden or secret_name(str(key)) else self._of(value[key], depth) for key in kept
        }

    def _first(self, value: S, limit: int) -> S:
        self.exceeded = self.exceeded or len(value) > limit
        return value[:limit]

    def _over(self, value: Any) -> str:
        self.exceeded = True
        return f"<{type(value).__name__}>"


def _without_secrets(items: list[Any]) -> list[Any]:
    """Of arguments as on a command line: the text after `--password`."""
    hidden = {at for at, each in enumerate(items, 1) if isinstance(each, str) and _is_secret_flag(each)}
    return [
        MASK if at in hidden and isinstance(each, str) and not each.startswith("--") else each
        for at, each in enumerate(items)
    ]


def _is_secret_flag(text: str) -> bool:
    return text.startswith("-") and "=" not in text and secret_name(text)


def micros(when: Any) -> int | None:
    """Since 1970, as records have all times."""
    return int(when.timestamp() * 1_000_000) if isinstance(when, datetime) else None
