"""Why a table is not written at all, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from airflow_provider_catalog.targets.glue.columns import Reading
from airflow_provider_catalog.targets.glue.formats import format_of
from airflow_provider_catalog.targets.glue.limits import fault, shown
from airflow_provider_catalog.targets.glue.table_input import Kind, Table, kind_of, members
from airflow_provider_catalog.targets.glue.wanted import Wanted

_UNTOUCHED: Mapping[Kind, str] = {
    "resource link": "it is a link to {target}, which an update would change: register that table instead",
    "federated table": "it is kept by the connection {connection}: describe it at its source",
    "materialized view": "AWS does not take a materialized view back as it gives it: change it where it was made",
    "multi-dialect view": "AWS does not take a view of several dialects back as it gives it: change it with ALTER VIEW",
    "governed table": "it is only written in a transaction of Lake Formation: make it a table of Iceberg",
}


def refusal(wanted: Wanted, stated: Reading, keys: Reading, actual: Table | None) -> str:
    """Empty when there is none."""
    reasons = (*_of_names(wanted), *(_of_missing(wanted) if actual is None else _of_actual(wanted, keys, actual)))
    positions = format_of(wanted.format)
    if positions and positions.positional:
        reasons += tuple(f"{each}: in {positions.name} the columns after it would be wrong" for each in stated.left_out)
    return "; ".join((*reasons, *keys.left_out))


def _of_names(wanted: Wanted) -> Iterator[str]:
    stated = (("database", "NameString", wanted.database), ("table", "NameString", wanted.name))
    for what, kind, text in (*stated, ("location", "LocationString", wanted.location)):
        if problem := fault(kind, text):
            yield f"the {what} {shown(text)} {problem}"


def _of_missing(wanted: Wanted) -> Iterator[str]:
    if wanted.view_sql:
        yield "it is a view, which only the engine that reads it can make: run CREATE VIEW in Athena or Spark"
    found = format_of(wanted.format)
    if found and not found.input:
        yield f"a table of {found.name} is made by what writes it: run CREATE TABLE in Athena or Spark"


def _of_actual(wanted: Wanted, keys: Reading, actual: Table) -> Iterator[str]:
    kind = kind_of(actual)
    if reason := _UNTOUCHED.get(kind):
        yield reason.format(target=_target(actual), connection=members(actual, "FederatedTable").get("ConnectionName"))
    elif wanted.view_sql and kind == "table":
        yield "it is a table in Glue and a view in the catalog: map the view to another name"
    there = [str(each.get("Name")).lower() for each in actual.get("PartitionKeys") or ()]
    wanted_keys = [each.name for each in keys.columns]
    if kind == "table" and there and wanted_keys and there != wanted_keys:
        yield f"it is partitioned by {', '.join(there)} and not by {', '.join(wanted_keys)}: make a new table for that"


def _target(actual: Table) -> str:
    found = members(actual, "TargetTable")
    return f"{found.get('DatabaseName')}.{found.get('Name')}"
