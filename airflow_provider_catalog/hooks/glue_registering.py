"""A table registered by a task: from what was asked to what Glue has, what the catalog is told, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.hooks.glue_asked import TableAsked
from airflow_provider_catalog.hooks.glue_failures import Failure, failed, telling
from airflow_provider_catalog.hooks.glue_lineage import Registered, announce, report
from airflow_provider_catalog.settings import settings
from airflow_provider_catalog.targets.glue.mapping import GluePlace
from airflow_provider_catalog.targets.glue.placing import StatedMapping, placed
from airflow_provider_catalog.targets.glue.policy import STATES, Policy, told
from airflow_provider_catalog.targets.glue.reading import GlueTable
from airflow_provider_catalog.targets.glue.stated import loaded, wanted
from airflow_provider_catalog.targets.glue.writer import Outcome, Writer

if TYPE_CHECKING:
    from airflow_provider_catalog.hooks.glue_account import GlueAccountHook
    from airflow_provider_catalog.store.protocol import Store


def register(hook: GlueAccountHook, asked: TableAsked, *, dry_run: bool) -> dict[str, Any]:
    policy = Policy(asked.if_exists, asked.if_missing)
    with telling(), hook.store() as store:
        asked.check()
        tables, failures = _meant(hook, store, asked)
        outcomes = Writer(hook.account_of, store.keep_images, planner=policy.plan, dry_run=dry_run).write(tables)
        if not dry_run:
            _tell(hook, store, asked, [each for each in outcomes if policy.state(each) not in ("refused", "skipped")])
    for each in outcomes:
        _log(hook, policy, each)
    failures += [Failure(_name(each.table), each.reason, each.retryable) for each in outcomes if each.reason]
    if failures:
        raise failed(failures)
    return _result(policy, outcomes)


def _meant(hook: GlueAccountHook, store: Store, asked: TableAsked) -> tuple[list[GlueTable], list[Failure]]:
    place = GluePlace(asked.database or "", asked.table or "", catalog_id=hook.catalog_id, region=hook.stated_region)
    if asked.dataset is None:
        stated = wanted(place.database, place.table, **asked.stated)
        lower = place._replace(database=stated.database.lower(), table=stated.name.lower(), location=stated.location)
        return [GlueTable(lower, stated, ())], []
    found = placed(store, _names(asked.dataset), StatedMapping(settings().glue_mapping, place))
    return found.tables, [Failure(*each) for each in found.unplaced]


def _names(stated: Any) -> list[str]:
    """Assets are named by their URIs, and a template may make a list of JSON."""
    if isinstance(stated, str) and stated.startswith("["):
        stated = loaded("dataset", stated)
    many = stated if isinstance(stated, list | tuple | set) else [stated]
    return [str(getattr(each, "uri", each)) for each in many]


def _tell(hook: GlueAccountHook, store: Store, asked: TableAsked, outcomes: Sequence[Outcome]) -> None:
    """The task's lineage of each table, and the catalog of those that only the DAG knows."""
    known = [found for each in outcomes if (found := _registered(hook, each.table)) is not None]
    report(hook, known)
    announce(hook, store, known, whole=asked.dataset is None)


def _registered(hook: GlueAccountHook, table: GlueTable) -> Registered | None:
    place = table.place
    account = hook.account_of(place.catalog_id, place.region)
    return Registered.of(account.region, account.owner(place.database, place.table), table)


def _log(hook: GlueAccountHook, policy: Policy, outcome: Outcome) -> None:
    hook.log.info("%s: %s%s", _name(outcome.table), policy.state(outcome), _partitions(outcome))
    if outcome.plan is not None:
        for each in outcome.plan.changes:
            hook.log.info("  %s", told(each))
        for note in outcome.plan.notes:
            hook.log.warning("  %s", note)


def _partitions(outcome: Outcome) -> str:
    return f", {outcome.partitions} partitions added" if outcome.partitions else ""


def _name(table: GlueTable) -> str:
    return f"{table.place.database}.{table.place.table}"


def _result(policy: Policy, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    tables = [_row(policy, each) for each in outcomes]
    states = [each["state"] for each in tables]
    return {"tables": tables, **{state: states.count(state) for state in STATES}}


def _row(policy: Policy, outcome: Outcome) -> dict[str, Any]:
    place, plan = outcome.table.place, outcome.plan
    return {
        "database": place.database,
        "table": place.table,
        "catalog_id": place.catalog_id,
        "region": place.region,
        "state": policy.state(outcome),
        "changes": [told(each) for each in plan.changes] if plan else [],
        "notes": [*plan.notes] if plan else [],
        "partitions": outcome.partitions,
    }
