"""Partitions of a table, by their values in the order of its partition keys; one by one and many at once.

Of many, each is done or refused for itself, and the answer names those that were refused. At most how many there may be
in a request is in the model.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from tests.glue import expressions, links, pages
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, detail, exists, invalid, not_found, too_many
from tests.glue.state import State, Table
from tests.glue.tables import written


@operation("CreatePartition", writes=True)
def create(state: State, request: Document) -> Document:
    _create(state, links.table(state, request), request["PartitionInput"])
    return {}


@operation("BatchCreatePartition", writes=True)
def create_many(state: State, request: Document) -> Document:
    table = links.table(state, request)
    errors = _each(request["PartitionInputList"], _values, lambda each: _create(state, table, each))
    return {"Errors": errors}


@operation("UpdatePartition", writes=True)
def update(state: State, request: Document) -> Document:
    _update(state, links.table(state, request), request)
    return {}


@operation("BatchUpdatePartition", writes=True)
def update_many(state: State, request: Document) -> Document:
    table = links.table(state, request)
    errors = _each(request["Entries"], _stated, lambda each: _update(state, table, each), "PartitionValueList")
    return {"Errors": errors}


@operation("DeletePartition", writes=True)
def delete(state: State, request: Document) -> Document:
    _delete(links.table(state, request), request["PartitionValues"])
    return {}


@operation("BatchDeletePartition", writes=True)
def delete_many(state: State, request: Document) -> Document:
    table = links.table(state, request)
    errors = _each(request["PartitionsToDelete"], _values, lambda each: _delete(table, each["Values"]))
    return {"Errors": errors}


@operation("GetPartition")
def get(state: State, request: Document) -> Document:
    return {"Partition": find(links.table(state, request), request["PartitionValues"])}


@operation("BatchGetPartition")
def get_many(state: State, request: Document) -> Document:
    """Those that are not there are left over, with those that the service did not get to."""
    table = links.table(state, request)
    wanted = {_key(table, each["Values"]): each for each in request["PartitionsToGet"]}
    found = [key for key in wanted if key in table.partitions][: state.limits.batch]
    done = set(found)
    left = [each for key, each in wanted.items() if key not in done]
    return {"Partitions": [table.partitions[key] for key in found], "UnprocessedKeys": left}


@operation("GetPartitions")
def search(state: State, request: Document) -> Document:
    table = links.table(state, request)
    matches = expressions.read(request.get("Expression"), _keys(table))
    segment = _segment(request.get("Segment"))

    def wanted(each: Document) -> bool:
        return segment(each["Values"]) and matches(each["Values"])

    page = pages.read(state, request, table.partitions, 1000, wanted)
    shown = [_without_schema(each) for each in page.items] if request.get("ExcludeColumnSchema") else page.items
    return {"Partitions": shown, **page.token}


def find(table: Table, values: list[str]) -> Document:
    found = table.partitions.get(_key(table, values))
    if found is None:
        raise not_found("Cannot find partition.")
    return found


def _create(state: State, table: Table, given: Document) -> None:
    key = _key(table, given.get("Values"))
    if key in table.partitions:
        raise exists("Partition already exists.")
    if len(table.partitions) >= state.limits.partitions:
        raise too_many("Number of PARTITION resources exceeds the account limit.")
    table.partitions[key] = _document(table, given, state.clock.now())


def _update(state: State, table: Table, request: Document) -> None:
    """The new values may be others: then the partition goes by those from now on."""
    before = find(table, request["PartitionValueList"])
    old, given = tuple(before["Values"]), request["PartitionInput"]
    new = _key(table, given.get("Values") or list(old))
    if new != old and new in table.partitions:
        raise exists("Partition already exists.")
    del table.partitions[old]
    table.partitions[new] = _document(table, {**given, "Values": list(new)}, before["CreationTime"])
    if new != old and old in table.statistics:
        table.statistics[new] = table.statistics.pop(old)


def _delete(table: Table, values: list[str]) -> None:
    key = tuple(find(table, values)["Values"])
    del table.partitions[key]
    table.statistics.pop(key, None)


def _each(
    items: list[Document],
    named: Callable[[Document], list[str] | None],
    do: Callable[[Document], None],
    member: str = "PartitionValues",
) -> list[Document]:
    errors = []
    for item in items:
        try:
            do(item)
        except Refused as refused:
            errors.append({member: named(item) or [], "ErrorDetail": detail(refused)})
    return errors


def _values(item: Document) -> list[str] | None:
    return item.get("Values")


def _stated(entry: Document) -> list[str] | None:
    return entry["PartitionValueList"]  # type: ignore[no-any-return]  # the model requires it


def _keys(table: Table) -> list[Document]:
    keys: list[Document] = table.document.get("PartitionKeys") or []
    return keys


def _key(table: Table, values: list[str] | None) -> tuple[str, ...]:
    if len(values or ()) != len(_keys(table)) or not values:
        raise invalid("The number of partition keys do not match the number of partition values")
    return tuple(values)


def _document(table: Table, given: Document, created: float) -> Document:
    names = {
        "DatabaseName": table.document["DatabaseName"],
        "TableName": table.document["Name"],
        "CatalogId": table.document["CatalogId"],
    }
    return {**written(given), **names, "CreationTime": created}


def _segment(segment: Document | None) -> Callable[[list[Any]], bool]:
    """Readers at the same time get a share each; what a share is is for the service to say."""
    if segment is None:
        return lambda values: True
    number, total = segment["SegmentNumber"], segment["TotalSegments"]
    if number >= total:
        raise invalid("SegmentNumber must be less than TotalSegments.")
    return lambda values: zlib.crc32("\0".join(values).encode()) % total == number


def _without_schema(partition: Document) -> Document:
    storage = partition.get("StorageDescriptor")
    if storage is None:
        return partition
    return {**partition, "StorageDescriptor": {name: storage[name] for name in storage if name != "Columns"}}
