"""From what the catalog wants a table of Glue to be and what it is, to what is to be called. Nothing is called here.

It is a merge: whatever is there and not ours stays (`ownership` says how that is known). What comes out is a whole
TableInput, since UpdateTable replaces all of it, for the version it was made of. Views and tables of Iceberg, Delta and
Hudi keep what their engines wrote, and get a description and parameters. What cannot be written safely is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from airflow_provider_catalog.targets.glue import columns
from airflow_provider_catalog.targets.glue.columns import Reading, Stated
from airflow_provider_catalog.targets.glue.description import Kind, block_of, clean, with_block
from airflow_provider_catalog.targets.glue.difference import Change, differences
from airflow_provider_catalog.targets.glue.formats import format_of
from airflow_provider_catalog.targets.glue.limits import fault, shown
from airflow_provider_catalog.targets.glue.ownership import MEMORY, Ownership
from airflow_provider_catalog.targets.glue.recency import is_news, remembered
from airflow_provider_catalog.targets.glue.refusal import refusal
from airflow_provider_catalog.targets.glue.storage_descriptor import stored
from airflow_provider_catalog.targets.glue.table_input import Table, input_of, kind_of, members
from airflow_provider_catalog.targets.glue.types.types import STRING
from airflow_provider_catalog.targets.glue.wanted import Wanted

Verb: TypeAlias = Literal["create", "update", "delete", "nothing", "refuse"]
MISSING = "there is no such table in Glue: register it first"
_NEW: Table = {
    "TableType": "EXTERNAL_TABLE",
    "Retention": 0,
    "StorageDescriptor": {"Columns": [], "NumberOfBuckets": -1},
    "PartitionKeys": [],
    "Parameters": {},
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`table_input`: all of the table as it is to be, unless it is refused. `archive`: its schema changes, so the
    version before is worth keeping. `reason`: why it is refused, and what to do. `notes`: what was cut or left alone.
    """

    kind: Verb
    database: str
    name: str
    table_input: Mapping[str, Any] = field(default_factory=dict)
    version_id: str | None = None
    archive: bool = False
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""


def plan(wanted: Wanted, actual: Table | None) -> Plan:
    """`actual`: the table as GetTable answers it, None where there is none."""
    wanted = _as_its_format_has_it(wanted)
    stated, keys = columns.read(wanted.columns, wanted.dialect), columns.read(wanted.partition_keys, wanted.dialect)
    database, name = wanted.database.lower(), wanted.name.lower()
    if actual is None and wanted.words_only:
        return Plan("refuse", database, name, reason=MISSING)
    if reason := refusal(wanted, stated, keys, actual):
        return Plan("refuse", database, name, reason=reason)
    before = {"Name": name, **_NEW} if actual is None else input_of(actual)
    merge = _Merge(wanted, stated, keys, before)
    kind = "table" if actual is None else kind_of(actual)
    after = merge.everything() if kind == "table" and not wanted.words_only else merge.what_is_safe(kind)
    changes, notes = differences({} if actual is None else before, after), tuple(dict.fromkeys(merge.notes()))
    if not changes:
        return Plan("nothing", database, name, before, notes=notes)
    if kind == "table" and wanted.columns:
        after = remembered(wanted.schema_as_of, after)
    archive = actual is not None and schema_of(before) != schema_of(after)
    if archive and before.get("PartitionKeys"):
        notes += ("partitions that are there keep the columns they were registered with",)
    verb: Verb = "create" if actual is None else "update"
    return Plan(verb, database, name, after, version_of(actual), archive, changes, notes)


def version_of(actual: Table | None) -> str | None:
    return str(actual["VersionId"]) if actual and actual.get("VersionId") is not None else None


def schema_of(table: Table) -> list[tuple[Any, Any]]:
    """What makes another version worth keeping."""
    lists = (members(table, "StorageDescriptor").get("Columns"), table.get("PartitionKeys"))
    return [(each.get("Name"), each.get("Type")) for found in lists for each in (*(found or ()), {})]


def _as_its_format_has_it(wanted: Wanted) -> Wanted:
    found = format_of(wanted.format)
    if found is None or not found.knows_partitions:
        return wanted
    there = {column.name.lower() for column in wanted.columns}
    keys = (key for key in wanted.partition_keys if key.name.lower() not in there)
    whole = wanted.authoritative and bool(wanted.columns)
    return replace(wanted, columns=(*wanted.columns, *keys), partition_keys=(), authoritative=whole)


