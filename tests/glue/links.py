"""Resource links: names in one place that stand for databases and tables in another, as Lake Formation shares them.

Reading and writing follow a link to what it stands for; deleting takes the link. A link that leads nowhere is read as
it is, and cannot be written.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.glue.model import Document
from tests.glue.refusals import invalid, not_found
from tests.glue.state import Database, State, Table

_OWN = ("Name", "DatabaseName", "CatalogId", "CreateTime", "CreatedBy", "TargetTable", "TargetDatabase")
"""What a link says for itself."""


class Place(NamedTuple):
    """Where a table is or would be, in the catalog it is in."""

    catalog_id: str
    database: Database
    name: str

    @property
    def table(self) -> Table:
        found = self.database.tables.get(self.name)
        if found is None:
            raise not_found(f"Table {self.name} not found.")
        return found


def database(state: State, request: Document, name: str) -> Place:
    """The database of that name, or the one that it stands for. `name` of the place is empty."""
    catalog = state.catalog(request)
    found = catalog.database(name)
    target = found.document.get("TargetDatabase")
    if not target:
        return Place(catalog.id, found, "")
    home = _home(state, target)
    if home is None:
        raise not_found(f"Database {target['DatabaseName']} not found.")
    return Place(home.document["CatalogId"], home, "")


def named(state: State, request: Document, name: str) -> Place:
    """Where the table of that name is, or the link of that name."""
    return database(state, request, request["DatabaseName"])._replace(name=name.lower())


def followed(state: State, place: Place) -> Place:
    """Where the table is that a link stands for; the same place for what is no link."""
    target = place.table.document.get("TargetTable")
    if not target:
        return place
    inside = {"CatalogId": target.get("CatalogId"), "DatabaseName": target["DatabaseName"]}
    found = named(state, inside, target["Name"])
    if found.table.document.get("TargetTable"):
        raise invalid("A resource link to a resource link is not supported.")
    return found


def table(state: State, request: Document, member: str = "TableName") -> Table:
    """The table that a request means, behind however many links."""
    return followed(state, named(state, request, request[member])).table


def shown(state: State, table: Table) -> Document:
    """A link is shown by its own name with all that its target has, as far as there is a target."""
    target = table.document.get("TargetTable")
    home = _home(state, target)
    found = home.tables.get(target["Name"].lower()) if home and target else None
    return _through(table.document, found.document if found else None)


def shown_database(state: State, database: Database) -> Document:
    """The same for a database."""
    found = _home(state, database.document.get("TargetDatabase"))
    return _through(database.document, found.document if found else None)


def _home(state: State, target: Document | None) -> Database | None:
    if not target:
        return None
    catalog = state.catalogs.get(target.get("CatalogId") or state.account)
    return catalog.databases.get(target["DatabaseName"].lower()) if catalog else None


def _through(link: Document, target: Document | None) -> Document:
    return link if target is None else {**target, **{name: link[name] for name in _OWN if name in link}}
