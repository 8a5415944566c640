"""Versions of a schema. One that breaks the compatibility mode has a number, too, but its status is FAILURE."""

from __future__ import annotations

import difflib
import json
import uuid

from tests.glue import definitions, pages, registries
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, invalid, not_found
from tests.glue.registries import Registries, Schema, Version
from tests.glue.state import State


@operation("RegisterSchemaVersion", writes=True)
def register(state: State, request: Document) -> Document:
    """A definition that is known is not another version."""
    schema, definition = registries.schema(state, request["SchemaId"]), request["SchemaDefinition"]
    data_format, mode = schema.document["DataFormat"], schema.document["Compatibility"]
    expect_valid(data_format, definition)
    version = same(schema, definition)
    if version is None:
        if mode == "DISABLED":
            raise invalid("Compatibility DISABLED does not allow versioning.")
        broken = definitions.incompatible(data_format, mode, definition, _held_to(schema))
        version = add(state, schema, definition, "FAILURE" if broken else "AVAILABLE")
    return {"SchemaVersionId": version.id, "VersionNumber": version.number, "Status": version.status}


@operation("GetSchemaVersion")
def get(state: State, request: Document) -> Document:
    return shown(*find(state, request))


@operation("ListSchemaVersions")
def every(state: State, request: Document) -> Document:
    schema = registries.schema(state, request["SchemaId"])
    page = pages.read(state, request, schema.versions, 100)
    hidden = {"DataFormat", "SchemaDefinition"}
    listed = [{name: value for name, value in shown(schema, each).items() if name not in hidden} for each in page.items]
    return {"Schemas": listed, **page.token}


@operation("DeleteSchemaVersions", writes=True)
def delete(state: State, request: Document) -> Document:
    """One, or from one to another; the checkpoint stays."""
    schema = registries.schema(state, request["SchemaId"])
    first, _, last = request["Versions"].partition("-")
    errors = []
    for number in range(int(first), int(last or first) + 1):
        try:
            _delete(schema, number)
        except Refused as refused:
            details = {"ErrorCode": refused.code, "ErrorMessage": refused.message}
            errors.append({"VersionNumber": number, "ErrorDetails": details})
    return {"SchemaVersionErrors": errors}


@operation("GetSchemaVersionsDiff")
def diff(state: State, request: Document) -> Document:
    schema = registries.schema(state, request["SchemaId"])
    first, second = (
        _lines(schema, registries.version(schema, request[f"{place}SchemaVersionNumber"]))
        for place in ("First", "Second")
    )
    return {"Diff": "\n".join(difflib.unified_diff(first, second, lineterm="")) or "no difference"}


def find(state: State, request: Document) -> tuple[Schema, Version]:
    """By its id alone, or by the schema and a number."""
    wanted = request.get("SchemaVersionId")
    if not wanted:
        schema = registries.schema(state, request.get("SchemaId") or {})
        return schema, registries.version(schema, request.get("SchemaVersionNumber"))
    if request.get("SchemaId") or request.get("SchemaVersionNumber"):
        raise invalid("No other input parameters can be specified when fetching by SchemaVersionId.")
    for registry in state.of(Registries).values():
        for schema in registry.schemas.values():
            for version in schema.versions.values():
                if version.id == wanted:
                    return schema, version
    raise not_found(f"Schema version is not found. SchemaVersionId: {wanted}")


def expect_valid(data_format: str, definition: str) -> None:
    if problem := definitions.problem(data_format, definition):
        raise invalid(f"Schema definition of {data_format} data format is invalid: {problem}")


def same(schema: Schema, definition: str) -> Version | None:
    data_format = schema.document["DataFormat"]
    found = (each for each in schema.versions.values() if definitions.same(data_format, each.definition, definition))
    return next(found, None)


def add(state: State, schema: Schema, definition: str, status: str) -> Version:
    made = Version(str(uuid.uuid4()), schema.next, definition, status, registries.now(state))
    schema.versions[schema.next] = made
    schema.next += 1
    return made


def shown(schema: Schema, version: Version) -> Document:
    return {
        "SchemaVersionId": version.id,
        "SchemaDefinition": version.definition,
        "DataFormat": schema.document["DataFormat"],
        "SchemaArn": schema.document["SchemaArn"],
        "VersionNumber": version.number,
        "Status": version.status,
        "CreatedTime": version.created,
    }


def _held_to(schema: Schema) -> list[str]:
    """What may be used, from the checkpoint on."""
    checkpoint = schema.document["SchemaCheckpoint"]
    usable = (schema.versions[number] for number in schema.versions.after(checkpoint - 1))
    return [version.definition for version in usable if version.status == "AVAILABLE"]


def _delete(schema: Schema, number: int) -> None:
    if number not in schema.versions:
        raise not_found(f"Schema version is not found. VersionNumber: {number}")
    if number == schema.document["SchemaCheckpoint"]:
        raise invalid("The version of the checkpoint cannot be deleted.")
    del schema.versions[number]


def _lines(schema: Schema, version: Version) -> list[str]:
    if schema.document["DataFormat"] == "PROTOBUF":
        return version.definition.splitlines()
    return json.dumps(json.loads(version.definition), indent=2).splitlines()
