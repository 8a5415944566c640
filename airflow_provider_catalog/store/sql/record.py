"""Reading what was said: facts now, then or ever; who changed what by hand; runs and what their events told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.model.identity import run_uid
from airflow_provider_catalog.model.statement import Event, Origin
from airflow_provider_catalog.store.protocol import Fact, RunRow, StatementRow
from airflow_provider_catalog.store.sql import runs as run_rows
from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.dialect import Dialect
from airflow_provider_catalog.store.sql.packing import unpack

EVERYBODY = "*"
_FACT = (
    "SELECT f.subject_id, f.aspect, coalesce(p.name, '*'), f.origin, f.valid_from, f.valid_to, f.recorded_at, v.body"
    "{more} FROM catalog_fact f"
    " LEFT JOIN catalog_producer p ON p.id = f.producer_id LEFT JOIN catalog_value v ON v.id = f.value_id"
)
# Keys as a set to look in: joined with, SQLite reads the whole table to build itself a filter
_AMONG = " WHERE f.subject_id IN (SELECT k.k0 FROM keys k) AND {alive}"
_NOW = "f.valid_to IS NULL"
_THEN = "f.valid_from <= {at} AND (f.valid_to IS NULL OR f.valid_to > {at})"
_LAST_SEEN = (
    ", (SELECT max(s.time) FROM catalog_claim c JOIN catalog_statement s ON s.content_id = c.content_id"
    " WHERE c.subject_id = f.subject_id AND c.aspect = f.aspect AND c.value_id = f.value_id"
    " AND s.time >= f.valid_from AND (f.valid_to IS NULL OR s.time < f.valid_to)"
    " AND (s.producer_id = f.producer_id OR f.producer_id = 0))"
)
_EVERY = (
    _FACT.format(more=_LAST_SEEN).replace("FROM catalog_fact f", "FROM keys k CROSS JOIN catalog_fact f")
    + " WHERE f.subject_id = k.k0 AND f.aspect = k.k1"
)


def facts(
    connection: Connection, dialect: Dialect, subjects: Collection[int], as_of: int | None, aspects: Collection[str]
) -> list[Fact]:
    """What holds now or held at a time; aspects taken back are left out."""
    alive = _NOW if as_of is None else _THEN.format(at=int(as_of))
    sql = _FACT.format(more="") + _AMONG.format(alive=alive)
    rows = dialect.join(connection, sql, ["bigint"], [(uid,) for uid in sorted(set(subjects))])
    found = (row for row in rows if row[7] is not None and (not aspects or row[1] in aspects))
    return sorted(map(_fact, found), key=lambda fact: fact[:5])


def history(connection: Connection, dialect: Dialect, subject: int, aspect: str) -> list[Fact]:
    rows = dialect.join(connection, _EVERY, ["bigint", "text"], [(subject, aspect)])
    return sorted(map(_fact, rows), key=lambda fact: (fact.valid_from, fact.producer))


def _fact(row: Sequence[Any]) -> Fact:
    subject, aspect, producer, origin, valid_from, valid_to, recorded_at, body, *last_seen = row
    value = None if body is None else json.loads(unpack(body))
    return Fact(subject, aspect, producer, Origin(origin), valid_from, valid_to, recorded_at, value, *last_seen)


_s, _p, _r = tables.statement, tables.producer, tables.run
_STATEMENT = (
    sa.select(
        _s.c.id, _p.c.name, _s.c.origin, _s.c.event, _s.c.time, _s.c.job_id, _r.c.run_id, _s.c.complete, _s.c.details
    )
    .select_from(_s)
    .join(_p, _p.c.id == _s.c.producer_id)
    .outerjoin(_r, _r.c.uid == _s.c.run_uid)
)


def _statements(rows: Iterable[Sequence[Any]]) -> list[StatementRow]:
    return [
        StatementRow(
            bytes(id_),
            producer,
            Origin(origin),
            Event(event),
            time,
            job,
            run_id,
            bool(complete),
            json.loads(unpack(details)),
        )
        for id_, producer, origin, event, time, job, run_id, complete, details in rows
    ]


def audit(connection: Connection, subject: int | None, limit: int) -> list[StatementRow]:
    """What people said, newest first."""
    query = _STATEMENT.where(_s.c.origin == int(Origin.HUMAN)).order_by(_s.c.time.desc(), _s.c.id).limit(limit)
    if subject is not None:
        claim = tables.claim
        query = query.where(_s.c.content_id.in_(sa.select(claim.c.content_id).where(claim.c.subject_id == subject)))
    return _statements(connection.execute(query))


_RUN = ("run_id", "job_id", "state_key", "started_at", "nominal_start", "nominal_end", "parent_run_id", "root_run_id")


def _run(row: Sequence[Any]) -> RunRow:
    run_id, job, key, started_at, nominal_start, nominal_end, parent, root = row
    state, time = run_rows.state(key)
    return RunRow(
        run_id, job, state, started_at, time if state.terminal else None, nominal_start, nominal_end, parent, root
    )


def runs(connection: Connection, dialect: Dialect, jobs: Collection[int], limit: int) -> list[RunRow]:
    """The latest runs of each job, newest first."""
    columns = ", ".join(f"r.{name}" for name in _RUN)
    each = f"SELECT uid FROM catalog_run WHERE job_id = k.k0 ORDER BY first_at DESC, run_id LIMIT {int(limit)}"
    rows = dialect.join(
        connection,
        f"SELECT {columns}, r.first_at FROM keys k CROSS JOIN catalog_run r WHERE r.uid IN ({each})",
        ["bigint"],
        [(job,) for job in sorted(set(jobs))],
    )
    return [_run(row[:-1]) for row in sorted(rows, key=lambda row: (row[1], -row[-1], row[0]))]


def run(connection: Connection, run_id: str) -> tuple[RunRow, list[StatementRow]] | None:
    uid = run_uid(run_id)
    row = connection.execute(sa.select(*(_r.c[name] for name in _RUN)).where(_r.c.uid == uid)).fetchone()
    if row is None:
        return None
    said = connection.execute(_STATEMENT.where(_s.c.run_uid == uid).order_by(_s.c.time, _s.c.event, _s.c.id))
    return _run(row), _statements(said)


_LATEST = (
    "SELECT k.k0, s.details, r.first_at, {run} FROM keys k CROSS JOIN catalog_stream t CROSS JOIN catalog_statement s"
    " CROSS JOIN catalog_run r WHERE t.job_id = k.k0 AND s.id ="
    " (SELECT id FROM catalog_statement l WHERE l.job_id = t.job_id AND l.producer_id = t.producer_id"
    " AND l.run_uid IS NOT NULL"
    " ORDER BY l.time DESC, CASE WHEN l.event > 3 THEN 3 ELSE l.event END DESC, l.id DESC LIMIT 1)"
    " AND r.uid = s.run_uid"
).format(run=", ".join(f"r.{name}" for name in _RUN))


def latest(connection: Connection, dialect: Dialect, jobs: Collection[int]) -> dict[int, tuple[RunRow, dict[str, Any]]]:
    """The latest run of each job with what its newest event told. Of the runs that producers tell of, the newest."""
    rows = dialect.join(connection, _LATEST, ["bigint"], [(job,) for job in sorted(set(jobs))])
    found: dict[int, Sequence[Any]] = {}
    for row in rows:
        job, _, first_at, *_ = row
        if job not in found or found[job][2] < first_at:
            found[job] = row
    return {job: (_run(run), json.loads(unpack(details))) for job, (_, details, _, *run) in found.items()}
