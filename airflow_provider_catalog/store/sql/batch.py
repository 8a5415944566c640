"""One transaction of the write path: the connection, the database's dialect, what is known, and the statements at
hand.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeVar

from sqlalchemy import Connection

from airflow_provider_catalog.model.identity import EntityId, run_uid
from airflow_provider_catalog.model.statement import Lineage, Statement
from airflow_provider_catalog.store.sql.cache import Cache
from airflow_provider_catalog.store.sql.dialect import Dialect

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass
class Batch:
    """Statements are new to the store and in their order. `changed` collects facts that took another value, `outgoing`
    the datasets of which the store says something else now.
    """

    connection: Connection
    dialect: Dialect
    cache: Cache
    statements: list[Statement]
    recorded_at: int
    patience: int
    changed: set[tuple[int, str]] = field(default_factory=set)
    created: dict[int, EntityId] = field(default_factory=dict)
    outgoing: set[int] = field(default_factory=set)

    @cached_property
    def lineages(self) -> dict[bytes, Lineage]:
        """What the statements say was derived, by its id."""
        return {statement.lineage.id: statement.lineage for statement in self.statements}


def difference(before: Mapping[K, V], after: Mapping[K, V]) -> tuple[list[K], list[K], list[K]]:
    """Keys to insert, to update and to delete."""
    inserts = [key for key in after if key not in before]
    updates = [key for key, row in after.items() if key in before and before[key] != row]
    deletes = [key for key in before if key not in after]
    return inserts, updates, deletes


def scope_uid(scope: str) -> bytes:
    """A scope is a run's id, mostly; none at all is kept as such."""
    return run_uid(scope) if scope else b""


@lru_cache(maxsize=4096)
def producer_id(name: str) -> int:
    return EntityId("producer", "", name).uid
