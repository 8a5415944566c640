"""Glue's service model, as the installed botocore has it: what a table is made of, and how long each thing may be.

Derived and not written down, so that a member AWS adds tomorrow is carried through by an update of botocore alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

_Leaf: TypeAlias = Callable[[str, Any], Any]


@cache
def _service() -> Any:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("glue", "service-2"), "glue")


@cache
def shape(name: str) -> Any:
    return _service().shape_for(name)


@cache
def longest(name: str) -> int:
    """How many a text of this shape may have, which AWS counts in bytes of UTF-8."""
    return int(shape(name).metadata["max"])


def _as_it_is(_kind: str, value: Any) -> Any:
    return value


def within(name: str, value: Any, leaf: _Leaf = _as_it_is) -> Any:
    """Of a value what the shape has room for. All of it is new but its leaves: `leaf` makes them, of kind and value."""
    return _within(shape(name), value, leaf)


def _within(of: Any, value: Any, leaf: _Leaf) -> Any:
    if of.type_name == "structure" and isinstance(value, Mapping):
        members = of.members
        return {name: _within(members[name], each, leaf) for name, each in value.items() if name in members}
    if of.type_name == "list" and isinstance(value, list | tuple):
        return [_within(of.member, each, leaf) for each in value]
    if of.type_name == "map" and isinstance(value, Mapping):
        return {key: _within(of.value, each, leaf) for key, each in value.items()}
    return leaf(of.type_name, value)
