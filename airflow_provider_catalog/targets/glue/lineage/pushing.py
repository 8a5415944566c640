"""Lineage pushed to tables that Glue has: parameters and a block of the description, and nothing else of them.

A table that is not there is not made, and one whose lineage is as it was told before is not written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias

from airflow_provider_catalog.services.times import iso, now
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.calls import Refused
from airflow_provider_catalog.targets.glue.carrying import Keep, Planned, Planner, carry_out, images, look
from airflow_provider_catalog.targets.glue.lineage.chain import (
    CHAIN,
    ENVIRONMENT,
    LAST_SYNCED,
    TRUNCATED,
    Chain,
    parameters,
)
from airflow_provider_catalog.targets.glue.lineage.tree import tree
from airflow_provider_catalog.targets.glue.lineage.upstream import DEPTH, GlueTable, tables, upstream
from airflow_provider_catalog.targets.glue.mapping import GlueMapping, GluePlace
from airflow_provider_catalog.targets.glue.plan import MISSING, Plan, plan
from airflow_provider_catalog.targets.glue.table_input import Table, members
from airflow_provider_catalog.targets.glue.wanted import Wanted

AccountOf: TypeAlias = Callable[[str | None, str | None], Account]
State: TypeAlias = Literal["updated", "unchanged", "missing", "denied", "refused", "failed"]
SKIPPED: tuple[State, ...] = ("missing", "denied", "refused")
_THREADS = 8
_TOGETHER = 50


class Pushed(NamedTuple):
    """What became of a table. `hops` lie before it; `truncated`: there are more than it is told of."""

    place: GluePlace
    state: State
    hops: int = 0
    truncated: bool = False
    plan: Plan | None = None
    reason: str = ""
    retryable: bool = False

    @property
    def table(self) -> str:
        return f"{self.place.database}.{self.place.table}"

    def problem(self) -> dict[str, str]:
        return {"table": self.table, "state": self.state, "reason": self.reason}


def push_lineage(  # noqa: PLR0913  what is pushed where, and each switch of it
    store: Store,
    datasets: Iterable[Entity],
    mapping: GlueMapping,
    account_of: AccountOf,
    *,
    set_parameters: bool = True,
    set_description: bool = True,
    dry_run: bool = False,
    depth: int = DEPTH,
    keep: Keep | None = None,
) -> Iterator[Pushed]:
    """Table by table. What is switched off stays as it is. `keep`: takes the images, where the store may not."""
    what = _What(set_parameters, set_description)
    writer = _Writer(keep or store.keep_images, dry_run=dry_run)
    with ThreadPoolExecutor(_THREADS, "catalog-lineage") as pool:
        for page in _by(tables(store, datasets, mapping), _TOGETHER):
            accounts = [account_of(each.place.catalog_id, each.place.region) for each in page]
            told = [what.of(each, upstream(store, each, depth)) for each in page]
            yield from writer.write(list(map(_Task, accounts, page, told)), pool)


def summary(pushed: Sequence[Pushed], *, dry_run: bool = False) -> dict[str, Any]:
    """For machines: the counts, and of what was not done the reasons."""
    states = Counter(each.state for each in pushed)
    return {
        "dry_run": dry_run,
        "tables": len(pushed),
        "updated": states["updated"],
        "unchanged": states["unchanged"],
        "skipped": sum(states[state] for state in SKIPPED),
        "errors": states["failed"],
        "problems": [each.problem() for each in pushed if each.reason],
    }


def hopeless(pushed: Sequence[Pushed]) -> bool:
    """Nothing went at all, for a reason other than that tables are not there."""
    return bool(pushed) and all(each.state in {"denied", "failed"} for each in pushed)


class _Told(NamedTuple):
    """What a table is told of its lineage."""

    wanted: Wanted
    hops: int
    truncated: bool


class _What(NamedTuple):
    """Which of it is told."""

    parameters: bool
    description: bool

    def of(self, table: GlueTable, chain: Chain) -> _Told:
        place = table.place
        told = parameters(chain, [f"{each.namespace}/{each.name}" for each in table.datasets])
        wanted = Wanted(
            place.database,
            place.table,
            parameters=told if self.parameters else {},
            lineage_block=tree(chain, place.table, told[ENVIRONMENT] or "") if self.description else None,
            words_only=True,
        )
        return _Told(wanted, len(chain.hops), told[TRUNCATED] is not None)


class _Task(NamedTuple):
    """A table to write."""

    account: Account
    table: GlueTable
    told: _Told

    def ended(self, state: State, **more: Any) -> Pushed:
        return Pushed(self.table.place, state, self.told.hops, self.told.truncated, **more)


class _Seen(NamedTuple):
    """What is to be done about a task, and how it is planned again."""

    task: _Task
    planned: Planned
    planner: Planner


class _Writer:
    def __init__(self, keep: Keep, *, dry_run: bool) -> None:
        self._keep = keep
        self._dry_run = dry_run

    def write(self, tasks: Sequence[_Task], pool: ThreadPoolExecutor) -> Iterator[Pushed]:
        """In their order. All is looked at and every image kept before the first is written."""
        found = list(pool.map(self._looked_at, tasks))
        if not self._dry_run:
            seen = [each for each in found if isinstance(each, _Seen)]
            self._keep([image for each in seen for image in images(each.task.account, each.planned)])
        yield from pool.map(self._carried_out, found)

    def _looked_at(self, task: _Task) -> _Seen | Pushed:
        place = task.table.place
        planner = partial(_plan, task.told.wanted, iso(now()))
        try:
            return _Seen(task, look(task.account, place.database, place.table, planner), planner)
        except Refused as error:
            return _refused(task, error)

    def _carried_out(self, found: _Seen | Pushed) -> Pushed:
        if isinstance(found, Pushed):
            return found
        task, planned, planner = found
        done = planned.plan
        try:
            if planned.writes and not self._dry_run:
                done = carry_out(task.account, planned, planner, self._keep)
        except Refused as error:
            return _refused(task, error)
        return task.ended(_state(done), plan=done, reason=done.reason)


def _plan(wanted: Wanted, at: str, actual: Table | None) -> Plan:
    """The time alone is no reason to write, and of no lineage there is none."""
    if not wanted.parameters:
        return plan(wanted, actual)
    there = members(actual or {}, "Parameters").get(LAST_SYNCED)
    synced = wanted.parameters[CHAIN] and there
    found = plan(replace(wanted, parameters={**wanted.parameters, LAST_SYNCED: synced}), actual)
    if found.kind != "update" or not wanted.parameters[CHAIN]:
        return found
    return plan(replace(wanted, parameters={**wanted.parameters, LAST_SYNCED: at}), actual)


def _state(done: Plan) -> State:
    if done.kind == "refuse":
        return "missing" if done.reason == MISSING else "refused"
    return "updated" if done.kind == "update" else "unchanged"


def _refused(task: _Task, error: Refused) -> Pushed:
    state: State = "denied" if error.denied else "failed"
    return task.ended(state, reason=str(error), retryable=error.retryable)


def _by(items: Sequence[GlueTable], size: int) -> Iterator[Sequence[GlueTable]]:
    return (items[first : first + size] for first in range(0, len(items), size))
