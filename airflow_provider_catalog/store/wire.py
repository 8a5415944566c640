"""Values on the wire: what the calls of the protocol take and return as JSON, by their type hints alone.

Records, tuples and sets are arrays; a dictionary whose keys are no texts is a list of pairs; bytes are base64.
What is read comes from anybody: each value is of the type that the hint says, or a RejectedError tells where not.
"""

from __future__ import annotations

import binascii
import inspect
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import orjson

from airflow_provider_catalog.errors import RejectedError

_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_SHAPES = {dict: "an object", list: "a list", str: "a string", bool: "true or false", NoneType: "null"}


class Form(NamedTuple):
    """How values of one type are written and read; `read` is told where in the document they stand."""

    write: Callable[[Any], Any]
    read: Callable[[Any, str], Any]


def dumps(document: Any) -> bytes:
    """Half a surrogate pair is replaced: no store keeps it."""
    try:
        return orjson.dumps(document)
    except TypeError:
        document = _whole(document)
    try:
        return orjson.dumps(document)
    except TypeError as error:
        raise RejectedError(f"this cannot be sent: {error}") from None


def _whole(document: Any) -> Any:
    if isinstance(document, str):
        return document.encode("utf-8", "replace").decode()
    if isinstance(document, dict):
        return {_whole(key): _whole(value) for key, value in document.items()}
    return [_whole(each) for each in document] if isinstance(document, list | tuple) else document


def loads(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise RejectedError(f"not JSON: {error}") from None


@cache
def form(hint: Any) -> Form:
    """Of any type that the protocol names."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if make := _MAKERS.get(get_origin(hint)):
        return make(*get_args(hint))
    return _enum(hint) if issubclass(hint, Enum) else _record(hint)


def wrong(at: str, expected: str, found: Any) -> RejectedError:
    return RejectedError(f"{at or '/'}: expected {expected}, found {_SHAPES.get(type(found), 'a number')}")


# -- single values


def _number(value: Any, at: str) -> int:
    if type(value) is not int or not _LEAST <= value <= _MOST:
        raise wrong(at, "a whole number of 64 bits", value)
    return value


def _float(value: Any, at: str) -> float:
    if type(value) not in {int, float}:
        raise wrong(at, "a number", value)
    return float(value)


def _exactly(kind: type, expected: str) -> Callable[[Any, str], Any]:
    def read(value: Any, at: str) -> Any:
        if type(value) is not kind:
            raise wrong(at, expected, value)
        return value

    return read


mapping, sequence = _exactly(dict, "an object"), _exactly(list, "a list")
text = _exactly(str, "a string")


def _bytes(value: Any, at: str) -> bytes:
    try:
        return b64decode(text(value, at), validate=True)
    except (binascii.Error, ValueError):
        raise wrong(at, "base64", value) from None


def _same(value: Any) -> Any:
    return value


_PLAIN: dict[Any, Form] = {
    int: Form(_same, _number),
    float: Form(_same, _float),
    str: Form(_same, text),
    bool: Form(bool, _exactly(bool, "true or false")),
    NoneType: Form(_same, _exactly(NoneType, "null")),
    bytes: Form(lambda value: b64encode(value).decode(), _bytes),
    Any: Form(_same, lambda value, _: value),
}


def _enum(kind: type[Enum]) -> Form:
    known = {each.value: each for each in kind}

    def read(value: Any, at: str) -> Enum:
        if type(value) not in {int, str} or value not in known:
            raise wrong(at, f"one of {', '.join(map(str, known))}", value)
        return known[value]

    return Form(lambda each: each.value, read)


def _literal(*known: str) -> Form:
    def read(value: Any, at: str) -> str:
        if value not in known:
            raise wrong(at, f"one of {', '.join(known)}", value)
        return str(value)

    return Form(_same, read)


def _union(*hints: Any) -> Form:
    """A type or nothing. Of more types than that are only the values of JSON itself."""
    inner = [hint for hint in hints if hint is not NoneType]
    if len(inner) > 1:
        return _PLAIN[Any]
    each = form(inner[0])
    return Form(
        lambda value: None if value is None else each.write(value),
        lambda value, at: None if value is None else each.read(value, at),
    )


# -- values of values


def _many(make: Callable[[Iterable[Any]], Any]) -> Callable[[Any], Form]:
    return lambda inner: _listed(form(inner), make)


def _listed(each: Form, make: Callable[[Iterable[Any]], Any]) -> Form:
    return Form(
        lambda values: [each.write(value) for value in values],
        lambda value, at: make(each.read(item, f"{at}/{i}") for i, item in enumerate(sequence(value, at))),
    )


def _tuple(*inner: Any) -> Form:
    forms = [form(hint) for hint in inner]
    return _array(forms, lambda parts: parts, tuple, len(forms))


def _record(kind: Any) -> Form:
    """A NamedTuple or a dataclass. Fields at its end that have defaults may be missing: the other side may be older."""
    hints = get_type_hints(kind)
    parameters = inspect.signature(kind).parameters
    needed = sum(parameter.default is parameter.empty for parameter in parameters.values())

    def parts(record: Any) -> list[Any]:
        return [getattr(record, name) for name in parameters]

    return _array([form(hints[name]) for name in parameters], parts, lambda values: kind(*values), needed)


def _array(
    forms: Sequence[Form], parts: Callable[[Any], Iterable[Any]], make: Callable[[Iterable[Any]], Any], needed: int
) -> Form:
    def read(value: Any, at: str) -> Any:
        if not needed <= len(sequence(value, at)) <= len(forms):
            raise RejectedError(f"{at or '/'}: expected {len(forms)} items, found {len(value)}")
        return make(each.read(item, f"{at}/{i}") for i, (each, item) in enumerate(zip(forms, value, strict=False)))

    return Form(lambda value: [each.write(part) for each, part in zip(forms, parts(value), strict=True)], read)


def _dict(key: Any, value: Any) -> Form:
    if key is not str:
        pairs = _listed(_tuple(key, value), dict)
        return Form(lambda found: pairs.write(found.items()), pairs.read)
    each = form(value)
    return Form(
        lambda found: {name: each.write(item) for name, item in found.items()},
        lambda found, at: {name: each.read(item, f"{at}/{name}") for name, item in mapping(found, at).items()},
    )


_MAKERS: dict[Any, Callable[..., Form]] = {
    Union: _union,
    UnionType: _union,
    Literal: _literal,
    tuple: _tuple,
    dict: _dict,
    set: _many(set),
    **dict.fromkeys((list, Collection, Sequence), _many(list)),
}
