"""What is to be called for a schema to be as it is wanted.

Nothing is taken away: tags and descriptions of others stay, and so does the checkpoint, from which on versions count.
A version that AWS refused once stays refused; whoever wants it again deletes it first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.schemas.compatibility import Judgement, Version, judge, told

_Glue: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A schema with its latest definition. An empty description is none of ours, and so are tags that are not named."""

    registry: str
    schema: str
    data_format: str
    definition: str
    compatibility: str = "BACKWARD"
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema_id(self) -> dict[str, str]:
        return {"RegistryName": self.registry, "SchemaName": self.schema}

    def __str__(self) -> str:
        return f"{self.registry}/{self.schema}"


class Found(NamedTuple):
    """A schema as it is. `document`: as GetSchema has it; `same`: the version that has the wanted definition; `held`:
    those that another one is held to, the latest last.
    """

    document: _Glue
    same: _Glue | None = None
    held: Sequence[Version] = ()
    tags: Mapping[str, str] = {}


class Call(NamedTuple):
    """As boto3 takes it."""

    operation: str
    request: dict[str, Any]


class Plan(NamedTuple):
    """`first` comes before a version is registered, `then` after it. With a `refusal` nothing is called at all."""

    first: tuple[Call, ...] = ()
    register: Call | None = None
    then: tuple[Call, ...] = ()
    judged: Judgement = Judgement()
    refusal: str = ""


def create(wanted: Wanted) -> Call:
    given: dict[str, Any] = {"Description": wanted.description, "Tags": dict(wanted.tags)}
    request = {
        "RegistryId": {"RegistryName": wanted.registry},
        "SchemaName": wanted.schema,
        "DataFormat": wanted.data_format,
        "Compatibility": wanted.compatibility,
        "SchemaDefinition": wanted.definition,
    }
    return Call("create_schema", request | {name: value for name, value in given.items() if value})


def plan(wanted: Wanted, found: Found) -> Plan:
    if refusal := _refusal(wanted, found):
        return Plan(refusal=refusal)
    changes = tuple(_changes(wanted, found))
    if found.same is not None:
        return Plan(changes)
    judged = judge(wanted.data_format, wanted.compatibility, wanted.definition, found.held)
    if judged.broken:
        return Plan(judged=judged, refusal=told(wanted.compatibility, judged.broken))
    register = Call("register_schema_version", {"SchemaId": wanted.schema_id, "SchemaDefinition": wanted.definition})
    versioned = "LatestSchemaVersion" in found.document
    return Plan(changes if versioned else (), register, () if versioned else changes, judged)


def _refusal(wanted: Wanted, found: Found) -> str:
    format_ = found.document.get("DataFormat")
    if format_ != wanted.data_format:
        return f"the schema {wanted} is {format_}, and no schema changes its format: choose another name for it"
    if found.same is None and wanted.compatibility == "DISABLED":
        return f"the compatibility mode DISABLED forbids another version of {wanted}: choose another mode"
    if found.same is not None and found.same.get("Status") == "FAILURE":
        number = found.same.get("VersionNumber")
        return (
            f"version {number} of {wanted} has this definition, and AWS refused it then: delete that version "
            f"(aws glue delete-schema-versions --versions {number}) or change the definition"
        )
    return ""


def _changes(wanted: Wanted, found: Found) -> Iterator[Call]:
    """A mode holds from the checkpoint on, which has to be said with it: it stays where it is."""
    document = found.document
    said = {"Compatibility": wanted.compatibility, "Description": wanted.description}
    changed = {name: value for name, value in said.items() if value and value != document.get(name)}
    if changed:
        checkpoint = {"VersionNumber": document.get("SchemaCheckpoint") or 1}
        yield Call("update_schema", {"SchemaId": wanted.schema_id, "SchemaVersionNumber": checkpoint, **changed})
    tags = {name: value for name, value in wanted.tags.items() if found.tags.get(name) != value}
    if tags:
        yield Call("tag_resource", {"ResourceArn": document["SchemaArn"], "TagsToAdd": tags})


def metadata(version_id: str, wanted: Mapping[str, str], actual: _Glue) -> Iterator[Call]:
    """`actual`: as QuerySchemaVersionMetadata has it. A value that was there before has to go to be the latest."""
    for key, value in wanted.items():
        known = actual.get(key, {})
        if known.get("MetadataValue") == value:
            continue
        request = {
            "SchemaVersionId": version_id,
            "MetadataKeyValue": {"MetadataKey": key, "MetadataValue": value},
        }
        if any(each.get("MetadataValue") == value for each in known.get("OtherMetadataValueList", ())):
            yield Call("remove_schema_version_metadata", request)
        yield Call("put_schema_version_metadata", request)
