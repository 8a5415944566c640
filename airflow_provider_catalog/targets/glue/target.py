"""Glue as a target: datasets that a rule of `[catalog] glue_mapping` knows, or that Glue has a name for.

Credentials and region are boto3's own: the environment, a profile, a role. AWS is loaded with the first dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from airflow_provider_catalog.errors import ConfigError, TargetUnavailable
from airflow_provider_catalog.settings import settings
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.targets import Refusal
from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.calls import NAME, Calls
from airflow_provider_catalog.targets.glue.mapping import OPTION, GlueMapping, GluePlace
from airflow_provider_catalog.targets.glue.plan import Plan
from airflow_provider_catalog.targets.glue.reading import read
from airflow_provider_catalog.targets.glue.undoing import undo_table
from airflow_provider_catalog.targets.glue.writer import Outcome, Writer

_PAGE = 1000
_SECONDS = 30
_CONNECTIONS = 16


class Glue:
    """What cannot be registered is refused with the reason; another table's trouble is not its own. `account_of` gives
    the account of a catalog and a region, None for those of the credentials.
    """

    name = NAME

    def __init__(self, mapping: GlueMapping | None = None, client: Callable[[str | None], Any] | None = None) -> None:
        self.mapping = mapping or GlueMapping(settings().glue_mapping)
        make = client or _client
        calls = cache(lambda region: Calls.paced(make(region)))
        self.account_of = cache(lambda catalog_id, region: Account(calls(region), catalog_id))

    def publish(self, store: Store, datasets: Sequence[Entity]) -> Mapping[int, Refusal]:
        return {
            node: Refusal(outcome.reason, outcome.retryable)
            for outcome in Writer(self.account_of, store.keep_images).write(read(store, datasets, self.mapping))
            if outcome.reason
            for node in outcome.table.datasets
        }

    def push(self, store: Store, datasets: Iterable[Entity], *, dry_run: bool = False) -> Iterator[Outcome]:
        """Any number of them: what was done with each table, or with `dry_run` what would be."""
        writer = Writer(self.account_of, store.keep_images, dry_run=dry_run, whole=True)
        waiting = iter(datasets)
        while page := list(islice(waiting, _PAGE)):
            yield from writer.write(read(store, page, self.mapping))

    def undo(self, store: Store, place: GluePlace, *, dry_run: bool = False) -> Plan:
        """What the catalog did to a table last, taken back."""
        account = self.account_of(place.catalog_id, place.region)
        return undo_table(store, account, place.database, place.table, dry_run=dry_run)


def _client(region: str | None) -> Any:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import NoRegionError
    except ImportError:
        raise ConfigError("publish", "glue needs boto3: pip install airflow-provider-catalog[amazon]") from None
    alone = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=_SECONDS,
        read_timeout=_SECONDS,
        max_pool_connections=_CONNECTIONS,
        user_agent_extra="airflow-provider-catalog",
    )
    try:
        return boto3.Session().client("glue", region_name=region, config=alone)
    except NoRegionError:
        advice = f"set AWS_DEFAULT_REGION where the worker runs, or `region` in {OPTION}"
        raise TargetUnavailable(NAME, advice) from None
