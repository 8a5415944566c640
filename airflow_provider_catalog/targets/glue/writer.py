"""Carries plans out: each table is read, planned and written under an optimistic lock, and planned again when somebody
else was quicker.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.account import Account, NotCreated
from airflow_provider_catalog.targets.glue.calls import Refused
from airflow_provider_catalog.targets.glue.partitions import partition_inputs
from airflow_provider_catalog.targets.glue.plan import Plan, plan
from airflow_provider_catalog.targets.glue.reading import GlueTable

_THREADS = 8
_TRIES = 8
_WAIT_SECONDS = 0.1
_ON_A_PAGE, _WORTH_A_PAGE = 100, 10
"""A page of a database costs as much as one table of it: it is read where it may save so many."""
_Tables: TypeAlias = Mapping[str, Mapping[str, Any]]
_AccountOf: TypeAlias = Callable[[str | None, str | None], Account]


class Outcome(NamedTuple):
    """What became of a table: `plan` was carried out, unless there is a `reason` why not."""

    table: GlueTable
    plan: Plan | None = None
    partitions: int = 0
    reason: str = ""
    retryable: bool = False


class Writer:
    """`account_of` gives the account for what a rule says of catalog and region. With `dry_run` it only looks. With
    `whole` every database is read once, page by page, as for whoever writes all of its tables.
    """

    def __init__(
        self,
        account_of: _AccountOf,
        *,
        dry_run: bool = False,
        whole: bool = False,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._account_of = account_of
        self._dry_run = dry_run
        self._whole = whole
        self._sleep = sleep
        self._databases: dict[tuple[Account, str], _Tables] = {}

    def write(self, tables: Sequence[GlueTable]) -> list[Outcome]:
        """In their order. One that is refused holds up no other; where nothing goes at all this raises."""
        found: list[tuple[Account, GlueTable, Mapping[str, Any] | None]] = []
        for (catalog_id, region, database), group in _by_database(tables).items():
            account = self._account_of(catalog_id, region)
            known = self._known(account, database, len(group))
            found += [(account, table, known.get(table.place.table)) for table in group]
        with ThreadPoolExecutor(min(_THREADS, max(1, len(found))), "catalog-glue") as pool:
            made = {id(outcome.table): outcome for outcome in pool.map(lambda each: self._one(*each), found)}
        return [made[id(table)] for table in tables]

    def _known(self, account: Account, database: str, wanted: int) -> _Tables:
        """What a few pages tell; the rest is asked for one by one."""
        if not self._whole:
            return _listed(account, database, wanted // _WORTH_A_PAGE * _ON_A_PAGE)
        if (account, database) not in self._databases:
            self._databases[account, database] = _listed(account, database, None)
        return self._databases[account, database]

    def _one(self, account: Account, table: GlueTable, actual: Mapping[str, Any] | None) -> Outcome:
        try:
            planned = self._table(account, table, actual)
            if planned.kind == "refuse":
                return Outcome(table, planned, reason=planned.reason)
            return self._partitions(account, table, planned)
        except Refused as error:
            return Outcome(table, reason=str(error), retryable=error.retryable)

    def _table(self, account: Account, table: GlueTable, actual: Mapping[str, Any] | None) -> Plan:
        database = table.place.database
        for tried in range(_TRIES):
            if actual is None:
                actual = account.table(database, table.place.table)
            planned = plan(table.wanted, actual)
            try:
                if not self._dry_run:
                    _execute(account, database, planned)
            except Refused as error:
                if not error.retryable or tried == _TRIES - 1:
                    raise
                actual = None
                self._sleep(random.uniform(0, _WAIT_SECONDS * 2**tried))  # noqa: S311  no secret
            else:
                return planned
        raise AssertionError  # pragma: no cover

    def _partitions(self, account: Account, table: GlueTable, planned: Plan) -> Outcome:
        """Those that paths name and Glue does not have. They are added, never changed."""
        place = table.place
        made = partition_inputs(planned.table_input, table.partitions)
        inputs = {tuple(each["Values"]): each for each in made}
        if not inputs or (self._dry_run and planned.kind == "create"):
            return Outcome(table, planned, len(inputs))
        missing = account.missing(place.database, place.table, list(inputs))
        if missing and not self._dry_run:
            refused = account.create_partitions(place.database, place.table, [inputs[each] for each in missing])
            if refused:
                return Outcome(table, planned, len(missing) - len(refused), _shown(refused))
        return Outcome(table, planned, len(missing))


def _listed(account: Account, database: str, most: int | None) -> _Tables:
    return {} if most == 0 else {str(table["Name"]): table for table in islice(account.tables(database), most)}


def _by_database(tables: Sequence[GlueTable]) -> Mapping[tuple[str | None, str | None, str], list[GlueTable]]:
    found: defaultdict[tuple[str | None, str | None, str], list[GlueTable]] = defaultdict(list)
    for table in tables:
        found[table.place.catalog_id, table.place.region, table.place.database].append(table)
    return found


def _execute(account: Account, database: str, planned: Plan) -> None:
    if planned.kind == "create":
        account.create_table(database, planned.table_input)
    elif planned.kind == "update":
        account.update_table(database, planned.table_input, planned.version_id, archive=planned.archive)


def _shown(refused: Sequence[NotCreated]) -> str:
    first, more = refused[0], len(refused) - 1
    return f"partition {'/'.join(first.values)}: {first.reason}{f', and {more} more' if more else ''}"
