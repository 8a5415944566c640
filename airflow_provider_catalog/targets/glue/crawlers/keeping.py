"""Carries out what `restoring` plans: a table is written under its version; planned anew when somebody was quicker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.calls import Refused
from airflow_provider_catalog.targets.glue.carrying import Planned, carry_out
from airflow_provider_catalog.targets.glue.crawlers.restoring import restored
from airflow_provider_catalog.targets.glue.crawlers.snapshot import Found
from airflow_provider_catalog.targets.glue.plan import Plan
from airflow_provider_catalog.targets.glue.table_input import Table


class Kept(NamedTuple):
    """What was put back into a table; `reason`: why it could not be."""

    plan: Plan
    reason: str = ""

    @property
    def members(self) -> list[str]:
        return sorted(change.member for change in self.plan.changes)


def keep(account: Account, found: Found, sleep: Callable[[float], object] = time.sleep) -> Kept | None:
    """None where nothing was wiped. It takes nothing from anybody, so there is no image of it to go back to."""
    before, database, name = found.before, found.database, found.name
    if before is None or found.after is None:
        return None

    def planner(now: Table | None) -> Plan:
        return Plan("nothing", database, name) if now is None else restored(database, before, now)

    planned = planner(found.after)
    try:
        done = carry_out(account, Planned(planned, found.after), planner, _kept_nowhere, sleep)
    except Refused as error:
        return Kept(planned, str(error))
    return None if done.kind == "nothing" else Kept(done, done.reason)


def _kept_nowhere(_images: object) -> None:
    """See above."""
