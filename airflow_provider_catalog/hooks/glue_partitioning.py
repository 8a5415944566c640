"""Partitions registered by a task: those that it states, and those whose folders are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_catalog.hooks.glue_asked import PartitionsAsked
from airflow_provider_catalog.hooks.glue_failures import Failure, failed, telling
from airflow_provider_catalog.hooks.glue_folders import Folders, folders
from airflow_provider_catalog.hooks.glue_lineage import Registered, report
from airflow_provider_catalog.targets.glue.account import Account, NotTaken
from airflow_provider_catalog.targets.glue.mapping import GluePlace
from airflow_provider_catalog.targets.glue.partitions.plan import (
    PartitionPlan,
    meant,
    plan_partitions,
    refusal,
)
from airflow_provider_catalog.targets.glue.partitions.values import keys_of
from airflow_provider_catalog.targets.glue.reading import GlueTable
from airflow_provider_catalog.targets.glue.stated import StatedError, loaded
from airflow_provider_catalog.targets.glue.table_input import Table, members
from airflow_provider_catalog.targets.glue.wanted import Wanted

if TYPE_CHECKING:
    from airflow_provider_catalog.hooks.glue_account import GlueAccountHook

_NOT_TAKEN = 1000
"""So many are told of one by one."""


class _Work(NamedTuple):
    """What is to be done about a table's partitions. `ignored`: folders that are none."""

    account: Account
    table: Table
    plan: PartitionPlan
    ignored: int


def register(hook: GlueAccountHook, asked: PartitionsAsked, *, dry_run: bool, strict: bool) -> dict[str, Any]:
    with telling():
        asked.check()
        work = _planned(hook, asked)
        refused = [*work.plan.refused] if dry_run else [*work.plan.refused, *_written(work)]
        if not dry_run:
            _report(hook, work)
    for each in refused:
        hook.log.warning("%s.%s: partition %s: %s", *_name(work.table), "/".join(each.values), each.reason)
    if refused and strict:
        raise failed([Failure("/".join(each.values), each.reason, each.retryable) for each in refused])
    result = _result(work, refused)
    hook.log.info("%s.%s: %s", *_name(work.table), {key: value for key, value in result.items() if key != "failed"})
    return result


def _planned(hook: GlueAccountHook, asked: PartitionsAsked) -> _Work:
    account = hook.account_of(None, None)
    table = account.table(asked.database.lower(), asked.table.lower())
    if table is None:
        raise StatedError(f"{asked.database}.{asked.table} is not there: GlueTableRegisterOperator makes it")
    if reason := refusal(table):
        raise StatedError(f"{asked.database}.{asked.table}: {reason}")
    keys = keys_of(table)
    seen = _folders(hook, table, [key.name for key in keys]) if asked.from_location else Folders([], 0)
    stated, unread = meant([*_listed(asked.partitions), *seen.paths], keys)
    there = account.partitions(*_name(table), [each.values for each in stated])
    plan = plan_partitions(table, stated, there, asked.if_exists)
    return _Work(account, table, replace(plan, refused=(*unread, *plan.refused)), seen.ignored)


def _folders(hook: GlueAccountHook, table: Table, keys: Sequence[str]) -> Folders:
    return folders(hook.s3(), str(members(table, "StorageDescriptor").get("Location") or ""), keys)


def _listed(stated: Any) -> Sequence[Any]:
    """A template makes one text: a path or a value, or a list of JSON."""
    if isinstance(stated, str) and stated.startswith("["):
        stated = loaded("partitions", stated)
    if stated is None:
        return ()
    return [stated] if isinstance(stated, str | Mapping) else [*stated]


def _written(work: _Work) -> list[NotTaken]:
    return [
        *work.account.add(*_name(work.table), work.plan.add),
        *work.account.change(*_name(work.table), work.plan.change),
    ]


def _report(hook: GlueAccountHook, work: _Work) -> None:
    """The task's lineage names the table."""
    place = GluePlace(*_name(work.table))
    catalog_id = work.account.owner(*_name(work.table))
    known = Registered.of(work.account.region, catalog_id, GlueTable(place, Wanted(place.database, place.table), ()))
    report(hook, [known] if known else [])


def _name(table: Table) -> tuple[str, str]:
    return str(table["DatabaseName"]), str(table["Name"])


def _result(work: _Work, refused: Sequence[NotTaken]) -> dict[str, Any]:
    not_taken = {each.values for each in refused}
    database, table = _name(work.table)
    return {
        "database": database,
        "table": table,
        "added": sum(tuple(each["Values"]) not in not_taken for each in work.plan.add),
        "updated": sum(tuple(each["Values"]) not in not_taken for each in work.plan.change),
        "unchanged": work.plan.unchanged,
        "ignored": work.ignored,
        "failed": [{"values": [*each.values], "reason": each.reason} for each in refused[:_NOT_TAKEN]],
        "failures": len(refused),
    }
