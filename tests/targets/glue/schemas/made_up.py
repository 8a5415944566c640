"""Made-up definitions in the three formats, each with what it might become: most of it stays, some of it changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

Draw = st.DrawFn
_NAMES = ("id", "amount", "note", "home")
_PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_LIMITS = ("maximum", "minimum", "maxLength", "minLength", "maxItems", "minItems", "exclusiveMaximum")
_WIRED = ("int32", "int64", "uint32", "bool", "sint32", "sint64", "string", "bytes", "double", "float", "fixed32")
_LABELS = st.sampled_from(["optional", "optional", "optional", "repeated", "required"])
_SOME = st.lists(st.sampled_from(_NAMES), unique=True)
_FEW = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4, unique=True)
_DEFAULTS = st.sampled_from([{}, {}, {"default": None}])
_CLOSED = st.sampled_from([{}, {}, {"additionalProperties": False}])
_COINS, _DICE, _SMALL = st.booleans(), st.integers(0, 9), st.integers(0, 3)
_OF_LIMITS, _OF_WIRED, _WHOLE = (
    st.sampled_from(_LIMITS),
    st.sampled_from(_WIRED),
    st.sampled_from(["int", "long", "double"]),
)
_CHANGES = st.sampled_from([*["same"] * 6, "drop", "add", "other", "inside", "inside"])


def avro() -> st.SearchStrategy[tuple[str, str]]:
    return _avro_pairs().map(lambda pair: (json.dumps(_named(pair[0], "order")), json.dumps(_named(pair[1], "order"))))


def json_schema() -> st.SearchStrategy[tuple[str, str]]:
    return _json_pairs().map(lambda pair: (json.dumps(pair[0]), json.dumps(pair[1])))


def protobuf() -> st.SearchStrategy[tuple[str, str]]:
    return _proto_pairs().map(lambda pair: (_proto_text(pair[0]), _proto_text(pair[1])))


# -- Avro: a shape has no names but those of fields; what needs one is called after its place


@st.composite
def _avro_pairs(draw: Draw) -> tuple[Any, Any]:
    before = draw(_records(2))
    return before, draw(_edited(before, 2))


@cache
@st.composite
def _records(draw: Draw, depth: int) -> dict[str, Any]:
    names = draw(_FEW)
    return {"type": "record", "fields": [draw(_fields(name, depth)) for name in names]}


@cache
@st.composite
def _fields(draw: Draw, name: str, depth: int) -> dict[str, Any]:
    field = {"name": name, "type": draw(_types(depth))}
    return field | draw(_DEFAULTS)


@cache
def _types(depth: int) -> st.SearchStrategy[Any]:
    plain = st.sampled_from(_PRIMITIVES)
    enums = st.fixed_dictionaries(
        {"type": st.just("enum"), "symbols": st.lists(st.sampled_from("ABC"), min_size=1, unique=True)}
    )
    fixed = st.fixed_dictionaries({"type": st.just("fixed"), "size": st.integers(1, 2)})
    kinds = [plain, plain, enums, enums.map(lambda each: {**each, "default": each["symbols"][0]}), fixed]
    if depth:
        inner = _types(depth - 1)
        kinds += [inner.map(lambda each: {"type": "array", "items": each}), _records(depth - 1), _unions(depth - 1)]
        kinds += [inner.map(lambda each: {"type": "map", "values": each}), st.just("order")]
    return st.one_of(kinds)


@cache
def _unions(depth: int) -> st.SearchStrategy[list[Any]]:
    of_names = [st.just(None), _records(depth)] if depth else [st.just(None)]
    plain = st.lists(st.sampled_from(_PRIMITIVES), min_size=1, max_size=3, unique=True)
    return st.tuples(plain, st.one_of(of_names)).map(lambda pair: [*pair[0], *filter(None, pair[1:])])


@st.composite
def _edited(draw: Draw, shape: Any, depth: int) -> Any:
    if isinstance(shape, dict) and shape["type"] == "record":
        return {**shape, "fields": draw(_edited_fields(shape["fields"], depth))}
    if isinstance(shape, dict) and shape["type"] == "array":
        return {**shape, "items": draw(_edited(shape["items"], depth - 1))}
    if isinstance(shape, list):
        return shape[::-1] if draw(_COINS) else shape[:-1] or shape
    if shape == "int":
        return draw(_WHOLE)
    return shape if draw(_COINS) else draw(_types(max(0, depth - 1)))


@st.composite
def _edited_fields(draw: Draw, fields: list[dict[str, Any]], depth: int) -> list[dict[str, Any]]:
    found = []
    for field in fields:
        change = draw(_CHANGES)
        if change in ("same", "add"):
            found.append(field)
        elif change == "inside":
            found.append({**field, "type": draw(_edited(field["type"], depth - 1))})
        elif change == "other":
            found.append({**field, "name": f"{field['name']}s", "aliases": [field["name"]]})
        if change == "add":
            found.append({**draw(_fields("new", 0)), "name": f"new_{field['name']}"})
    return found


def _named(shape: Any, place: str) -> Any:
    if isinstance(shape, list):
        return [_named(each, f"{place}_u{i if isinstance(each, dict) else ''}") for i, each in enumerate(shape)]
    if not isinstance(shape, dict):
        return shape
    inside = {key: _named(shape[key], place) for key in ("items", "values") if key in shape}
    if shape["type"] == "record":
        fields = [{**each, "type": _named(each["type"], f"{place}_{each['name']}")} for each in shape["fields"]]
        return {**shape, "name": place, "fields": fields}
    return {**shape, **inside} if inside else {**shape, "name": place}


# -- JSON Schema


@st.composite
def _json_pairs(draw: Draw) -> tuple[Any, Any]:
    before = draw(_objects(2))
    return before, draw(_edited_json(before, 2))


@cache
def _places(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    types = st.sampled_from(["string", "integer", "number", "boolean", "null", ["string", "null"], ["integer", "null"]])
    typed: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"type": types}, optional={each: st.integers(0, 3) for each in _LIMITS} | {"description": st.text(max_size=3)}
    )
    values = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True)
    listed: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"enum": values}, optional={"type": st.just("string")}
    )
    odd: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [{}, {"type": "string", "pattern": "^a"}, {"oneOf": [{"type": "string"}]}]
    )
    kinds = [typed, typed, listed, odd]
    if depth:
        arrays = _places(depth - 1).map(lambda each: {"type": "array", "items": each})
        kinds += [_objects(depth - 1), arrays]
    return st.one_of(kinds)


@cache
@st.composite
def _objects(draw: Draw, depth: int) -> dict[str, Any]:
    properties = {name: draw(_places(depth)) for name in draw(_FEW)}
    required = [name for name in draw(_SOME) if name in properties]
    return {"type": "object", "properties": properties, "required": required, **draw(_CLOSED)}


@st.composite
def _edited_json(draw: Draw, schema: Any, depth: int) -> Any:
    if schema.get("type") == "array":
        return {**schema, "items": draw(_edited_json(schema["items"], depth - 1))}
    if schema.get("type") != "object":
        return draw(_places(max(0, depth - 1))) if draw(_COINS) else draw(_narrowed(schema))
    properties = dict(schema["properties"])
    for name in schema["properties"]:
        change = draw(_CHANGES)
        if change == "drop":
            del properties[name]
        elif change == "inside":
            properties[name] = draw(_edited_json(properties[name], depth - 1))
        elif change == "add":
            properties[f"new_{name}"] = draw(_places(0))
    required = schema["required"] if draw(_COINS) else draw(_SOME)
    return {**schema, "properties": properties, "required": required}


@st.composite
def _narrowed(draw: Draw, schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return {**schema, "enum": schema["enum"][:1]}
    return {**schema, draw(_OF_LIMITS): draw(_SMALL)}


def documents(schema: Any) -> st.SearchStrategy[Any]:
    """What may be one of a schema: most are."""
    if not isinstance(schema, dict) or "type" not in schema:
        return st.sampled_from([*schema.get("enum", ()), None, 1, "a", {}, []])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([_DOCUMENTS[each](schema) for each in types])


@st.composite
def _object(draw: Draw, schema: Any) -> dict[str, Any]:
    there = {name: each for name, each in schema["properties"].items() if name in schema["required"] or draw(_COINS)}
    others = {} if "additionalProperties" in schema else draw(_OTHERS)
    return {**others, **{name: draw(documents(each)) for name, each in there.items()}}


_OTHERS = st.dictionaries(st.sampled_from(["other", *_NAMES, "new_id"]), st.sampled_from([1, "a", None]), max_size=1)
_DOCUMENTS: dict[str, Callable[[Any], st.SearchStrategy[Any]]] = {
    "string": lambda schema: st.sampled_from(schema.get("enum", ["", "a", "ab", "abcd"])),
    "integer": lambda _schema: st.integers(0, 4),
    "number": lambda _schema: st.sampled_from([0, 1, 1.5, 2.5, 3]),
    "boolean": lambda _schema: st.booleans(),
    "null": lambda _schema: st.none(),
    "array": lambda schema: st.lists(documents(schema.get("items", {})), max_size=3),
    "object": _object,
}


# -- Protocol Buffers: messages by name, their fields by number


@st.composite
def _proto_pairs(draw: Draw) -> tuple[Any, Any]:
    before = draw(st.dictionaries(st.sampled_from(["Order", "Money", "Place"]), _messages(), min_size=1))
    after = {name: dict(fields) for name, fields in before.items()}
    for name, fields in before.items():
        if draw(_DICE) == 0:
            del after[name]
            continue
        for number in fields:
            change = draw(_CHANGES)
            if change == "drop":
                del after[name][number]
            elif change == "inside":
                after[name][number] = draw(_proto_fields())
            elif change == "other":
                label, _, field = fields[number]
                after[name][number] = (label, draw(_OF_WIRED), field)
            elif change == "add":
                after[name][number + 100] = draw(_proto_fields())
    return before, after or {"Order": {}}


@cache
def _proto_fields() -> st.SearchStrategy[tuple[str, str, str]]:
    odd = ["Order", "Money", "map<string, int32>", "map<string, string>"]
    kinds = st.one_of(st.sampled_from(_WIRED), st.sampled_from(_WIRED), st.sampled_from(odd))
    return st.tuples(_LABELS, kinds, st.sampled_from(_NAMES))


@cache
def _messages() -> st.SearchStrategy[dict[int, tuple[str, str, str]]]:
    return st.dictionaries(st.integers(1, 9), _proto_fields(), max_size=4)


def _proto_text(messages: dict[str, dict[int, tuple[str, str, str]]]) -> str:
    return 'syntax = "proto2";\n' + "\n".join(
        f"message {name} {{ {' '.join(_proto_field(*each) for each in fields.items())} }}"
        for name, fields in messages.items()
    )


def _proto_field(number: int, field: tuple[str, str, str]) -> str:
    label, kind, name = field
    return f"{'' if kind.startswith('map') else label} {kind} {name}_{number} = {number};".strip()
