"""Schemas of a registry: their format, their compatibility mode, and the version from which on it holds."""

from __future__ import annotations

from tests.glue import definitions, pages, registries, schema_versions, tags
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import exists, invalid, not_found
from tests.glue.registries import Registries, Registry, Schema
from tests.glue.shelf import Shelf
from tests.glue.state import State

_LISTED = ("RegistryName", "SchemaName", "SchemaArn", "Description", "SchemaStatus", "CreatedTime", "UpdatedTime")


@operation("CreateSchema", writes=True)
def create(state: State, request: Document) -> Document:
    registry, name = registries.home(state, request.get("RegistryId")), request["SchemaName"]
    if name in registry.schemas:
        raise exists(f"Schema already exists. SchemaName: {name}, RegistryName: {registry.document['RegistryName']}")
    definition = request.get("SchemaDefinition")
    if definition:
        schema_versions.expect_valid(request["DataFormat"], definition)
    schema = registry.schemas[name] = Schema(_document(state, registry, request))
    answer = {**_shown(schema), **({"Tags": request["Tags"]} if request.get("Tags") else {})}
    if definition:
        made = schema_versions.add(state, schema, definition, "AVAILABLE")
        answer = {**answer, **_shown(schema), "SchemaVersionId": made.id, "SchemaVersionStatus": made.status}
    return {name: value for name, value in answer.items() if name not in {"CreatedTime", "UpdatedTime"}}


@operation("UpdateSchema", writes=True)
def update(state: State, request: Document) -> Document:
    """Another mode is held from a version on that must be said: the checkpoint."""
    schema = registries.schema(state, request["SchemaId"])
    changed = {name: request[name] for name in ("Compatibility", "Description") if request.get(name) is not None}
    if request.get("SchemaVersionNumber"):
        changed["SchemaCheckpoint"] = registries.version(schema, request["SchemaVersionNumber"]).number
    elif "Compatibility" in changed:
        raise invalid("One of version number (or) latest version is required.")
    if not changed:
        raise invalid("One of Compatibility, Description or SchemaVersionNumber has to be provided.")
    schema.document = {**schema.document, **changed, "UpdatedTime": registries.now(state)}
    return {name: schema.document[name] for name in ("SchemaArn", "SchemaName", "RegistryName")}


@operation("GetSchema")
def get(state: State, request: Document) -> Document:
    return _shown(registries.schema(state, request["SchemaId"]))


@operation("ListSchemas")
def every(state: State, request: Document) -> Document:
    """Of one registry, or of all of them."""
    wanted = request.get("RegistryId")
    found = [registries.find(state, wanted)] if wanted else list(state.of(Registries).values())
    shelf = Shelf(
        {
            (registry.document["RegistryName"], name): schema
            for registry in found
            for name, schema in registry.schemas.items()
        }
    )
    page = pages.read(state, request, shelf, 100)
    listed = [{name: each.document[name] for name in _LISTED if name in each.document} for each in page.items]
    return {"Schemas": listed, **page.token}


@operation("DeleteSchema", writes=True)
def delete(state: State, request: Document) -> Document:
    document = registries.schema(state, request["SchemaId"]).document
    del state.of(Registries)[document["RegistryName"]].schemas[document["SchemaName"]]
    tags.gone(state, f"schema/{document['RegistryName']}/{document['SchemaName']}")
    return {"SchemaArn": document["SchemaArn"], "SchemaName": document["SchemaName"], "Status": "DELETING"}


@operation("GetSchemaByDefinition")
def by_definition(state: State, request: Document) -> Document:
    schema = registries.schema(state, request["SchemaId"])
    found = schema_versions.same(schema, request["SchemaDefinition"])
    if found is None:
        raise not_found(f"Schema version is not found. SchemaName: {schema.document['SchemaName']}")
    shown = schema_versions.shown(schema, found)
    return {name: value for name, value in shown.items() if name not in {"VersionNumber", "SchemaDefinition"}}


@operation("CheckSchemaVersionValidity")
def check(state: State, request: Document) -> Document:
    problem = definitions.problem(request["DataFormat"], request["SchemaDefinition"])
    return {"Valid": False, "Error": problem} if problem else {"Valid": True}


def _document(state: State, registry: Registry, request: Document) -> Document:
    name = registry.document["RegistryName"]
    described = {"Description": request["Description"]} if request.get("Description") else {}
    return {
        "RegistryName": name,
        "RegistryArn": registry.document["RegistryArn"],
        "SchemaName": request["SchemaName"],
        "SchemaArn": tags.made(state, f"schema/{name}/{request['SchemaName']}", request.get("Tags")),
        "DataFormat": request["DataFormat"],
        "Compatibility": request.get("Compatibility") or "BACKWARD",
        "SchemaCheckpoint": 1,
        "SchemaStatus": "AVAILABLE",
        "CreatedTime": registries.now(state),
        "UpdatedTime": registries.now(state),
        **described,
    }


def _shown(schema: Schema) -> Document:
    latest = {"LatestSchemaVersion": schema.latest.number} if schema.latest else {}
    return {**schema.document, **latest, "NextSchemaVersion": schema.next}
