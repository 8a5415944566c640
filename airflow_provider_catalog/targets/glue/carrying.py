"""A plan carried out: its image is kept, the table is written under an optimistic lock, and planned again when somebody
else was quicker.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog.store.protocol import Image
from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.calls import NAME, Refused
from airflow_provider_catalog.targets.glue.plan import Plan
from airflow_provider_catalog.targets.glue.table_input import Table
from airflow_provider_catalog.targets.glue.undo import before_image

_TRIES = 8
_WAIT_SECONDS = 0.1
Planner: TypeAlias = Callable[[Table | None], Plan]
Keep: TypeAlias = Callable[[Sequence[Image]], object]


class Planned(NamedTuple):
    """What is to be done, and what that was made of."""

    plan: Plan
    actual: Table | None

    @property
    def writes(self) -> bool:
        return self.plan.kind in ("create", "update", "delete")


def look(account: Account, database: str, table: str, planner: Planner) -> Planned:
    actual = account.table(database, table)
    return Planned(planner(actual), actual)


def images(account: Account, planned: Planned) -> list[Image]:
    """None of what writes nothing."""
    if not planned.writes:
        return []
    plan = planned.plan
    body = {"catalog_id": account.catalog_id, **before_image(plan, planned.actual)}
    return [Image(NAME, thing(account, plan.database, plan.name), time.time_ns() // 1000, body)]


def thing(account: Account, database: str, table: str) -> str:
    """What the images of a table go by. Whose catalog it is they say themselves."""
    return f"{account.region}/{database.lower()}/{table.lower()}"


def carry_out(
    account: Account, planned: Planned, planner: Planner, keep: Keep, sleep: Callable[[float], object] = time.sleep
) -> Plan:
    """Whoever calls this has kept the images of `planned`; those of another try are kept here."""
    for tried in range(_TRIES):
        try:
            _execute(account, planned.plan)
        except Refused as error:
            if not error.retryable or tried == _TRIES - 1:
                raise
        else:
            return planned.plan
        sleep(random.uniform(0, _WAIT_SECONDS * 2**tried))  # noqa: S311  no secret
        planned = look(account, planned.plan.database, planned.plan.name, planner)
        keep(images(account, planned))
    raise AssertionError  # pragma: no cover


def _execute(account: Account, plan: Plan) -> None:
    if plan.kind == "create":
        account.create_table(plan.database, plan.table_input)
    elif plan.kind == "update":
        account.update_table(plan.database, plan.table_input, plan.version_id, archive=plan.archive)
    elif plan.kind == "delete":
        account.delete_table(plan.database, plan.name)
