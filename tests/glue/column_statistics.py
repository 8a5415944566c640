"""What is known of the values of a column, of a whole table or of one partition of it."""

from __future__ import annotations

from typing import TypeAlias

from tests.glue import links
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.partitions import find
from tests.glue.refusals import Refused, detail, invalid, not_found
from tests.glue.state import State, Table

Scope: TypeAlias = tuple[str, ...] | None
"""The values of a partition, or nothing for all of the table."""


@operation("UpdateColumnStatisticsForTable", writes=True)
@operation("UpdateColumnStatisticsForPartition", writes=True)
def update(state: State, request: Document) -> Document:
    table, known = _scoped(state, request)
    errors = []
    for given in request["ColumnStatisticsList"]:
        try:
            _expect_column(table, given["ColumnName"])
            _expect_data(given["StatisticsData"])
        except Refused as refused:
            errors.append({"ColumnStatistics": given, "Error": detail(refused)})
        else:
            name = given["ColumnName"].lower()
            known[name] = {**given, "ColumnName": name}
    return {"Errors": errors}


@operation("GetColumnStatisticsForTable")
@operation("GetColumnStatisticsForPartition")
def get(state: State, request: Document) -> Document:
    _, known = _scoped(state, request)
    names = [name.lower() for name in request["ColumnNames"]]
    errors = [{"ColumnName": name, "Error": detail(_unknown(name))} for name in names if name not in known]
    return {"ColumnStatisticsList": [known[name] for name in names if name in known], "Errors": errors}


@operation("DeleteColumnStatisticsForTable", writes=True)
@operation("DeleteColumnStatisticsForPartition", writes=True)
def delete(state: State, request: Document) -> Document:
    _, known = _scoped(state, request)
    if known.pop(request["ColumnName"].lower(), None) is None:
        raise _unknown(request["ColumnName"].lower())
    return {}


def _scoped(state: State, request: Document) -> tuple[Table, dict[str, Document]]:
    table = links.table(state, request)
    values: list[str] | None = request.get("PartitionValues")
    scope: Scope = tuple(find(table, values)["Values"]) if values is not None else None
    return table, table.statistics.setdefault(scope, {})


def _expect_column(table: Table, name: str) -> None:
    columns = (table.document.get("StorageDescriptor") or {}).get("Columns") or []
    if name.lower() not in {column["Name"] for column in [*columns, *(table.document.get("PartitionKeys") or [])]}:
        raise not_found(f"Column {name} not found in table {table.document['Name']}.")


def _expect_data(data: Document) -> None:
    """Of the type that it says, and of no other."""
    stated = {name.removesuffix("ColumnStatisticsData").upper() for name in data if name != "Type"}
    if stated != {data["Type"]}:
        raise invalid(f"Statistics of type {data['Type']} need the data of that type and of no other.")


def _unknown(name: str) -> Refused:
    return not_found(f"Statistics not found for column {name}.")