class _Merge:
    """What is wanted, merged into a table part by part."""

    def __init__(self, wanted: Wanted, stated: Reading, keys: Reading, before: Table) -> None:
        self._wanted = wanted
        self._stated = stated
        self._keys = keys
        self._before = before
        self._ours = Ownership(str(members(before, "Parameters").get(MEMORY) or ""))
        self._notes: list[str] = []

    def notes(self) -> Iterator[str]:
        yield from (*self._notes, *self._ours.notes)

    def everything(self) -> dict[str, Any]:
        self._notes += [*self._stated.left_out, *self._stated.notes, *self._keys.left_out, *self._keys.notes]
        before = members(self._before, "StorageDescriptor")
        found = stored(before, self._wanted, self._ours)
        self._notes += found.notes
        keys = self._partition_keys()
        made = self._columns(before.get("Columns") or [], {str(key["Name"]).lower() for key in keys})
        descriptor = {**found.descriptor, "Columns": made} if made or "Columns" in before else found.descriptor
        parts = {"StorageDescriptor": descriptor} if descriptor else {}
        external = {"EXTERNAL": "TRUE"} if self._before.get("TableType") == "EXTERNAL_TABLE" else {}
        made_of = {**self._before, **parts, "PartitionKeys": keys, **self._owner()}
        return self._with_words(made_of, {**found.parameters, **external})

    def what_is_safe(self, kind: str) -> dict[str, Any]:
        if not self._wanted.words_only:
            self._notes.append(f"it is of the kind {kind}: only its description and its parameters are written")
        return self._with_words(dict(self._before), {})

    def _partition_keys(self) -> list[dict[str, Any]]:
        there: Sequence[Mapping[str, Any]] = self._before.get("PartitionKeys") or []
        if there:
            return columns.with_comments(there, (*self._stated.columns, *self._keys.columns), self._ours)
        return columns.merged([], [_plain(each) for each in self._keys.columns], self._ours, whole=True)

    def _columns(self, there: Sequence[Mapping[str, Any]], keys: set[str]) -> list[dict[str, Any]]:
        news = is_news(self._wanted.schema_as_of, self._before)
        whole = self._wanted.authoritative and news
        made = columns.merged(there, self._stated.columns, self._ours, whole=whole, news=news)
        return [each for each in made if str(each.get("Name")).lower() not in keys]

    def _owner(self) -> dict[str, str]:
        there = str(self._before.get("Owner") or "")
        if not self._wanted.owner or not self._is_taken("the owner", "NameString", self._wanted.owner):
            return {}
        settled = self._ours.settle("owner", "", self._wanted.owner, there or None)
        return {"Owner": settled} if settled else {}

    def _with_words(self, table: dict[str, Any], told: Mapping[str, str | None]) -> dict[str, Any]:
        owner = {"owner": self._wanted.owner} if self._wanted.owner else {}
        wanted = {**told, **owner, **self._wanted.parameters}
        parameters = self._parameters({key: value for key, value in wanted.items() if self._may_be(key, value)})
        told_of = {"Parameters": parameters} if parameters or table.get("Parameters") else {}
        return {**table, **self._description(), **told_of}

    def _parameters(self, wanted: Mapping[str, str | None]) -> dict[str, str]:
        there = members(self._before, "Parameters")
        settled = {key: self._ours.settle("parameter", key, value, there.get(key)) for key, value in wanted.items()}
        memory = self._ours.memory()
        found = {**there, **settled, MEMORY: memory or None}
        return {key: value for key, value in found.items() if value is not None}

    def _may_be(self, key: str, value: str | None) -> bool:
        named = f"the parameter {shown(key)}"
        return self._is_taken(named, "KeyString", key) and self._is_taken(named, "ParametersMapValue", value or "")

    def _is_taken(self, what: str, kind: str, text: str) -> bool:
        if problem := fault(kind, text):
            self._notes.append(f"{what} is left out: it {problem}")
        return not problem

    def _description(self) -> dict[str, str]:
        stated: Mapping[Kind, str | None] = {
            "catalog": self._wanted.description_block,
            "lineage": self._wanted.lineage_block,
        }
        told = {kind: block for kind, block in stated.items() if block is not None}
        if not told:
            return {}
        text = str(self._before.get("Description") or "")
        made = with_block(text, stated["catalog"], stated["lineage"])
        if any(block_of(made, kind) != (clean(block) or None) for kind, block in told.items()):
            self._notes.append("the description has no room for all that the catalog has to say: 2048 bytes in all")
        return {"Description": made} if made != text else {}


def _plain(key: Stated) -> Stated:
    """A key of partitions has no parts."""
    return key._replace(type=STRING) if "<" in key.type.type else key
