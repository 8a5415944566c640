"""Carries plans out for many tables at once: they are planned, their images kept together, and written."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.account import Account, NotTaken
from airflow_provider_catalog.targets.glue.calls import Refused
from airflow_provider_catalog.targets.glue.carrying import Keep, Planned, Planner, carry_out, images, look
from airflow_provider_catalog.targets.glue.partitions.inputs import gained_columns, partition_inputs, with_columns
from airflow_provider_catalog.targets.glue.plan import Plan, plan
from airflow_provider_catalog.targets.glue.reading import GlueTable
from airflow_provider_catalog.targets.glue.table_input import Table
from airflow_provider_catalog.targets.glue.wanted import Wanted

_THREADS = 8
_ON_A_PAGE, _WORTH_A_PAGE = 100, 10
"""A page of a database costs as much as one table of it: it is read where it may save so many."""
_Tables: TypeAlias = Mapping[str, Table]
_AccountOf: TypeAlias = Callable[[str | None, str | None], Account]


class Outcome(NamedTuple):
    """What became of a table: `plan` was carried out, unless there is a `reason` why not."""

    table: GlueTable
    plan: Plan | None = None
    partitions: int = 0
    reason: str = ""
    retryable: bool = False


class _Task(NamedTuple):
    """A table to write, and what is to be done about it."""

    account: Account
    table: GlueTable
    planner: Planner
    planned: Planned


class Writer:
    """`account_of` gives the account for what a rule says of catalog and region, `keep` takes images before anything is
    written. With `dry_run` it only looks. With `whole` every database is read once, page by page, as for whoever writes
    all of its tables.
    """

    def __init__(
        self,
        account_of: _AccountOf,
        keep: Keep,
        *,
        planner: Callable[[Wanted, Table | None], Plan] = plan,
        dry_run: bool = False,
        whole: bool = False,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._account_of = account_of
        self._keep = keep
        self._planner = planner
        self._dry_run = dry_run
        self._whole = whole
        self._sleep = sleep
        self._databases: dict[tuple[Account, str], _Tables] = {}

    def write(self, tables: Sequence[GlueTable]) -> list[Outcome]:
        """In their order. One that is refused holds up no other; where nothing goes at all this raises."""
        with ThreadPoolExecutor(min(_THREADS, max(1, len(tables))), "catalog-glue") as pool:
            found = list(pool.map(lambda each: self._planned(*each), self._known(tables)))
            tasks = [each for each in found if isinstance(each, _Task)]
            if not self._dry_run:
                self._keep([image for task in tasks for image in images(task.account, task.planned)])
            done = [each for each in found if isinstance(each, Outcome)] + list(pool.map(self._carried_out, tasks))
        outcomes = {id(outcome.table): outcome for outcome in done}
        return [outcomes[id(table)] for table in tables]

    def _known(self, tables: Sequence[GlueTable]) -> Iterator[tuple[Account, GlueTable, Planned | None]]:
        """What a few pages tell; the rest is asked for one by one, unless the whole database was read."""
        for (catalog_id, region, database), group in _by_database(tables).items():
            account = self._account_of(catalog_id, region)
            known = self._listed(account, database, len(group))
            for table in group:
                actual = known.get(table.place.table)
                told = actual is not None or self._whole
                yield account, table, Planned(self._planner(table.wanted, actual), actual) if told else None

    def _listed(self, account: Account, database: str, wanted: int) -> _Tables:
        if not self._whole:
            return _listed(account, database, wanted // _WORTH_A_PAGE * _ON_A_PAGE)
        if (account, database) not in self._databases:
            self._databases[account, database] = _listed(account, database, None)
        return self._databases[account, database]

    def _planned(self, account: Account, table: GlueTable, planned: Planned | None) -> _Task | Outcome:
        place, planner = table.place, partial(self._planner, table.wanted)
        try:
            return _Task(account, table, planner, planned or look(account, place.database, place.table, planner))
        except Refused as error:
            return Outcome(table, reason=str(error), retryable=error.retryable)

    def _carried_out(self, task: _Task) -> Outcome:
        planned = task.planned.plan
        try:
            if task.planned.writes and not self._dry_run:
                planned = carry_out(task.account, task.planned, task.planner, self._keep, self._sleep)
            if planned.kind == "refuse":
                return Outcome(task.table, planned, reason=planned.reason)
            return self._partitions(task.account, task.table, planned)
        except Refused as error:
            return Outcome(task.table, reason=str(error), retryable=error.retryable)

    def _partitions(self, account: Account, table: GlueTable, planned: Plan) -> Outcome:
        """Those that paths name and Glue does not have, and those that were made when nobody knew the columns yet. All
        else stays.
        """
        place = table.place
        inputs = {tuple(each["Values"]): each for each in partition_inputs(planned.table_input, table.partitions)}
        if not inputs or (self._dry_run and planned.kind == "create"):
            return Outcome(table, planned, len(inputs))
        there = account.partitions(place.database, place.table, list(inputs))
        if gained_columns(planned):
            there |= {tuple(each["Values"]): each for each in account.all_partitions(place.database, place.table)}
        missing = [each for values, each in inputs.items() if values not in there]
        bare = [made for each in there.values() if (made := with_columns(each, planned.table_input))]
        refused: list[NotTaken] = []
        if not self._dry_run:
            refused += account.add(place.database, place.table, missing)
            refused += account.change(place.database, place.table, bare)
        reason, again = _shown(refused) if refused else "", any(each.retryable for each in refused)
        return Outcome(table, planned, len(missing) + len(bare) - len(refused), reason, again)


def _listed(account: Account, database: str, most: int | None) -> _Tables:
    return {} if most == 0 else {str(table["Name"]): table for table in islice(account.tables(database), most)}


def _by_database(tables: Sequence[GlueTable]) -> Mapping[tuple[str | None, str | None, str], list[GlueTable]]:
    found: defaultdict[tuple[str | None, str | None, str], list[GlueTable]] = defaultdict(list)
    for table in tables:
        found[table.place.catalog_id, table.place.region, table.place.database].append(table)
    return found


def _shown(refused: Sequence[NotTaken]) -> str:
    first, more = refused[0], len(refused) - 1
    return f"partition {'/'.join(first.values)}: {first.reason}{f', and {more} more' if more else ''}"
