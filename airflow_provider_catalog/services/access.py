"""What a caller may: the one place where that is decided, whichever way they come.

`guarded` gives the store as this caller may see it: services
read through it, so that no answer can hold what is not for the one who asked. `within` says whether they may say what
they say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import cast

from airflow_provider_catalog.errors import ForbiddenError
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import Changes, Claim, Json, Statement
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.services.guard import Guard
from airflow_provider_catalog.store.protocol import Store


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
