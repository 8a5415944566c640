"""Tables as they are written and read. What was sent comes back whole, with what AWS adds to it.

Names of tables, columns and partition keys fold to lower case; those within the text of a type do not.
"""

from __future__ import annotations

import re

from tests.glue import links, pages, partition_indexes, views
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, detail, exists, invalid, too_many
from tests.glue.state import DEFAULTS, State, Table

_ATTRIBUTES = {"NAME": "Name", "TABLE_TYPE": "TableType"}
_KEPT = ("IsRegisteredWithLakeFormation", "IcebergTableMetadata", "Status", "RLSProperties", "IsMaterializedView")
"""What only the service says of a table; it outlives an update."""
_COMPLEX = re.compile(r"\s*(struct|array|map|uniontype)\b", re.IGNORECASE)


@operation("CreateTable", writes=True)
def create(state: State, request: Document) -> Document:
    given = _given(request)
    place = links.named(state, request, given["Name"])
    _expect_home(state, request, given)
    _expect_ours(place.database.document)
    if place.name in place.database.tables:
        raise exists("Table already exists.")
    if len(place.database.tables) >= state.limits.tables:
        raise too_many("Number of TABLE resources exceeds the account limit.")
    made = _document(state, place, given, state.clock.now(), 0)
    table = Table(_with_view(made, views.defined(given.get("ViewDefinition"))))
    for index in request.get("PartitionIndexes") or ():
        partition_indexes.add(table, index)
    place.database.tables[place.name] = table
    return {}


@operation("UpdateTable", writes=True)
def update(state: State, request: Document) -> Document:
    given = _given(request)
    named = links.named(state, request, given["Name"])
    place = links.followed(state, named)
    table = place.table
    before = table.document
    _expect_ours(place.database.document)
    _expect_ours(before)
    if given.get("TargetTable") and place == named:
        raise invalid("A table cannot become a resource link.")
    if (request.get("VersionId") or before["VersionId"]) != before["VersionId"]:
        raise Refused("ConcurrentModificationException", "Update table failed due to concurrent modifications.")
    view = views.updated(before.get("ViewDefinition"), given.get("ViewDefinition"), request.get("ViewUpdateAction"))
    made = _document(state, place, {**given, "TargetTable": None}, before["CreateTime"], table.version + 1)
    if not request.get("SkipArchive"):
        _archive(state, table)
    table.document = _with_view({**made, **{name: before[name] for name in _KEPT if name in before}}, view)
    return {}


@operation("DeleteTable", writes=True)
def delete(state: State, request: Document) -> Document:
    place = links.named(state, request, request["Name"])
    _expect_ours(place.database.document)
    _expect_ours(place.table.document)
    del place.database.tables[place.name]
    return {}


@operation("BatchDeleteTable", writes=True)
def delete_many(state: State, request: Document) -> Document:
    links.database(state, request, request["DatabaseName"])
    errors = []
    for name in request["TablesToDelete"]:
        try:
            delete(state, {**request, "Name": name})
        except Refused as refused:
            errors.append({"TableName": name, "ErrorDetail": detail(refused)})
    return {"Errors": errors}


@operation("GetTable")
def get(state: State, request: Document) -> Document:
    if set(request.get("AttributesToGet") or ()) & set(_ATTRIBUTES):
        raise invalid("AttributesToGet of GetTable takes DEFAULT and LATEST_ICEBERG_METADATA.")
    return {"Table": links.shown(state, links.named(state, request, request["Name"]).table)}


@operation("GetTables")
def find(state: State, request: Document) -> Document:
    place = links.database(state, request, request["DatabaseName"])
    matching = _pattern(request.get("Expression"))
    page = pages.read(state, request, place.database.tables, 100, lambda each: _matches(matching, each))
    shown = [links.shown(state, each) for each in page.items]
    if attributes := request.get("AttributesToGet"):
        wanted = {_ATTRIBUTES.get(each) for each in attributes}
        shown = [{name: each[name] for name in each if name in wanted} for each in shown]
    return {"TableList": shown, **page.token}


def seed(state: State, document: Document) -> None:
    """Put a table in as it is, with what only the service can say of it (Status, IcebergTableMetadata …)."""
    place = links.named(state, document, document["Name"])
    made = _document(state, place, document, state.clock.now(), 0)
    place.database.tables[place.name] = Table({**made, **document, "Name": place.name})


def written(given: Document) -> Document:
    """A StorageDescriptor, or what holds one, as it is kept: names folded, and with what AWS says of each."""
    folded = {name: value for name, value in given.items() if value is not None}
    if storage := folded.get("StorageDescriptor"):
        kept = {**DEFAULTS, **{name: value for name, value in storage.items() if value is not None}}
        folded["StorageDescriptor"] = {**kept, **_folded(kept, "Columns")}
    return {**folded, **_folded(folded, "PartitionKeys")}


def _folded(document: Document, member: str) -> Document:
    columns = document.get(member)
    return {} if columns is None else {member: [{**each, "Name": each["Name"].lower()} for each in columns]}


def _given(request: Document) -> Document:
    given: Document | None = request.get("TableInput")
    if given is None:
        raise invalid("This server knows tables by their TableInput only.")
    for key in given.get("PartitionKeys") or ():
        if key.get("Parameters"):
            raise invalid("Parameters not supported for partition columns")
        if _COMPLEX.match(key.get("Type") or ""):
            raise invalid("Only primitive types are supported for partition columns")
    return given


def _expect_home(state: State, request: Document, given: Document) -> None:
    """A link is made where it shall be, not where a link of a database leads."""
    home = state.catalog(request).database(request["DatabaseName"])
    if given.get("TargetTable") and home.document.get("TargetDatabase"):
        raise invalid("Creating a table resource link through a database resource link is not supported.")


def _expect_ours(document: Document) -> None:
    if document.get("FederatedTable") or document.get("FederatedDatabase"):
        said = f"{document['Name']} belongs to a federated source and cannot be changed here."
        raise Refused("FederationSourceException", said, FederationSourceErrorCode="OperationNotSupportedException")


def _document(state: State, place: links.Place, given: Document, created: float, version: int) -> Document:
    return {
        "Retention": 0,
        **written(given),
        "Name": place.name,
        "DatabaseName": place.database.document["Name"],
        "CatalogId": place.catalog_id,
        "CreateTime": created,
        "UpdateTime": state.clock.now(),
        "CreatedBy": state.caller,
        "IsRegisteredWithLakeFormation": False,
        "IsMaterializedView": False,
        "VersionId": str(version),
    }


def _with_view(document: Document, view: Document | None) -> Document:
    shown = {} if view is None else {"ViewDefinition": view}
    return {**document, **shown, "IsMultiDialectView": views.many(view)}


def _archive(state: State, table: Table) -> None:
    if len(table.archive) + 1 >= state.limits.versions:
        raise too_many("Number of TABLE_VERSION resources exceeds the account limit.")
    table.archive[-table.version] = table.document


def _pattern(expression: str | None) -> re.Pattern[str] | None:
    """A regular expression of the whole name, in which a `*` that repeats nothing stands for anything, as in Hive."""
    if not expression:
        return None
    try:
        return re.compile(re.sub(r"(?<![.\])\\])\*", ".*", expression), re.IGNORECASE)
    except re.error as error:
        raise invalid(f"Invalid expression: {error}") from error


def _matches(pattern: re.Pattern[str] | None, table: Table) -> bool:
    return pattern is None or pattern.fullmatch(table.document["Name"]) is not None
