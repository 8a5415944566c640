"""What two tables differ in, member by member. What AWS fills in by itself (0, false, nothing) is no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.targets.glue.ownership import MEMORY
from airflow_provider_catalog.targets.glue.table_input import Table, members


class Change(NamedTuple):
    """`member` as `StorageDescriptor.Columns.amount.Type`; None where it is not there."""

    member: str
    before: Any
    after: Any


def differences(before: Table, after: Table) -> tuple[Change, ...]:
    """Without what we remember of them. What is there only once is one change, whatever it is made of."""
    old, new = _without_memory(before), _without_memory(after)
    return tuple(change for name in {**old, **new} for change in _changes(name, old.get(name), new.get(name)))


def _without_memory(table: Table) -> dict[str, Any]:
    parameters = {key: value for key, value in members(table, "Parameters").items() if key != MEMORY}
    return {**table, "Parameters": parameters}


def _changes(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after or (_blank(before) and _blank(after)):
        return
    old, new = _named(before), _named(after)
    if old is None or new is None or _blank(before) or _blank(after):
        yield Change(path, before, after)
        return
    for name in {**old, **new}:
        yield from _changes(f"{path}.{name}", old.get(name), new.get(name))
    if isinstance(after, list) and [name for name in old if name in new] != [name for name in new if name in old]:
        yield Change(path, list(old), list(new))


def _blank(value: Any) -> bool:
    return all(map(_blank, value.values())) if isinstance(value, Mapping) else not value


def _named(value: Any) -> Mapping[str, Any] | None:
    """Parts that have names: members, parameters, columns. A list with a name twice is one value."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and all(isinstance(each, Mapping) and "Name" in each for each in value):
        found = {str(each["Name"]): each for each in value}
        return found if len(found) == len(value) else None
    return None
