"""Made-up tables, of all that Glue's service model has, and made-up wishes that meet with them; and what Glue makes of
a TableInput.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.description import with_block
from airflow_provider_catalog.targets.glue.plan import Plan
from airflow_provider_catalog.targets.glue.service_model import shape
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted

NAMES = ["id", "amount", "dt", "a b", "größe", "x.y", "order"]
TYPES = ["int", "integer", "string", "decimal(10,2)", "array<int>", "struct<A:int,b:string>", "mystery", ""]
KEYS = ["owner", "classification", "typeOfData", "EXTERNAL", "pii_columns", "catalog.upstream", "theirs", "delimiter"]
_LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "Zs", "So"))
_TEXT = st.text(_LETTERS, max_size=12)
LONG = st.builds(str.__mul__, st.text(max_size=9), st.integers(0, 600))
"""Longer than anything may be, and made quickly."""
_TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants them naive


def made_up(of: Shape) -> st.SearchStrategy[Any]:
    """Anything of a shape: each member may be there or not."""
    if isinstance(of, StructureShape):
        return st.deferred(lambda: _structure(of.name))
    if isinstance(of, ListShape):
        return st.lists(made_up(of.member), min_size=of.metadata.get("min", 0), max_size=2)
    if isinstance(of, MapShape):
        keys = st.one_of(st.sampled_from(KEYS), made_up(of.key)) if of.name == "ParametersMap" else made_up(of.key)
        return st.dictionaries(keys, made_up(of.value), max_size=3)
    return _SCALARS[of.type_name](of)


@cache
def _structure(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Once for each: the status of a table has a table in it."""
    of = shape(name)
    members = {name: made_up(member) for name, member in of.members.items()}
    required = {name: members.pop(name) for name in of.required_members}
    if of.name == "Column":
        required = {"Name": st.one_of(st.sampled_from(NAMES), required["Name"])}
        members["Type"] = st.one_of(st.sampled_from(TYPES), members["Type"])
    return st.fixed_dictionaries(required, optional=members)


_KNOWN = {
    "ArnString": "arn:aws:iam::111122223333:role/catalog",
    "GlueResourceArn": "arn:aws:glue:eu-west-1:111122223333:schema/r/s",
    "SchemaRegistryNameString": "registry",
    "SchemaVersionIdString": "00000000-0000-0000-0000-000000000000",
    "VersionString": "3",
}
"""What has a form of its own."""


def _string(of: Shape) -> st.SearchStrategy[str]:
    if options := getattr(of, "enum", None):
        return st.sampled_from(options)
    if of.name in _KNOWN:
        return st.just(_KNOWN[of.name])
    return st.text(_LETTERS, min_size=of.metadata.get("min", 0), max_size=12)


_SCALARS: dict[str, Callable[[Shape], st.SearchStrategy[Any]]] = {
    "string": _string,
    "integer": lambda of: st.integers(of.metadata.get("min", -9), of.metadata.get("max", 9)),
    "long": lambda of: st.integers(of.metadata.get("min", -9), of.metadata.get("max", 9)),
    "double": lambda of: st.floats(0, 1),
    "boolean": lambda of: st.booleans(),
    "timestamp": lambda of: _TIMES,
}


def unique(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Glue folds the names of columns, and takes none twice."""
    return list({column["Name"].lower(): {**column, "Name": column["Name"].lower()} for column in columns}.values())


def _possible(table: dict[str, Any]) -> dict[str, Any]:
    keys = unique(table.get("PartitionKeys", []))
    named = {key["Name"] for key in keys}
    descriptor = dict(table.get("StorageDescriptor", {}))
    if "Columns" in descriptor:
        descriptor["Columns"] = [each for each in unique(descriptor["Columns"]) if each["Name"] not in named]
    parts = {"PartitionKeys": keys, "StorageDescriptor": descriptor}
    return {**table, **{name: part for name, part in parts.items() if name in table}}


def tables() -> st.SearchStrategy[dict[str, Any]]:
    """As GetTable answers, with all that AWS only tells."""
    return made_up(shape("Table")).map(_possible)


def plain(table: Mapping[str, Any]) -> dict[str, Any]:
    """The same as a table that may be written: no view, no link, nobody else's."""
    special = {"TargetTable", "FederatedTable", "ViewDefinition", "IsMultiDialectView", "IsMaterializedView"}
    special |= {"IcebergTableMetadata", "TableType"}
    return {name: value for name, value in table.items() if name not in special}


def columns() -> st.SearchStrategy[Column]:
    names = st.one_of(st.sampled_from(NAMES), st.sampled_from(["ID", "Amount"]), _TEXT)
    return st.builds(Column, names, st.one_of(st.sampled_from(TYPES), _TEXT), st.one_of(_TEXT, LONG))


def wishes() -> st.SearchStrategy[Wanted]:
    some = st.lists(columns(), max_size=5).map(tuple)
    formats = st.sampled_from(["", "parquet", "csv", "json", "delta", "mystery"])
    parameters = st.dictionaries(
        st.one_of(st.sampled_from(KEYS), LONG), st.one_of(st.none(), st.text(max_size=20)), max_size=4
    )
    blocks = st.one_of(st.none(), LONG, st.just("Upstream: a\nb"))
    return st.builds(
        Wanted,
        st.just("sales"),
        st.just("Orders"),
        columns=some,
        partition_keys=st.sampled_from([(), (), (Column("dt", "date"),)]),
        location=st.sampled_from(["", "s3://b/orders", "s3://b/orders/"]),
        format=formats,
        compression=st.sampled_from(["", "gzip"]),
        description_block=blocks,
        parameters=parameters,
        owner=st.sampled_from(["", "finance", "x" * 300]),
        header_lines=st.integers(0, 1),
        authoritative=st.booleans(),
    )


def texts_with_blocks() -> st.SearchStrategy[str]:
    """Descriptions of all sorts: with a block of ours, moved about, cut in two, twice."""
    piece = st.one_of(
        st.text(max_size=40),
        st.sampled_from(["-- airflow-catalog --", "-- end of airflow-catalog --", "\n", "\n\n", "\r\n", "é" * 700]),
        st.builds(with_block, st.text(max_size=9), st.text(max_size=9)),
    )
    return st.lists(piece, max_size=6).map("".join)


def written(planned: Plan, table: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What GetTable says when a plan was carried out, on the table that it was made for."""
    told = {name: value for name, value in (table or {}).items() if name not in shape("TableInput").members}
    version = str(int(told.get("VersionId", "0")) + 1)
    times = dict.fromkeys(("CreateTime", "UpdateTime"), datetime(2026, 1, 1, tzinfo=UTC))
    found = {"Retention": 0, **told, **times, "DatabaseName": planned.database, "VersionId": version}
    if (descriptor := planned.table_input.get("StorageDescriptor")) is not None:
        filled = {"Compressed": False, "NumberOfBuckets": 0, "SortColumns": [], "StoredAsSubDirectories": False}
        return {**found, **planned.table_input, "StorageDescriptor": {**filled, **descriptor}}
    return {**found, **planned.table_input}
