"""Where and how a table is stored: the location and the classes of a format, merged into what is there.

The classes go together, and so do the parameters of the table that tell of them: where somebody else chose a format,
all of it stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.formats import Storage, storage
from airflow_provider_catalog.targets.glue.ownership import Ownership
from airflow_provider_catalog.targets.glue.table_input import members
from airflow_provider_catalog.targets.glue.wanted import Wanted

_Parameters: TypeAlias = Mapping[str, str | None]
_OF_SOME: _Parameters = dict.fromkeys(("classification", "delimiter", "table_type", "spark.sql.sources.provider"))
"""What the next format of a table may not have."""


class Stored(NamedTuple):
    """The descriptor without its columns, and the parameters of the table that go with it."""

    descriptor: dict[str, Any]
    parameters: _Parameters = MappingProxyType({})
    notes: tuple[str, ...] = ()


def stored(actual: Mapping[str, Any], wanted: Wanted, ours: Ownership) -> Stored:
    descriptor = {**actual, **_location(actual, wanted.location, ours)}
    if not wanted.format:
        return Stored(descriptor)
    told = storage(wanted.format, wanted.compression, wanted.header_lines)
    if told is None:
        return Stored(descriptor, notes=(f"the format {wanted.format!r} is none that Glue has classes for",))
    return _formatted(descriptor, told, ours)


def _location(actual: Mapping[str, Any], wanted: str, ours: Ownership) -> dict[str, str]:
    """With a slash at its end or without, it is the same folder."""
    there = str(actual.get("Location") or "")
    if not wanted or there.rstrip("/") == wanted.rstrip("/"):
        return {}
    return {"Location": ours.settle("location", "", wanted, there or None) or wanted}


def _formatted(descriptor: dict[str, Any], told: Storage, ours: Ownership) -> Stored:
    there, wanted = _classes(descriptor), _classes(told.descriptor)
    if ours.settle("format", "", wanted, there or None) != wanted:
        return Stored(descriptor)
    if there == wanted and not ours.is_ours("format", "", wanted):
        return Stored(descriptor, told.parameters)
    serde = _serde(members(descriptor, "SerdeInfo"), told.descriptor["SerdeInfo"], ours)
    return Stored({**descriptor, **told.descriptor, "SerdeInfo": serde}, {**_OF_SOME, **told.parameters})


def _classes(descriptor: Mapping[str, Any]) -> str:
    library = members(descriptor, "SerdeInfo").get("SerializationLibrary")
    return " ".join(filter(None, (descriptor.get("InputFormat"), descriptor.get("OutputFormat"), library)))


def _serde(actual: Mapping[str, Any], wanted: Mapping[str, Any], ours: Ownership) -> dict[str, Any]:
    before = members(actual, "Parameters")
    settled = {
        key: ours.settle("SerDe parameter", key, wanted["Parameters"].get(key), before.get(key))
        for key in {**before, **wanted["Parameters"]}
    }
    parameters = {key: value for key, value in settled.items() if value is not None}
    return {**actual, **wanted, "Parameters": parameters}
