"""Secrets in what people and machines write: SQL, code, errors, properties. Masked before anything is cut or stored.

Where it is not clear whether a value is a secret, it is masked. In SQL a secret becomes a literal again, so that the
query still parses, and a comparison of two columns is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeAlias, TypeVar

from airflow_provider_catalog.model import secrets
from airflow_provider_catalog.model.identity import strip_secrets

MASK = secrets.MASK
LIMIT = 262_144
"""Longer texts are cut there. Nobody reads on, and the patterns would."""

_SHORT = 4_000
_FEW_KEYS = 64
_BOOKKEEPING = ("_producer", "_schemaURL")

Mask: TypeAlias = Callable[[str], str]
S = TypeVar("S", str, tuple[str, ...])
T = TypeVar("T")


class _Memory(dict[S, T]):
    """What was made of the same few things that come again and again; long ones would fill the memory, and are nearly
    all different. Looked up without a call of ours: there are dozens in every event.
    """

    def __init__(self, make: Callable[[S], T], longest: int, count: int) -> None:
        self._make: Callable[[S], T] = make
        self._longest = longest
        self._count = count

    def __missing__(self, asked: S) -> T:
        made: T = self._make(asked)
        if len(asked) <= self._longest:
            if len(self) >= self._count:
                self.clear()
            self[asked] = made
        return made


def _remembered(longest: int, count: int = 4096) -> Callable[[Callable[[S], T]], Callable[[S], T]]:
    return lambda make: _Memory(make, longest, count).__getitem__


@_remembered(_SHORT)
def mask_text(text: str) -> str:
    """Errors, code, properties: anything that is no SQL."""
    return secrets.in_text(_head(text))


@_remembered(_SHORT)
def mask_prose(text: str) -> str:
    """What people wrote for people: "password: the user's choice" stays, "password = x1" does not."""
    return secrets.in_prose(_head(text))


@_remembered(_SHORT)
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


@_remembered(_SHORT)
def secret_name(name: str) -> bool:
    """Whether a property of that name holds a secret."""
    return secrets.NAME.search(name) is not None


def masked(value: Any, mask: Mask = mask_text) -> Any:
    """`value` with its secrets masked, whatever it is, and without OpenLineage's own bookkeeping."""
    kind = type(value)
    if kind is str:
        return mask(value)
    if kind is dict:
        return _masked_object(value, mask)
    if kind is list:
        return [masked(each, mask) for each in value]
    return Spelled(value) if kind is float and value and not 1e-4 <= abs(value) < 1e16 else value


def _masked_object(value: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """Objects come in few shapes: what their keys mean is looked up once for all of them."""
    shape = _shape(tuple(value))
    hidden = _hidden(value, shape)
    return {
        shown: MASK if key in hidden else mask(each) if type(each := value[key]) is str else masked(each, mask)
        for key, shown in shape.kept
    }


class Spelled(float):
    """A float that JSON writers spell in different ways; orjson leaves it to the standard library."""

    __slots__ = ()


class _Shape(NamedTuple):
    """The keys of an object: those that are kept and how they are shown, those of secrets, whether one is "value"."""

    kept: tuple[tuple[str, str], ...]
    secret: tuple[str, ...]
    named_value: bool


@_remembered(_FEW_KEYS, 1024)
def _shape(keys: tuple[str, ...]) -> _Shape:
    kept = tuple((key, mask_text(key)) for key in keys if key not in _BOOKKEEPING)
    return _Shape(kept, tuple(filter(secret_name, keys)), "value" in keys)


def _hidden(value: dict[str, Any], shape: _Shape) -> Collection[str]:
    """`{"password": "x"}` and `{"name": "password", "value": "x"}`. What is null or a flag is no secret."""
    hidden = shape.secret
    if shape.named_value:
        name = value.get("name", value.get("key"))
        if type(name) is str and secret_name(name):
            hidden = (*hidden, "value")
    return [key for key in hidden if value[key] is not None and type(value[key]) is not bool] if hidden else ()
