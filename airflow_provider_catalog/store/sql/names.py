"""Reading what has a name: entities, columns, and the rules that make several datasets one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from sys import intern
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.model.grammar import storable
from airflow_provider_catalog.store.protocol import AliasRule, Column, Entity
from airflow_provider_catalog.store.sql import meta, tables
from airflow_provider_catalog.store.sql.cache import Generations
from airflow_provider_catalog.store.sql.dialect import Dialect

_ENTITY = ("id", "kind", "namespace", "name", "node_id")
_TABLE = tables.entity
_SELECTED = [_TABLE.c[name] for name in _ENTITY]


def _keys(uids: Collection[int]) -> list[tuple[int]]:
    return [(uid,) for uid in sorted(set(uids))]


class Names:
    """Entities that were read before. They hardly ever change, and when one does a number in the store goes up."""

    def __init__(self, size: int = 400_000) -> None:
        self._known: Generations[int, Entity] = Generations(size)
        self._version = -1
        self._lock = Lock()

    def read(self, connection: Connection, dialect: Dialect, uids: Collection[int]) -> dict[int, Entity]:
        """The number is read before the rows: what is newer than it is only read once more."""
        version = meta.seen(connection, meta.NAMES)
        with self._lock:
            if version != self._version:
                self._known.clear()
                self._version = version
            found = self._known.among(uids)
        if len(found) == len(uids):
            return found
        fresh = entities(connection, dialect, [uid for uid in uids if uid not in found])
        with self._lock:
            if version == self._version:
                for uid, entity in fresh.items():
                    self._known.put(uid, entity)
        return found | fresh


class Producers:
    """The names of producers. There are few, and none ever changes: the number is made of the name."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def among(self, connection: Connection, wanted: set[int]) -> Mapping[int, str]:
        if not wanted <= self._known.keys():
            table = tables.producer
            for number, name in connection.execute(sa.select(table.c.id, table.c.name)):
                self._known[number] = name
        return self._known


def entities(connection: Connection, dialect: Dialect, uids: Collection[int]) -> dict[int, Entity]:
    """Kinds and namespaces are few, and each is kept once: half of the memory that names take."""
    rows = dialect.select(connection, _TABLE, _ENTITY, ["id"], _keys(uids))
    return {uid: Entity(uid, intern(kind), intern(namespace), name, node) for uid, kind, namespace, name, node in rows}


def columns(connection: Connection, dialect: Dialect, uids: Collection[int]) -> dict[int, Column]:
    rows = dialect.select(connection, tables.column, ("id", "dataset_id", "name"), ["id"], _keys(uids))
    return {row[0]: Column(*row) for row in rows}


def columns_of(connection: Connection, dialect: Dialect, datasets: Collection[int]) -> list[Column]:
    rows = dialect.select(
        connection, tables.column, ("id", "dataset_id", "name"), ["dataset_id"], _keys(datasets), "t.stated"
    )
    return sorted((Column(*row) for row in rows), key=lambda column: (column.dataset, column.name))


def members(connection: Connection, node: int) -> list[Entity]:
    """The node itself first, then what was found to be the same."""
    same = sa.select(*_SELECTED).where(_TABLE.c.node_id == node, _TABLE.c.node_id != _TABLE.c.id)
    own = sa.select(*_SELECTED).where(_TABLE.c.id == node)
    rows = [*connection.execute(own), *connection.execute(same.order_by(_TABLE.c.namespace, _TABLE.c.name))]
    return [Entity(*row) for row in rows]


def alias_rules(connection: Connection, dialect: Dialect, uids: Collection[int]) -> list[AliasRule]:
    names = {row[0]: row[1] for row in connection.execute(sa.select(tables.producer.c.id, tables.producer.c.name))}
    wanted = ("left_id", "right_id", "rule", "producer_id", "same")
    rows: set[tuple[Any, ...]] = set()
    for end in ("left_id", "right_id"):
        rows.update(tuple(row) for row in dialect.select(connection, tables.alias, wanted, [end], _keys(uids)))
    return [AliasRule(left, right, rule, names.get(by, ""), bool(same)) for left, right, rule, by, same in sorted(rows)]


def namespaces(connection: Connection, kind: str) -> list[str]:
    """One index probe a namespace, not one a row: there are few namespaces and many datasets."""
    found: list[str] = []
    query = sa.select(_TABLE.c.namespace).where(_TABLE.c.kind == kind).order_by(_TABLE.c.namespace).limit(1)
    while (
        name := connection.execute(query.where(_TABLE.c.namespace > found[-1]) if found else query).scalar()
    ) is not None:
        found.append(str(name))
    return found


def find(connection: Connection, prefix: str, kinds: Collection[str], limit: int, after: int) -> list[Entity]:
    """By the last part of the name; `after` skips that many. A prefix is matched as a range: no pattern, no
    metacharacters.
    """
    low = storable(prefix).lower()
    column = _TABLE.c.search_name
    query = sa.select(*_SELECTED).order_by(column, _TABLE.c.namespace, _TABLE.c.name).limit(limit).offset(after)
    if low:
        query = query.where(column >= low, column <= low + "\U0010ffff")
    if kinds:
        query = query.where(_TABLE.c.kind.in_(list(kinds)))
    return [Entity(*row) for row in connection.execute(query)]


def scan(connection: Connection, kind: str, after: int, limit: int) -> list[Entity]:
    """All of a kind in the order of their ids, a page at a time."""
    query = sa.select(*_SELECTED).where(_TABLE.c.kind == kind, _TABLE.c.id > after).order_by(_TABLE.c.id).limit(limit)
    return [Entity(*row) for row in connection.execute(query)]
