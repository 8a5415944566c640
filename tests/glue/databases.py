"""Databases: their names fold to lower case, a link among them stands for a database elsewhere."""

from __future__ import annotations

from tests.glue import links, pages, tags
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import exists, invalid, too_many
from tests.glue.state import Catalog, Database, State

_ATTRIBUTES = {"NAME": "Name", "TARGET_DATABASE": "TargetDatabase"}


@operation("CreateDatabase", writes=True)
def create(state: State, request: Document) -> Document:
    catalog, given = state.catalog(request), request["DatabaseInput"]
    name = given["Name"].lower()
    if name in catalog.databases:
        raise exists("Database already exists.")
    if len(catalog.databases) >= state.limits.databases:
        raise too_many("Number of DATABASE resources exceeds the account limit.")
    tags.made(state, f"database/{name}", request.get("Tags"))
    catalog.databases[name] = Database(_document(state, catalog.id, given, state.clock.now()))
    return {}


@operation("UpdateDatabase", writes=True)
def update(state: State, request: Document) -> Document:
    place, given = links.database(state, request, request["Name"]), request["DatabaseInput"]
    before = place.database.document
    if given["Name"].lower() not in {before["Name"], request["Name"].lower()}:
        raise invalid("Database name cannot be changed.")
    kept = {**given, "Name": before["Name"], "TargetDatabase": None}
    place.database.document = _document(state, place.catalog_id, kept, before["CreateTime"])
    return {}


@operation("DeleteDatabase", writes=True)
def delete(state: State, request: Document) -> Document:
    catalog = state.catalog(request)
    name = catalog.database(request["Name"]).document["Name"]
    del catalog.databases[name]
    tags.gone(state, f"database/{name}")
    return {}


@operation("GetDatabase")
def get(state: State, request: Document) -> Document:
    return {"Database": links.shown_database(state, state.catalog(request).database(request["Name"]))}


@operation("GetDatabases")
def find(state: State, request: Document) -> Document:
    catalog = state.catalog(request)
    page = pages.read(state, request, catalog.databases, 100, _share(request.get("ResourceShareType"), catalog))
    shown = [links.shown_database(state, each) for each in page.items]
    if wanted := {_ATTRIBUTES[each] for each in request.get("AttributesToGet") or ()}:
        shown = [{name: each[name] for name in each if name in wanted} for each in shown]
    return {"DatabaseList": shown, **page.token}


def _share(wanted: str | None, catalog: Catalog) -> pages.Wanted[Database]:
    """Nothing is shared with this account but by a link; a federated one is one of its own."""
    if wanted == "FOREIGN":
        return lambda each: False
    if wanted == "FEDERATED":
        return lambda each: "FederatedDatabase" in each.document
    return lambda each: True


def _document(state: State, catalog_id: str, given: Document, created: float) -> Document:
    known = {name: value for name, value in given.items() if value is not None}
    return {**known, "Name": given["Name"].lower(), "CatalogId": catalog_id, "CreateTime": created}
