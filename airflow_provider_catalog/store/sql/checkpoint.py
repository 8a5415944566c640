"""Checkpoints: statements of the store as envelopes, to stand in the log for raw envelopes that retention removed.

Contents and lineages are written once a page. Ids travel along: they were made from names as they were first stated.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store.sql import tables, values
from airflow_provider_catalog.store.sql.dialect import Dialect, Row
from airflow_provider_catalog.store.sql.packing import unpack

KIND = "checkpoint"
_PAGE = 1000
_s, _p, _r, _e = tables.statement, tables.producer, tables.run, tables.entity
_STATEMENTS = (
    sa.select(_s, _p.c.name.label("producer"), _r, _e.c.kind, _e.c.namespace, _e.c.name.label("job"))
    .join(_p, _p.c.id == _s.c.producer_id)
    .outerjoin(_r, _r.c.uid == _s.c.run_uid)
    .outerjoin(_e, _e.c.id == _s.c.job_id)
    .order_by(_s.c.time, _s.c.id)
)


def envelopes(dialect: Dialect, connection: Connection, upto: int) -> Iterator[Envelope]:
    """Every statement that came with the log up to a number."""
    rows = connection.execute(_STATEMENTS.where(_s.c.seq <= upto), execution_options={"yield_per": _PAGE}).mappings()
    for number, page in enumerate(rows.partitions(_PAGE)):
        document = _page(dialect, connection, list(page))
        yield Envelope(KIND, json.dumps(document).encode(), "retention", key=f"checkpoint:{upto}:{number}")


def pages(connection: Connection, upto: int) -> int:
    """How many there will be."""
    query = sa.select(sa.func.count()).select_from(_s).where(_s.c.seq <= upto)
    return -(-int(connection.execute(query).scalar_one()) // _PAGE)


def _page(dialect: Dialect, connection: Connection, rows: list[Any]) -> dict[str, Any]:
    contents = {bytes(row["content_id"]) for row in rows if row["content_id"] is not None}
    lineages = {bytes(row["lineage_id"]) for row in rows if row["lineage_id"] is not None}
    bodies = values.read(dialect, connection, lineages)
    return {
        "contents": _contents(dialect, connection, contents),
        "lineages": {id_.hex(): bodies[id_] for id_ in sorted(lineages)},
        "statements": [_statement(row) for row in rows],
    }


def _statement(row: Any) -> dict[str, Any]:
    run = [row[name] for name in ("run_id", "parent_run_id", "root_run_id", "nominal_start", "nominal_end")]
    return {
        "id": bytes(row["id"]).hex(),
        "producer": row["producer"],
        "time": row["time"],
        "origin": row["origin"],
        "event": row["event"],
        "job": None if row["kind"] != "job" else [row["namespace"], row["job"]],
        "run": None if row["run_uid"] is None else run,
        "scope": bytes(row["scope"]).hex(),
        "complete": bool(row["complete"]),
        "declared": bool(row["declared"]),
        "content": None if row["content_id"] is None else bytes(row["content_id"]).hex(),
        "lineage": None if row["lineage_id"] is None else bytes(row["lineage_id"]).hex(),
        "details": json.loads(unpack(row["details"])),
    }


def _contents(dialect: Dialect, connection: Connection, ids: set[bytes]) -> dict[str, list[Any]]:
    keys = [(id_,) for id_ in sorted(ids)]
    columns = ("content_id", "subject_id", "aspect", "value_id")
    claims = dialect.select(connection, tables.claim, columns, ["content_id"], keys)
    names = _names(dialect, connection, {claim[1] for claim in claims})
    bodies = values.read(dialect, connection, {bytes(claim[3]) for claim in claims if claim[3] is not None})
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for content, subject, aspect, value in claims:
        body = None if value is None else bodies[bytes(value)]
        found[bytes(content).hex()].append([names[subject], aspect, body])
    return dict(found)


def _names(dialect: Dialect, connection: Connection, subjects: set[int]) -> dict[int, list[str]]:
    """Subjects as `codec.subject_from_json` reads them."""
    keys = [(uid,) for uid in sorted(subjects)]
    names = {uid: [kind, *name] for uid, kind, *name in _entities(dialect, connection, keys)}
    columns = dialect.select(connection, tables.column, ("id", "dataset_id", "name"), ["id"], keys)
    datasets = {row[0]: row for row in _entities(dialect, connection, sorted({(row[1],) for row in columns}))}
    names.update({uid: ["column", *datasets[dataset][2:], name] for uid, dataset, name in columns})
    return names


def _entities(dialect: Dialect, connection: Connection, keys: list[tuple[int]]) -> list[Row]:
    return dialect.select(connection, tables.entity, ("id", "kind", "namespace", "name"), ["id"], keys)
