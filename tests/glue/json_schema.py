"""JSON Schema: whether a text is one, and what of the documents of one schema another does not take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, SchemaError  # type: ignore[import-untyped]  # as it comes
from jsonschema.validators import validator_for  # type: ignore[import-untyped]  # as it comes

_LOWER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_HIGHER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_ALL = {"null", "boolean", "integer", "number", "string", "array", "object"}


def parse(text: str) -> Any:
    """Raises ValueError with the reason."""
    schema = json.loads(text)
    if not isinstance(schema, dict | bool):
        raise ValueError("a JSON schema is an object or a boolean")  # noqa: TRY004  as of any text that is none
    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        raise ValueError(error.message) from error
    return schema


def breaks(reader: Any, writer: Any, path: str = "") -> Iterator[str]:
    """A property that may be left out can be new: what others sent under its name before is not asked."""
    if not isinstance(reader, dict) or not isinstance(writer, dict):
        if reader is False and writer is not False:
            yield f"{path or '/'}: nothing is taken"
        return
    if lost := _types(writer) - _types(reader):
        yield f"{path or '/'}: {', '.join(sorted(lost))} is not taken"
    yield from (f"{path}/{name}: is required" for name in sorted(_required(reader) - _required(writer)))
    yield from _narrower(reader, writer, path)
    ours, theirs = reader.get("properties", {}), writer.get("properties", {})
    for name in theirs:
        if name in ours:
            yield from breaks(ours[name], theirs[name], f"{path}/{name}")
        elif reader.get("additionalProperties") is False:
            yield f"{path}/{name}: is not taken any more"
    if "items" in reader and "items" in writer:
        yield from breaks(reader["items"], writer["items"], f"{path}/items")


def _types(schema: dict[str, Any]) -> set[str]:
    stated = schema.get("type", sorted(_ALL))
    types = {stated} if isinstance(stated, str) else set(stated)
    return types | ({"integer"} if "number" in types else set())


def _required(schema: dict[str, Any]) -> set[str]:
    return set(schema.get("required", ()))


def _narrower(reader: dict[str, Any], writer: dict[str, Any], path: str) -> Iterator[str]:
    if "enum" in reader and not ("enum" in writer and all(each in reader["enum"] for each in writer["enum"])):
        yield f"{path or '/'}: takes fewer values"
    for limit in sorted(_LOWER & reader.keys()):
        if limit not in writer or reader[limit] < writer[limit]:
            yield f"{path or '/'}: {limit} is lower"
    for limit in sorted(_HIGHER & reader.keys()):
        if limit not in writer or reader[limit] > writer[limit]:
            yield f"{path or '/'}: {limit} is higher"
