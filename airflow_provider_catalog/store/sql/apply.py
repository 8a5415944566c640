"""The one write path: statements in, everything that follows from them brought up to date, in one transaction.

The order of the steps matters within the transaction: names before facts, facts before the identity rules they state,
those before the edges whose ends they decide, those before what goes outward, and the statements themselves last, so
that every step still sees the store as it was. The order in which statements arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from airflow_provider_catalog.model.identity import run_uid
from airflow_provider_catalog.model.statement import Statement
from airflow_provider_catalog.store.protocol import Applied
from airflow_provider_catalog.store.sql import contents, facts, groups, outgoing, runs, streams, tables
from airflow_provider_catalog.store.sql.batch import Batch, producer_id, scope_uid
from airflow_provider_catalog.store.sql.cache import Cache
from airflow_provider_catalog.store.sql.dialect import Dialect, now
from airflow_provider_catalog.store.sql.packing import pack

_STEPS = (contents.apply, runs.apply, facts.apply, groups.apply, streams.apply, outgoing.apply)


def apply(
    connection: Connection, dialect: Dialect, cache: Cache, statements: Sequence[Statement], seq: int, patience: int
) -> Applied:
    """Apply what the store has not heard yet; saying a thing twice is saying it once."""
    unique = {statement.id: statement for statement in statements}
    known = {
        bytes(row[0])
        for row in dialect.select(connection, tables.statement, ["id"], ["id"], [(id_,) for id_ in sorted(unique)])
    }
    fresh = sorted((s for id_, s in unique.items() if id_ not in known), key=lambda s: s.order)
    if fresh:
        batch = Batch(connection, dialect, cache, fresh, now(), patience)
        for step in _STEPS:
            step(batch)
        dialect.insert(connection, tables.statement, [_row(statement, seq) for statement in fresh])
    return Applied(len(fresh), len(statements) - len(fresh))


def _row(statement: Statement, seq: int) -> tuple[object, ...]:
    return (
        statement.id,
        producer_id(statement.producer),
        int(statement.origin),
        statement.subject.uid if statement.subject else None,
        run_uid(statement.run.run_id) if statement.run else None,
        scope_uid(statement.scope),
        statement.time,
        int(statement.event),
        statement.complete,
        statement.declared,
        statement.content.id if statement.content else None,
        statement.lineage.id if statement.lineage else None,
        pack(statement.details),
        seq,
    )
