"""Keys and values beside a version of a schema: a key may have several values, the latest one first."""

from __future__ import annotations

from tests.glue import registries, schema_versions
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import exists, not_found, too_many
from tests.glue.registries import Schema, Version
from tests.glue.state import State

_MOST = 10


@operation("PutSchemaVersionMetadata", writes=True)
def put(state: State, request: Document) -> Document:
    schema, version, key, value = _meant(state, request)
    values = version.metadata.get(key, [])
    if value in (each for each, _ in values):
        said = f"schema version id: {version.id}, metadata key: {key}, metadata value: {value}"
        raise exists(f"Resource already exist for {said}")
    if sum(map(len, version.metadata.values())) >= _MOST:
        raise too_many("Your resource limits for Schema Version Metadata have been exceeded.")
    version.metadata[key] = [(value, registries.now(state)), *values]
    return _said(schema, version, key, value)


@operation("RemoveSchemaVersionMetadata", writes=True)
def remove(state: State, request: Document) -> Document:
    schema, version, key, value = _meant(state, request)
    values = version.metadata.get(key, [])
    left = [each for each in values if each[0] != value]
    if len(left) == len(values):
        raise not_found(f"Metadata is not found. metadata key: {key}, metadata value: {value}")
    version.metadata[key] = left
    if not left:
        del version.metadata[key]
    return _said(schema, version, key, value)


@operation("QuerySchemaVersionMetadata")
def query(state: State, request: Document) -> Document:
    _, version = schema_versions.find(state, _only(request))
    wanted = request.get("MetadataList")
    found = {key: values for key, values in version.metadata.items() if not wanted or _asked(wanted, key, values)}
    return {"MetadataInfoMap": {key: _info(found[key]) for key in sorted(found)}, "SchemaVersionId": version.id}


def _meant(state: State, request: Document) -> tuple[Schema, Version, str, str]:
    schema, version = schema_versions.find(state, _only(request))
    pair = request["MetadataKeyValue"]
    return schema, version, pair.get("MetadataKey", ""), pair.get("MetadataValue", "")


def _only(request: Document) -> Document:
    """A schema without a number is its latest version."""
    latest = {"SchemaVersionNumber": {"LatestVersion": True}} if request.get("SchemaId") else {}
    return {**latest, **request}


def _asked(wanted: list[Document], key: str, values: list[tuple[str, str]]) -> bool:
    known = {value for value, _ in values}
    return any(
        each.get("MetadataKey", key) == key and each.get("MetadataValue", values[0][0]) in known for each in wanted
    )


def _info(values: list[tuple[str, str]]) -> Document:
    (value, created), *others = values
    rest = [{"MetadataValue": each, "CreatedTime": when} for each, when in others]
    return {"MetadataValue": value, "CreatedTime": created, **({"OtherMetadataValueList": rest} if rest else {})}


def _said(schema: Schema, version: Version, key: str, value: str) -> Document:
    named = {name: schema.document[name] for name in ("SchemaArn", "SchemaName", "RegistryName")}
    return {
        **named,
        "LatestVersion": version is schema.latest,
        "VersionNumber": version.number,
        "SchemaVersionId": version.id,
        "MetadataKey": key,
        "MetadataValue": value,
    }
