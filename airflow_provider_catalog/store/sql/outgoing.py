"""What must go outward: each dataset of which the store says something else now, in the transaction that says it.

A row a dataset (its node, not its names), with the version in which it last changed: what changes often is there once.
The steps of `apply` collect the datasets in `Batch.outgoing` from the differences that they found anyway, so saying a
thing again writes nothing here. What counts is what the store says now of

* the dataset itself and its columns: facts, the name it is shown by, which names are it;
* what it is made of: the edges that end in it, of tables and of columns, which jobs write it, and by which SQL.

Who reads it is the readers' affair, and what changes in the past alone is nobody's.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.store.sql import contents, tables
from airflow_provider_catalog.store.sql.batch import Batch


def apply(batch: Batch) -> None:
    """Last: by now it is known which dataset stands for which."""
    if not batch.outgoing:
        return
    node_of = contents.nodes(batch, batch.outgoing)
    rows = [(node, batch.cache.version) for node in sorted(set(node_of.values()))]
    batch.dialect.insert(batch.connection, tables.outbox, rows, {"version": "greatest"})
    merged_away = sorted((uid,) for uid, node in node_of.items() if uid != node)
    for table in (tables.outbox, tables.refused):
        batch.dialect.delete(batch.connection, table, ["node_id"], merged_away)


def everything(connection: Connection, version: int) -> None:
    """The store was derived anew, and anything may be another."""
    entity, outbox, refused = tables.entity, tables.outbox, tables.refused
    nodes = sa.select(entity.c.id, sa.literal(version)).where(
        entity.c.kind == "dataset", entity.c.node_id == entity.c.id
    )
    connection.execute(sa.delete(outbox))
    connection.execute(sa.insert(outbox).from_select(["node_id", "version"], nodes))
    connection.execute(sa.delete(refused).where(refused.c.node_id.not_in(sa.select(outbox.c.node_id))))
