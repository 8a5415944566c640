"""Registries of schemas, and how a schema or a version of it is named in a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.glue import pages, tags
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import exists, invalid, not_found
from tests.glue.shelf import Shelf
from tests.glue.state import State

DEFAULT = "default-registry"


@dataclass(slots=True)
class Version:
    id: str
    number: int
    definition: str
    status: str
    created: str
    metadata: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By key: values and when each came, the latest first."""


@dataclass(slots=True)
class Schema:
    document: Document
    versions: Shelf[int, Version] = field(default_factory=Shelf)
    next: int = 1

    @property
    def latest(self) -> Version | None:
        """The last one that may be used."""
        usable = [version for version in self.versions.values() if version.status == "AVAILABLE"]
        return max(usable, key=lambda version: version.number, default=None)


@dataclass(slots=True)
class Registry:
    document: Document
    schemas: Shelf[str, Schema] = field(default_factory=Shelf)


class Registries(Shelf[str, Registry]):
    """By name."""


@operation("CreateRegistry", writes=True)
def create(state: State, request: Document) -> Document:
    document = _made(state, request["RegistryName"], request.get("Description"), request.get("Tags")).document
    given = {"Tags": request.get("Tags")} if request.get("Tags") else {}
    return {**{name: document[name] for name in ("RegistryName", "RegistryArn")}, **given, **_described(document)}


@operation("UpdateRegistry", writes=True)
def update(state: State, request: Document) -> Document:
    registry = find(state, request["RegistryId"])
    changed = {"Description": request["Description"], "UpdatedTime": now(state)}
    registry.document = {**registry.document, **changed}
    return _named(registry.document)


@operation("GetRegistry")
def get(state: State, request: Document) -> Document:
    return find(state, request["RegistryId"]).document


@operation("ListRegistries")
def every(state: State, request: Document) -> Document:
    page = pages.read(state, request, state.of(Registries), 100)
    return {"Registries": [each.document for each in page.items], **page.token}


@operation("DeleteRegistry", writes=True)
def delete(state: State, request: Document) -> Document:
    registry = find(state, request["RegistryId"])
    for name in registry.schemas:
        tags.gone(state, f"schema/{registry.document['RegistryName']}/{name}")
    tags.gone(state, f"registry/{registry.document['RegistryName']}")
    del state.of(Registries)[registry.document["RegistryName"]]
    return {**_named(registry.document), "Status": "DELETING"}


def home(state: State, registry_id: Document | None) -> Registry:
    """Where a new schema goes: without a name, into the default registry, made when it is first needed."""
    if registry_id:
        return find(state, registry_id)
    return state.of(Registries).get(DEFAULT) or _made(state, DEFAULT, None, None)


def find(state: State, registry_id: Document) -> Registry:
    name, arn = registry_id.get("RegistryName"), registry_id.get("RegistryArn")
    if bool(name) == bool(arn):
        raise invalid("One of registryName or registryArn has to be provided, both cannot be provided.")
    wanted = name or str(arn).partition(":registry/")[2]
    found = state.of(Registries).get(wanted)
    if found is None:
        raise not_found(f"Registry is not found. {'RegistryName' if name else 'RegistryArn'}: {name or arn}")
    return found


def schema(state: State, schema_id: Document) -> Schema:
    arn, name, registry = (schema_id.get(each) for each in ("SchemaArn", "SchemaName", "RegistryName"))
    if bool(arn) == bool(name) or bool(arn and registry):
        raise invalid("One of (registryName and schemaName) or schemaArn has to be provided, both cannot be provided.")
    if arn:
        registry, _, name = str(arn).partition(":schema/")[2].partition("/")
    known = state.of(Registries).get(registry or DEFAULT)
    found = known.schemas.get(str(name)) if known else None
    if found is None:
        said = {"RegistryName": registry, "SchemaName": name, "SchemaArn": arn}
        raise not_found("Schema is not found. " + ", ".join(f"{key}: {value}" for key, value in said.items()))
    return found


def version(found: Schema, number: Document | None) -> Version:
    """By its number, or the latest one that may be used."""
    stated = number or {}
    if bool(stated.get("LatestVersion")) == ("VersionNumber" in stated):
        raise invalid("Only one of VersionNumber or LatestVersion is required.")
    chosen = found.latest if stated.get("LatestVersion") else found.versions.get(stated["VersionNumber"])
    if chosen is None:
        raise not_found(f"Schema version is not found. SchemaName: {found.document['SchemaName']}")
    return chosen


def now(state: State) -> str:
    return datetime.fromtimestamp(state.clock.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _made(state: State, name: str, description: str | None, given: dict[str, str] | None) -> Registry:
    registries = state.of(Registries)
    if name in registries:
        raise exists(f"Registry already exists. RegistryName: {name}")
    times = {"CreatedTime": now(state), "UpdatedTime": now(state)}
    known = {"RegistryName": name, "RegistryArn": tags.made(state, f"registry/{name}", given), "Status": "AVAILABLE"}
    described = {"Description": description} if description else {}
    made = registries[name] = Registry({**known, **described, **times})
    return made


def _named(document: Document) -> Document:
    return {name: document[name] for name in ("RegistryName", "RegistryArn")}


def _described(document: Document) -> Document:
    return {"Description": document["Description"]} if "Description" in document else {}
