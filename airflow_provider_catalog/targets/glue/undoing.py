"""A table of Glue put back as it was before the catalog changed it last, and once more as it was before that.

The catalog goes on wanting what it wants: a dataset that changes is written again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from airflow_provider_catalog.store.protocol import Image, Store
from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.calls import NAME
from airflow_provider_catalog.targets.glue.carrying import Planned, carry_out, thing
from airflow_provider_catalog.targets.glue.plan import Plan
from airflow_provider_catalog.targets.glue.table_input import Table
from airflow_provider_catalog.targets.glue.undo import undo


def undo_table(
    store: Store,
    account: Account,
    database: str,
    table: str,
    *,
    dry_run: bool = False,
    sleep: Callable[[float], object] = time.sleep,
) -> Plan:
    """What was done, or with `dry_run` would be: "update", "delete" where the catalog had made it, "nothing" where all
    that is known of was taken back, or "refuse" with the reason.
    """
    kept = [image for image in store.images(NAME, thing(account, database, table)) if _is_of(image, account)]
    if not kept:
        reason = f"the catalog has not changed {database}.{table}, in {account.region}, as far as it remembers"
        return Plan("refuse", database, table, reason=reason)
    at, planned = _last(kept, account.table(database, table))
    if planned.writes and not dry_run:
        carry_out(account, planned, partial(undo, kept[at].body), lambda _: None, sleep)
        store.forget_images(kept[: at + 1])
    return planned.plan


def _is_of(image: Image, account: Account) -> bool:
    """Who does not say whose catalog it is means that of the credentials."""
    stated = image.body.get("catalog_id")
    return stated is None or account.catalog_id is None or stated == account.catalog_id


def _last(kept: Sequence[Image], actual: Table | None) -> tuple[int, Planned]:
    """The last image that was carried out: the table is not as it was before."""
    plans = [undo(image.body, actual) for image in kept]
    at = next((at for at, plan in enumerate(plans) if plan.kind != "nothing"), len(plans) - 1)
    return at, Planned(plans[at], actual)
