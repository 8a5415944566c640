"""Callers, the DAGs they may read, and jobs of every kind that they may ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from airflow_provider_catalog.model.codec import details as details_of
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import (
    Claim,
    Content,
    Event,
    Lineage,
    Run,
    Statement,
)
from airflow_provider_catalog.services.access import guarded
from airflow_provider_catalog.services.caller import Caller, Right
from airflow_provider_catalog.store.protocol import Store
from tests.services.world import World, day

SQL = "insert into secret_place"
MODEL = JobId("dbt-prod", "shop.model")
INVOCATION = JobId("dbt-prod", "dbt run")
RIGHTS: tuple[Right, ...] = ("read", "write", "ingest", "metrics", "store")


class FakeDags:
    """Counts how often it is asked: each time would be a query to Airflow's database."""

    def __init__(self, existing: Iterable[str], readable: Iterable[str]) -> None:
        self._existing = frozenset(existing)
        self._readable = frozenset(readable)
        self.asked = 0

    @property
    def existing(self) -> frozenset[str]:
        self.asked += 1
        return self._existing

    @property
    def readable(self) -> frozenset[str]:
        self.asked += 1
        return self._readable


class Counting:
    """A store that counts what is asked of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._store, name)


def seen_by(world: World, dags: FakeDags | None, *rights: Right) -> Store:
    return guarded(world.store, Caller("user:ann", frozenset(rights or {"read"}), dags), ["prod"])


def ran(
    world: World,
    job: JobId,
    run_id: str,
    *,
    parent: JobId | None = None,
    parent_run: str | None = None,
    root_run: str | None = None,
    at: float = 1,
    claims: Collection[Claim] = (),
    lineage: Lineage | None = None,
) -> str:
    """Of any namespace, under any parent."""
    under = [] if parent is None else [Claim.of(job, "parent", {"namespace": parent.namespace, "name": parent.name})]
    world.apply(
        Statement(
            "dbt" if job.namespace.startswith("dbt") else "airflow",
            day(at),
            event=Event.COMPLETE,
            job=job,
            run=Run(run_id, parent_run, root_run),
            scope=run_id,
            complete=True,
            content=Content.of([*under, *claims]),
            lineage=lineage or Lineage(),
            details=details_of({"sql": {"query": SQL}, "errorMessage": {"message": SQL}}),
        )
    )
    return run_id


def shown(store: Store, job: JobId, run_id: str) -> bool:
    """Whether the runs of a job are shown, in all the ways in which they could be."""
    ways = {
        bool(store.runs([job.uid])),
        bool(store.latest([job.uid])),
        store.run(run_id) is not None,
    }
    assert len(ways) == 1, "shown in one way and hidden in another"
    return ways.pop()
