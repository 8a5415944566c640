"""Optimizers of Iceberg tables: one of each type to a table, and what their runs were, as a test says."""

from __future__ import annotations

from typing import TypeAlias

from tests.glue import links, pages
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, detail, exists, invalid, not_found
from tests.glue.shelf import Shelf
from tests.glue.state import State

Key: TypeAlias = tuple[str, str, str, str]
"""Catalog, database, table and type."""

_CONFIGURATIONS = {
    "compactionConfiguration": "compaction",
    "retentionConfiguration": "retention",
    "orphanFileDeletionConfiguration": "orphan_file_deletion",
}


class Optimizers(dict[Key, Document]):
    """By the table and the type."""


class Runs(dict[Key, Shelf[int, Document]]):
    """The latest first."""


def run(state: State, database: str, table: str, kind: str, **members: object) -> None:
    """What a run of an optimizer was: a test says so."""
    shelf = state.of(Runs).setdefault((state.account, database, table, kind), Shelf())
    shelf[-len(shelf)] = {"startTimestamp": state.clock.now(), **members}


@operation("CreateTableOptimizer", writes=True)
def create(state: State, request: Document) -> Document:
    key = _key(state, request)
    _expect(request)
    if key in state.of(Optimizers):
        raise exists(f"Table optimizer of type {key[3]} already exists.")
    state.of(Optimizers)[key] = request["TableOptimizerConfiguration"]
    return {}


@operation("UpdateTableOptimizer", writes=True)
def update(state: State, request: Document) -> Document:
    """What it is told nothing of stays as it was."""
    key = _found(state, request)
    _expect(request)
    optimizers = state.of(Optimizers)
    optimizers[key] = {**optimizers[key], **request["TableOptimizerConfiguration"]}
    return {}


@operation("DeleteTableOptimizer", writes=True)
def delete(state: State, request: Document) -> Document:
    del state.of(Optimizers)[_found(state, request)]
    return {}


@operation("GetTableOptimizer")
def get(state: State, request: Document) -> Document:
    key = _found(state, request)
    return {"CatalogId": key[0], "DatabaseName": key[1], "TableName": key[2], "TableOptimizer": _shown(state, key)}


@operation("BatchGetTableOptimizer")
def get_many(state: State, request: Document) -> Document:
    found, failures = [], []
    for entry in request["Entries"]:
        named = {name[:1].upper() + name[1:]: value for name, value in entry.items()}
        try:
            key = _found(state, named)
        except Refused as refused:
            failures.append({**entry, "error": detail(refused)})
        else:
            place = {"catalogId": key[0], "databaseName": key[1], "tableName": key[2]}
            found.append({**place, "tableOptimizer": _shown(state, key)})
    return {"TableOptimizers": found, "Failures": failures}


@operation("ListTableOptimizerRuns")
def runs(state: State, request: Document) -> Document:
    key = _found(state, request)
    page = pages.read(state, request, state.of(Runs).get(key, Shelf()), 100)
    place = {"CatalogId": key[0], "DatabaseName": key[1], "TableName": key[2]}
    return {**place, "TableOptimizerRuns": page.items, **page.token}


def _key(state: State, request: Document) -> Key:
    place = links.named(state, request, request["TableName"])
    if (place.table.document.get("Parameters") or {}).get("table_type", "").upper() != "ICEBERG":
        raise invalid("Table optimizers are for Iceberg tables only.")
    return place.catalog_id, place.database.document["Name"], place.name, request["Type"]


def _found(state: State, request: Document) -> Key:
    key = _key(state, request)
    if key not in state.of(Optimizers):
        raise not_found(f"Table optimizer of type {key[3]} not found.")
    return key


def _expect(request: Document) -> None:
    told = request["TableOptimizerConfiguration"]
    if not told.get("roleArn"):
        raise invalid("roleArn is required.")
    others = {name for name, kind in _CONFIGURATIONS.items() if kind != request["Type"]}
    if others & told.keys():
        raise invalid(f"{', '.join(sorted(others & told.keys()))} is not of an optimizer of type {request['Type']}.")


def _shown(state: State, key: Key) -> Document:
    last = next(iter(state.of(Runs).get(key, Shelf()).after()), None)
    ran = {} if last is None else {"lastRun": state.of(Runs)[key][last]}
    known = {"type": key[3], "configuration": state.of(Optimizers)[key], "configurationSource": "table"}
    return {**known, **ran}
