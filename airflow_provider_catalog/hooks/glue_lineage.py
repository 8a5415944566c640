"""What the catalog and the lineage of a task are told of tables that the task registered.

The task's own lineage names them by Airflow's collector for hooks, which OpenLineage listens to as well. The catalog is
told by envelopes, and only what it does not have from here already: a table that stays as it is sends nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.sdk.lineage import get_hook_lineage_collector

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.hooks.news import is_news
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.sources.task.aws.places import Account, located, path
from airflow_provider_catalog.targets.glue.reading import GlueTable
from airflow_provider_catalog.targets.glue.stated import registration
from airflow_provider_catalog.targets.glue.wanted import Wanted

if TYPE_CHECKING:
    from airflow_provider_catalog.hooks.glue_account import GlueAccountHook
    from airflow_provider_catalog.store.protocol import Store

PRODUCER = "GlueTableRegisterOperator"


class Registered(NamedTuple):
    """A table of Glue by its name in the catalog, where it lies, and what was wanted of it."""

    dataset: DatasetId
    folder: DatasetId | None
    wanted: Wanted

    @classmethod
    def of(cls, region: str, catalog_id: str, table: GlueTable) -> Registered | None:
        """None where it has no name for others."""
        found = Account(region).table(table.place.database, table.place.table, catalog_id)
        lies = path(table.place.location) if table.place.location else None
        return cls(found, lies, table.wanted) if isinstance(found, DatasetId) else None

    @property
    def uri(self) -> str:
        namespace, name = self.dataset.namespace, self.dataset.name
        return f"{namespace}:{name}" if namespace.startswith("arn:") else f"{namespace}{name.removeprefix('table/')}"


def report(hook: GlueAccountHook, tables: Sequence[Registered]) -> None:
    for each in tables:
        get_hook_lineage_collector().add_output_asset(context=hook, uri=each.uri)


def announce(hook: GlueAccountHook, store: Store, tables: Sequence[Registered], *, whole: bool) -> None:
    """`whole`: what they are, too, and not only where they lie. The tables are registered by now, so nothing fails."""
    try:
        envelopes = [
            each for table in tables for each in _envelopes(table, whole=whole) if is_news(store, each, PRODUCER)
        ]
        if envelopes:
            store.accept(envelopes)
    except CatalogError as error:
        hook.log.warning("The catalog was not told of what was registered: %s", error)


def _envelopes(table: Registered, *, whole: bool) -> Iterator[Envelope]:
    now = time.time_ns() // 1000
    if whole:
        stated = {**registration(table.wanted, str(table.dataset)), "producer": PRODUCER, "time": now}
        yield _envelope("register", stated, now)
    if table.folder is not None:
        yield _envelope("openlineage", _event(table, table.folder, now, stored=whole), now)


def _envelope(kind: str, stated: dict[str, Any], now: int) -> Envelope:
    return Envelope(kind, json.dumps(stated).encode(), recorded_at=now)


def _event(table: Registered, folder: DatasetId, now: int, *, stored: bool) -> dict[str, Any]:
    """A table and the folder that it lies in are one, which only OpenLineage has words for."""
    facets = located(folder)
    if stored and table.wanted.format:
        facets["storage"] = {"storageLayer": folder.platform, "fileFormat": table.wanted.format}
    dataset = {"namespace": table.dataset.namespace, "name": table.dataset.name, "facets": facets}
    return {"eventTime": datetime.fromtimestamp(now / 1e6, UTC).isoformat(), "producer": PRODUCER, "dataset": dataset}
