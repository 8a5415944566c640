"""From the partitions that somebody states and those that are there to what is to be called. Nothing is called here,
and nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.targets.glue.account import NotTaken, Values
from airflow_provider_catalog.targets.glue.limits import fault, shown
from airflow_provider_catalog.targets.glue.partitions.inputs import changed, derived, partition_input
from airflow_provider_catalog.targets.glue.partitions.values import PartitionKey, Stated, read
from airflow_provider_catalog.targets.glue.stated import StatedError
from airflow_provider_catalog.targets.glue.table_input import Table, kind_of, members

_WITH_PARTITIONS = ("table", "hudi")


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """`add` and `change` are whole PartitionInputs. `refused`: those that cannot be written, with the reasons."""

    add: tuple[Mapping[str, Any], ...] = ()
    change: tuple[Mapping[str, Any], ...] = ()
    unchanged: int = 0
    refused: tuple[NotTaken, ...] = ()


def refusal(table: Table) -> str:
    """Why nothing can be added to a table at all; empty when it can."""
    kind = kind_of(table)
    if kind not in _WITH_PARTITIONS:
        return f"it is of the kind {kind}, whose partitions are not Glue's to keep"
    return "" if table.get("PartitionKeys") else "it has no partition keys"


def meant(stated: Iterable[Any], keys: Sequence[PartitionKey]) -> tuple[list[Stated], list[NotTaken]]:
    """What can be read of it, each partition once, and what cannot."""
    found: dict[Values, Stated] = {}
    refused: list[NotTaken] = []
    for each in stated:
        try:
            one = read(each, keys)
        except StatedError as error:
            refused.append(NotTaken((shown(str(each)),), str(error)))
        else:
            found[one.values] = one if one.location or one.values not in found else found[one.values]
    return list(found.values()), refused


def plan_partitions(
    table: Table, stated: Collection[Stated], there: Mapping[Values, Mapping[str, Any]], exists: str
) -> PartitionPlan:
    """`there`: those of the stated that are there, as Glue answers them."""
    add, change, refused = [], [], []
    for each in stated:
        location = each.location or derived(table, each.values)
        if problem := _problem(table, location):
            refused.append(NotTaken(each.values, problem))
        elif each.values not in there:
            add.append(partition_input(table, each.values, location))
        elif exists == "update" and (made := changed(there[each.values], table, each.location)):
            change.append(made)
    unchanged = len(stated) - len(add) - len(change) - len(refused)
    return PartitionPlan(tuple(add), tuple(change), unchanged, tuple(refused))


def _problem(table: Table, location: str) -> str:
    if not location and not members(table, "StorageDescriptor").get("Location"):
        return "nobody knows where it lies: neither it nor its table has a location"
    problem = fault("LocationString", location)
    return f"the location {shown(location)} {problem}" if problem else ""
