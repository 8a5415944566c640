"""The columns of many datasets at once, under all names that a dataset has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Json, Origin
from airflow_provider_catalog.services.facts import by_precedence
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.store.protocol import Fact, Store


class KnownColumns(NamedTuple):
    """Of one dataset; None where nobody knows them. `since`: who knows them has told so then."""

    names: tuple[DatasetId, ...]
    columns: tuple[str, ...] | None = None
    since: int = 0


def known_columns(store: Store, datasets: Collection[int], *, derived: bool = True) -> dict[int, KnownColumns]:
    """Of each of these that the store knows. `derived`: also those that somebody has worked out or written down, and
    nobody has seen.
    """
    stated = store.entities(datasets) if datasets else {}
    node_of = nodes_by_member(store, {each.node for each in stated.values()}) if stated else {}
    names: defaultdict[int, list[DatasetId]] = defaultdict(list)
    for uid, each in store.entities(node_of).items() if node_of else ():
        names[node_of[uid]].append(dataset_id(each))
    said: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(node_of, aspects=("schema",)) if node_of else ():
        if derived or fact.origin is not Origin.PROPAGATED:
            said[node_of[fact.subject]].append(fact)
    found = {node: _known(tuple(names[node]), said[node]) for node in names}
    return {uid: found[each.node] for uid, each in stated.items() if each.node in found}


def _known(names: tuple[DatasetId, ...], said: Collection[Fact]) -> KnownColumns:
    winner = next(iter(by_precedence(said)), None)
    columns = _columns(winner.value) if winner else None
    return KnownColumns(names, columns, winner.valid_from if winner and columns else 0)


def _columns(schema: Json) -> tuple[str, ...] | None:
    """In their order. Fields of structs are parts of a column."""
    fields = schema.get("fields") if isinstance(schema, dict) else None
    named = [each.get("name") for each in fields if isinstance(each, dict)] if isinstance(fields, list) else []
    return tuple(name for name in named if isinstance(name, str)) or None
