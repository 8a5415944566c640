"""Secrets in what people and machines write: SQL, code, errors, properties. Masked before anything is cut or stored.

Where it is not clear whether a value is a secret, it is masked. In SQL a secret becomes a literal again, so that the
query still parses, and a comparison of two columns is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from airflow_provider_catalog.model.identity import strip_secrets
from airflow_provider_catalog.sources import secrets

MASK = secrets.MASK
LIMIT = 262_144
"""Longer texts are cut there. Nobody reads on, and the patterns would."""

_BOOKKEEPING = ("_producer", "_schemaURL")

Mask: TypeAlias = Callable[[str], str]


@lru_cache(maxsize=8192)
def mask_text(text: str) -> str:
    """Errors, code, properties: anything that is no SQL."""
    return secrets.in_text(_head(text))


@lru_cache(maxsize=4096)
def mask_prose(text: str) -> str:
    """What people wrote for people: "password: the user's choice" stays, "password = x1" does not."""
    return secrets.in_prose(_head(text))


@lru_cache(maxsize=4096)
def mask_sql(text: str) -> str:
    """Literals that are secrets become '***'."""
    return secrets.in_sql(_head(text))


def mask_uri(text: str) -> str:
    return mask_text(strip_secrets(text))


def _head(text: str) -> str:
    """Cut between words: half a secret looks like none."""
    if len(text) <= LIMIT:
        return text
    *whole, _ = text[:LIMIT].rsplit(maxsplit=1)
    return f"{''.join(whole)} [truncated]"


@lru_cache(maxsize=8192)
def secret_name(name: str) -> bool:
    """Whether a property of that name holds a secret."""
    return secrets.NAME.search(name) is not None


def masked(value: Any, mask: Mask = mask_text) -> Any:
    """`value` with its secrets masked, whatever it is, and without OpenLineage's own bookkeeping."""
    kind = type(value)
    if kind is str:
        return mask(value)
    if kind is dict:
        hidden = _hidden(value)
        return {
            mask(key): MASK if key in hidden else masked(each, mask)
            for key, each in value.items()
            if key not in _BOOKKEEPING
        }
    if kind is list:
        return [masked(each, mask) for each in value]
    return Spelled(value) if kind is float and value and not 1e-4 <= abs(value) < 1e16 else value


class Spelled(float):
    """A float that JSON writers spell in different ways; orjson leaves it to the standard library."""

    __slots__ = ()


def _hidden(value: dict[str, Any]) -> set[str]:
    """`{"password": "x"}` and `{"name": "password", "value": "x"}`. What is null or a flag is no secret."""
    hidden = {key for key in value if secret_name(key)}
    if "value" in value:
        name = value.get("name", value.get("key"))
        if type(name) is str and secret_name(name):
            hidden.add("value")
    return {key for key in hidden if value[key] is not None and type(value[key]) is not bool} if hidden else hidden
