"""A caller: what an edge makes of a user or a token."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from airflow_provider_catalog.errors import ForbiddenError
from airflow_provider_catalog.services.dags import Dags

Right: TypeAlias = Literal["read", "write", "ingest", "metrics", "store"]
"""`write`: to speak as a person. `store`: every call of the store, as whoever has its database may."""

_PERSON = "user:"


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

    @property
    def person(self) -> str:
        """Under whose name they speak as a person. Machines have none, whatever rights they were given."""
        if not self.name.startswith(_PERSON):
            raise ForbiddenError(self.name, _MISSING["write"])
        return self.name.removeprefix(_PERSON)

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
