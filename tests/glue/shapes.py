"""Made-up values of any shape of the model, for hypothesis: each member may be there or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
_PLAIN = st.characters(codec="ascii", categories=("Ll", "Nd"))


def made_up(shape: Shape) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        members = {name: made_up(member) for name, member in shape.members.items()}
        required = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(required, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(made_up(shape.member), min_size=shape.metadata.get("min", 0), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(made_up(shape.key), made_up(shape.value), max_size=3)
    if shape.type_name == "string":
        return _text(shape)
    return _SCALARS[shape.type_name](shape)


def _text(shape: Shape) -> st.SearchStrategy[str]:
    if options := getattr(shape, "enum", None):
        return st.sampled_from(options)
    pattern, least = shape.metadata.get("pattern", ""), shape.metadata.get("min", 0)
    if shape.name in _KNOWN:
        return st.just(_KNOWN[shape.name])
    letters = _LETTERS if "uD7FF" in pattern or not pattern else _PLAIN
    return st.text(letters, min_size=least, max_size=least + 8)


_KNOWN = {
    "GlueResourceArn": "arn:aws:glue:eu-west-1:111122223333:schema/r/s",
    "SchemaVersionIdString": "00000000-0000-0000-0000-000000000000",
    "NameString": "Name",
}


def _integer(shape: Shape) -> st.SearchStrategy[int]:
    return st.integers(shape.metadata.get("min", -9), shape.metadata.get("max", 9))


_SCALARS: dict[str, Callable[[Shape], st.SearchStrategy[Any]]] = {
    "integer": _integer,
    "long": _integer,
    "double": lambda shape: st.floats(0, 1),
    "boolean": lambda shape: st.booleans(),
    "timestamp": lambda shape: st.integers(0, 2_000_000_000),
}
