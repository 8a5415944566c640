"""What a table was before: each update keeps the one before it, unless it says SkipArchive."""

from __future__ import annotations

from tests.glue import links, pages
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, detail, invalid, not_found
from tests.glue.shelf import Shelf
from tests.glue.state import State, Table


@operation("GetTableVersions")
def find(state: State, request: Document) -> Document:
    page = pages.read(state, request, _all(links.table(state, request)), 100)
    return {"TableVersions": [_version(each) for each in page.items], **page.token}


@operation("GetTableVersion")
def get(state: State, request: Document) -> Document:
    table = links.table(state, request)
    return {"TableVersion": _version(_found(table, request.get("VersionId")))}


@operation("DeleteTableVersion", writes=True)
def delete(state: State, request: Document) -> Document:
    table = links.table(state, request)
    found = _found(table, request["VersionId"])
    if found is table.document:
        raise invalid("The current version of a table cannot be deleted.")
    del table.archive[-int(found["VersionId"])]
    return {}


@operation("BatchDeleteTableVersion", writes=True)
def delete_many(state: State, request: Document) -> Document:
    name = links.table(state, request).document["Name"]
    errors = []
    for version in request["VersionIds"]:
        try:
            delete(state, {**request, "VersionId": version})
        except Refused as refused:
            errors.append({"TableName": name, "VersionId": version, "ErrorDetail": detail(refused)})
    return {"Errors": errors}


def _all(table: Table) -> Shelf[int, Document]:
    """The newest first."""
    return Shelf({-table.version: table.document, **table.archive})


def _found(table: Table, version: str | None) -> Document:
    if version is None:
        return table.document
    if not version.lstrip("-").isdecimal():
        raise invalid(f"Invalid version id {version}.")
    found = _all(table).get(-int(version))
    if found is None:
        raise not_found(f"Version {version} of table {table.document['Name']} not found.")
    return found


def _version(document: Document) -> Document:
    return {"Table": document, "VersionId": document["VersionId"]}
