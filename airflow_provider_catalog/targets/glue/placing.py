"""Which tables of Glue the datasets are that somebody names, and what the catalog wants them to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.identity import AmbiguousError, find_dataset
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.targets.glue.mapping import GlueMapping, GluePlace
from airflow_provider_catalog.targets.glue.reading import GlueTable, read

_ANY = {"match": "**", "database": "any", "table": "any"}
_NOWHERE = "no rule of [catalog] glue_mapping says which table it is, or the catalog says it is gone: state both names"
_LATER = "if a task has just written it, let that one be @task.catalogued, or try again when it is merged"


class Unplaced(NamedTuple):
    """A name that leads to no table, and why."""

    name: str
    reason: str
    retryable: bool


class Placed(NamedTuple):
    """Tables, and the names that led to none."""

    tables: list[GlueTable]
    unplaced: list[Unplaced]


class StatedMapping(GlueMapping):
    """The rules of the setting, but what is stated counts more. With both names stated no rule is needed."""

    def __init__(self, rules: Iterable[Any], stated: GluePlace) -> None:
        self._stated = {key: value for key, value in stated._asdict().items() if value}
        super().__init__((*rules, _ANY) if stated.database and stated.table else tuple(rules))

    def place(self, names: Sequence[DatasetId]) -> GluePlace | None:
        found = super().place(names)
        return found and found._replace(**self._stated)


def placed(store: Store, names: Iterable[str], mapping: GlueMapping) -> Placed:
    unplaced: list[Unplaced] = []
    datasets: dict[str, Entity] = {}
    for name in names:
        try:
            datasets[name] = find_dataset(store, DatasetId.from_asset_uri(name) or name)
        except AmbiguousError as error:
            unplaced.append(Unplaced(name, str(error), retryable=False))
        except NotFoundError as error:
            unplaced.append(Unplaced(name, f"{error}; {_LATER}", retryable=True))
    nodes = store.entities({each.node for each in datasets.values()})
    tables = read(store, [nodes.get(each.node, each) for each in datasets.values()], mapping)
    known = {node for table in tables for node in table.datasets}
    unplaced += [Unplaced(name, _NOWHERE, retryable=False) for name, each in datasets.items() if each.node not in known]
    return Placed(tables, unplaced)
