"""Who asks, and what they may: the one place where that is decided, whichever way they come.

A `Caller` is what an edge makes of a user or a token. `guarded` gives the store as this caller may see it: services
read through it, so that no answer can hold what is not for the one who asked. `within` says whether they may say what
they say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias, cast

from airflow_provider_catalog.errors import ForbiddenError
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import Changes, Claim, Json, Statement
from airflow_provider_catalog.services.dags import Dags
from airflow_provider_catalog.services.guard import Guard
from airflow_provider_catalog.store.protocol import Store

__all__ = ["Caller", "Dags", "Right", "guarded", "within"]

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


def guarded(store: Store, caller: Caller, namespaces: Collection[str]) -> Store:
    """The store as this caller may use it. `namespaces`: those of this Airflow's jobs."""
    if "store" in caller.rights and caller.dags is None:
        return store
    return cast("Store", Guard(store, caller, namespaces))


def within(caller: Caller, changes: Changes) -> None:
    """Raises for the first thing they may not speak of. What lies in no namespace is everybody's, and so not theirs."""
    if not caller.namespaces:
        return
    for statement in changes.statements:
        for entity in _named(statement):
            if not entity.namespace:
                raise ForbiddenError(caller.name, f"speak of the {entity.kind} {entity.name!r}: {_only(caller)}")
            if not caller.speaks_of(entity.namespace):
                raise ForbiddenError(caller.name, f"speak of the namespace {entity.namespace!r}: {_only(caller)}")


def _only(caller: Caller) -> str:
    return f"only of namespaces like {' or '.join(map(repr, caller.namespaces))}"


def _named(statement: Statement) -> Iterator[EntityId]:
    """All that a statement says something of, with what becomes one with it."""
    if statement.job is not None:
        yield statement.job
    lineage = statement.lineage
    yield from (*lineage.reads, *lineage.writes)
    for edge in lineage.edges:
        yield from (edge.source, edge.target)
    for column in lineage.columns:
        yield from (column.source.dataset, column.target.dataset)
    for claim in statement.content.claims:
        yield claim.subject.dataset if isinstance(claim.subject, ColumnId) else claim.subject
        yield from _partners(claim)


def _partners(claim: Claim) -> Iterator[EntityId]:
    """The other things that a claim names."""
    if claim.body is None:
        return
    if claim.aspect == "parent":
        yield from (JobId(*pair) for pair in _pairs([claim.value]))
    elif claim.aspect == "merged_into" or claim.aspect.startswith("distinct_from:"):
        yield from (DatasetId(*pair) for pair in _pairs([claim.value]))
    elif claim.aspect == "symlinks" and isinstance(claim.value, dict):
        yield from (DatasetId(*pair) for pair in _pairs(claim.value.get("identifiers")))


def _pairs(values: Json) -> Iterator[tuple[str, str]]:
    for value in values if isinstance(values, list) else ():
        stated = value if isinstance(value, dict) else {}
        namespace, name = stated.get("namespace"), stated.get("name")
        if isinstance(namespace, str) and isinstance(name, str):
            yield namespace, name
