"""Indexes over the partitions of a table: three at most, each over some of the partition keys."""

from __future__ import annotations

from tests.glue import links
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import exists, invalid, not_found, too_many
from tests.glue.state import State, Table

_MOST = 3


@operation("CreatePartitionIndex", writes=True)
def create(state: State, request: Document) -> Document:
    add(links.table(state, request), request["PartitionIndex"])
    return {}


@operation("DeletePartitionIndex", writes=True)
def delete(state: State, request: Document) -> Document:
    indexes = links.table(state, request).indexes
    if indexes.pop(request["IndexName"], None) is None:
        raise not_found(f"Index with the given indexName : {request['IndexName']} does not exist")
    return {}


@operation("GetPartitionIndexes")
def find(state: State, request: Document) -> Document:
    table = links.table(state, request)
    return {"PartitionIndexDescriptorList": [_shown(table, index) for index in table.indexes.values()]}


def add(table: Table, index: Document) -> None:
    keys, name = [key.lower() for key in index["Keys"]], index["IndexName"]
    known = {key["Name"] for key in table.document.get("PartitionKeys") or ()}
    if strange := [key for key in keys if key not in known]:
        raise invalid(f"IndexKeys not a part of PartitionColumns. Verify the indexKeys : [{', '.join(strange)}]")
    if name in table.indexes:
        raise exists(f"Partition Index {name} already exists with the same name.")
    for other in table.indexes.values():
        if other["Keys"] == keys:
            raise exists(f"Partition Index {other['IndexName']} already exists with the same keys.")
    if len(table.indexes) >= _MOST:
        raise too_many(f"Partition index limit exceeded. Maximum: {_MOST}")
    table.indexes[name] = {"IndexName": name, "Keys": keys}


def _shown(table: Table, index: Document) -> Document:
    types = {key["Name"]: key.get("Type") or "string" for key in table.document.get("PartitionKeys") or ()}
    keys = [{"Name": key, "Type": types.get(key, "string")} for key in index["Keys"]]
    return {"IndexName": index["IndexName"], "Keys": keys, "IndexStatus": "ACTIVE"}
