"""What botocore's model of Glue allows, asked of every request before it is carried out, in AWS's words.

botocore itself looks at no maximum, no pattern and no enumeration before it sends. Lengths of texts are counted in
bytes of UTF-8, as the documentation of the API states them. A member that no shape has is refused, which AWS does not
do: what is misspelt would be lost without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from tests.glue.refusals import Refused
from tests.glue.scalars import Scalar

Document: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[Any, ...]
Check: TypeAlias = Callable[[Any, Path, list[str]], None]

_OF_REGISTRIES = re.compile(r"Registr|Schema")
"""They validate for themselves, under another code."""
_PATHS = {"TableInput": "table"}
"""AWS names it so in its answers."""


@cache
def service() -> ServiceModel:
    return botocore.session.get_session().get_service_model("glue")


@cache
def operations() -> frozenset[str]:
    return frozenset(service().operation_names)


@cache
def check(operation: str) -> Check:
    """Of a request to the operation."""
    return _checked(service().operation_model(operation).input_shape)


def validate(operation: str, request: Any) -> None:
    """Refuse what the model does not allow, all of it in one answer."""
    problems: list[str] = []
    check(operation)(request, (), problems)
    if problems:
        said = "1 validation error" if len(problems) == 1 else f"{len(problems)} validation errors"
        code = "InvalidInputException" if _OF_REGISTRIES.search(operation) else "ValidationException"
        raise Refused(code, f"{said} detected: {'; '.join(problems)}")


def mistakes(shape: Shape | None, answer: Any) -> list[str]:
    """What is wrong with something of ours; for answers, and for what tests put in by hand."""
    problems: list[str] = []
    try:
        _checked(shape)(answer, (), problems)
    except Refused as refused:
        problems.append(refused.message)
    return problems


class _Member(NamedTuple):
    check: Check
    path: str


def _checked(shape: Shape | None) -> Check:
    return _by_name(shape.name) if shape else _structure_of({}, frozenset())


@cache
def _by_name(name: str) -> Check:
    shape = service().shape_for(name)
    if isinstance(shape, StructureShape):
        return _structure(shape)
    if isinstance(shape, ListShape):
        return _list(shape)
    if isinstance(shape, MapShape):
        return _map(shape)
    return _scalar(Scalar(shape))


def _later(shape: Shape) -> Check:
    """Shapes hold themselves: what is inside is made when it is first needed."""
    if shape.type_name not in {"structure", "list", "map"}:
        return _by_name(shape.name)

    def later(value: Any, path: Path, problems: list[str]) -> None:
        _by_name(shape.name)(value, path, problems)

    return later


def _structure(shape: StructureShape) -> Check:
    if getattr(shape, "is_document_type", False):
        return lambda value, path, problems: None
    members = {name: _Member(_later(member), _named(name)) for name, member in shape.members.items()}
    return _structure_of(members, frozenset(shape.required_members))


def _structure_of(members: dict[str, _Member], required: frozenset[str]) -> Check:
    def structure(value: Any, path: Path, problems: list[str]) -> None:
        if type(value) is not dict:
            raise _malformed(value, "structure")
        for name, each in value.items():
            if each is None:
                continue
            member = members.get(name)
            if member is None:
                problems.append(_problem(each, (*path, name), "Member is not known"))
            else:
                member.check(each, (*path, member.path), problems)
        if missing := [name for name in required if value.get(name) is None]:
            problems.extend(_missing((*path, _named(name))) for name in missing)

    return structure


def _list(shape: ListShape) -> Check:
    inside = _later(shape.member)
    scalar = Scalar(shape.member) if shape.member.type_name == "string" else None
    sized = Scalar(shape)

    def items(value: Any, path: Path, problems: list[str]) -> None:
        if type(value) is not list:
            raise _malformed(value, "list")
        problems.extend(_problem(value, path, each) for each in sized.outside(len(value)))
        if scalar is not None:
            if any(scalar.violated(each) for each in value):
                problems.append(_problem(value, path, f"Member must satisfy constraint: [{scalar}]"))
            return
        for number, each in enumerate(value, 1):
            inside(each, (*path, number, "member"), problems)

    return items


def _map(shape: MapShape) -> Check:
    inside, keys, sized = _later(shape.value), Scalar(shape.key), Scalar(shape)
    scalar = Scalar(shape.value) if shape.value.type_name == "string" else None

    def mapping(value: Any, path: Path, problems: list[str]) -> None:
        if type(value) is not dict:
            raise _malformed(value, "map")
        problems.extend(_problem(value, path, each) for each in sized.outside(len(value)))
        if any(keys.violated(key) for key in value):
            problems.append(_problem(value, path, f"Map keys must satisfy constraint: [{keys}]"))
        if scalar is not None:
            if any(scalar.violated(each) for each in value.values()):
                problems.append(_problem(value, path, f"Map value must satisfy constraint: [{scalar}]"))
            return
        for key, each in value.items():
            inside(each, (*path, key, "member"), problems)

    return mapping


def _scalar(scalar: Scalar) -> Check:
    def one(value: Any, path: Path, problems: list[str]) -> None:
        if violated := scalar.violated(value):
            problems.extend(_problem(value, path, each) for each in violated)

    return one


_FAILED = "failed to satisfy constraint:"


def _problem(value: Any, path: Path, constraint: str) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"Value '{shown}' at '{_shown(path)}' {_FAILED} {constraint}"


def _missing(path: Path) -> str:
    return f"Value null at '{_shown(path)}' {_FAILED} Member must not be null"


def _named(name: str) -> str:
    return _PATHS.get(name, name[:1].lower() + name[1:])


def _shown(path: Path) -> str:
    return ".".join(map(str, path))


def _malformed(value: Any, wanted: str) -> Refused:
    found = "structure or map" if isinstance(value, dict) else "list" if isinstance(value, list) else ""
    said = f"Start of {found} found where not expected." if found else f"Expected a {wanted}, found a scalar."
    return Refused("SerializationException", said)
