"""Forgetting what no longer says anything: old runs that only repeated what is known, and the envelopes they came in.

History must stay what it was, so a statement may only go when the folds of `model.history` come out the same
without it:

* it opens no period of any fact it claims, and is not the first to say its content or its lineage;
* in its stream it only repeats what was said before and after it, for longer than edges are waited for.

Runs and scopes go or stay as a whole. What remains of the pruned part of the log is written into it as a checkpoint,
so that the log alone still derives the store. What people said stays as it came, for ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.model.codec import lineage_from_json
from airflow_provider_catalog.model.statement import Lineage
from airflow_provider_catalog.store.sql import checkpoint, meta, tables, values
from airflow_provider_catalog.store.sql.dialect import MERGE_LOCK, now
from airflow_provider_catalog.store.sql.store import SqlStore

_DAY = 86_400_000_000
_JOBS = 200
KEPT_KINDS = ("edit",)


class Retained(NamedTuple):
    """What a pass of retention let go of."""

    statements: int
    runs: int
    envelopes: int


class _Said(NamedTuple):
    """A statement as far as retention looks at it."""

    id: bytes
    job: int
    producer: int
    run: bytes | None
    scope: str
    time: int
    event: int
    complete: bool
    declared: bool
    lineage: bytes | None
    first: bool
    old: bool


def retain(store: SqlStore, days: float) -> Retained:
    """One pass; safe to stop anywhere and to repeat."""
    horizon = now() - int(days * _DAY)
    with store.reading() as connection:
        merged = meta.get(connection, meta.MERGED)
        upto = _boundary(connection, min(store.log.last_before(horizon), merged))
    statements = runs = 0
    for jobs in _jobs(store):
        with store.dialect.writing(store.engine, MERGE_LOCK) as connection:
            gone, gone_runs = _forget(store, connection, jobs, horizon, upto)
        statements += gone
        runs += gone_runs
    stale = statements > 0 or store.log.holds_raw(upto, (*KEPT_KINDS, checkpoint.KIND))
    envelopes = _prune_log(store, upto) if upto and stale else 0
    return Retained(statements, runs, envelopes)


def _boundary(connection: Connection, wanted: int) -> int:
    """Envelopes are merged in batches, and a statement knows its batch's last number: only a batch's end divides
    cleanly.
    """
    query = sa.select(sa.func.coalesce(sa.func.max(tables.statement.c.seq), 0)).where(tables.statement.c.seq <= wanted)
    return int(connection.execute(query).scalar_one())


def _jobs(store: SqlStore) -> Iterator[list[int]]:
    after = -1
    table = tables.entity
    while True:
        query = sa.select(table.c.id).where(table.c.kind == "job", table.c.id > after).order_by(table.c.id).limit(_JOBS)
        with store.reading() as connection:
            jobs = [row[0] for row in connection.execute(query)]
        if not jobs:
            return
        yield jobs
        after = jobs[-1]


def _forget(store: SqlStore, connection: Connection, jobs: list[int], horizon: int, upto: int) -> tuple[int, int]:
    said = _said(store, connection, jobs, horizon, upto)
    openers = _openers(store, connection, jobs)
    bodies = _bodies(store, connection, {s.lineage for s in said if s.lineage is not None})
    doomed: dict[bytes, _Said] = {}
    for _, stream in groupby(
        sorted(said, key=lambda s: (s.job, s.producer, s.time, min(s.event, 3), s.id)), key=lambda s: s[1:3]
    ):
        doomed.update({s.id: s for s in _repetitions(list(stream), bodies, openers, store.patience)})
    whole = _whole_runs(store, connection, doomed)
    gone = [(s.id,) for s in doomed.values() if s.run is None or s.run in whole]
    store.dialect.delete(connection, tables.statement, ["id"], sorted(gone))
    store.dialect.delete(connection, tables.run, ["uid"], [(uid,) for uid in sorted(whole)])
    return len(gone), len(whole)


_FIRST = (
    "SELECT s.id, s.job_id, s.producer_id, s.run_uid, s.scope, s.time, s.event, s.complete, s.declared, s.lineage_id,"
    " NOT EXISTS (SELECT 1 FROM catalog_statement o WHERE o.content_id = s.content_id AND (o.time, o.id) < (s.time, "
    "s.id))"
    " AND s.content_id IS NOT NULL, s.seq, s.origin"
    " FROM keys k CROSS JOIN catalog_statement s WHERE s.job_id = k.k0"
)


def _said(store: SqlStore, connection: Connection, jobs: list[int], horizon: int, upto: int) -> list[_Said]:
    """Every statement of these jobs; the first of its content or lineage keeps the names as they were stated."""
    rows = store.dialect.join(connection, _FIRST, ["bigint"], [(job,) for job in jobs])
    rows.sort(key=lambda row: (row[5], bytes(row[0])))
    lineages: set[tuple[int, bytes]] = set()
    found = []
    for id_, job, producer, run, scope, time, event, complete, declared, lineage, first, seq, origin in rows:
        body = None if lineage is None else bytes(lineage)
        fresh = body is not None and (job, body) not in lineages
        if body is not None:
            lineages.add((job, body))
        old = time < horizon and seq <= upto and origin < 4
        uid = None if run is None else bytes(run)
        found.append(
            _Said(
                bytes(id_),
                job,
                producer,
                uid,
                (bytes(scope) or bytes(id_)).hex(),
                time,
                event,
                bool(complete),
                bool(declared),
                body,
                bool(first) or fresh,
                old,
            )
        )
    return found


_OPENERS = (
    "SELECT DISTINCT s.id FROM keys k CROSS JOIN catalog_statement s CROSS JOIN catalog_claim c"
    " CROSS JOIN catalog_fact f WHERE s.job_id = k.k0 AND c.content_id = s.content_id"
    " AND f.subject_id = c.subject_id AND f.aspect = c.aspect"
    " AND (f.producer_id = s.producer_id OR f.producer_id = 0) AND f.valid_from = s.time"
)


def _openers(store: SqlStore, connection: Connection, jobs: list[int]) -> set[bytes]:
    return {bytes(row[0]) for row in store.dialect.join(connection, _OPENERS, ["bigint"], [(job,) for job in jobs])}


def _bodies(store: SqlStore, connection: Connection, ids: Iterable[bytes]) -> dict[bytes, Lineage]:
    found = values.read(store.dialect, connection, ids)
    return {id_: lineage_from_json(body) for id_, body in found.items()}


class _Calm:
    """A stream while it only repeats itself.

    Any statement that says something else disturbs it. After that, as many new scopes as edges are waited for must
    repeat before nothing is open to change; what repeats from then on may go, but for the last complete statement, by
    which the edges were last seen.
    """

    def __init__(self, patience: int, bodies: dict[bytes, Lineage]) -> None:
        self._patience = patience
        self._bodies = bodies
        self._says: tuple[bytes | None, bool] | None = None
        self._seen: set[str] = set()
        self._before: set[str] = set()
        self._settling: set[str] = set()
        self._repeating: list[_Said] = []
        self.repetitions: list[_Said] = []

    def hear(self, s: _Said) -> None:
        if self._disturbs(s):
            self.end()
            self._before = set(self._seen)
            self._settling = set()
            if s.complete:
                self._says = (s.lineage, s.declared)
        if s.scope not in self._before | self._settling:
            if len(self._settling) >= self._patience:
                self._repeating.append(s)
            elif s.complete:
                self._settling.add(s.scope)
        self._seen.add(s.scope)

    def end(self) -> None:
        """What repeated so far may go, but for the last complete statement."""
        last = max((i for i, s in enumerate(self._repeating) if s.complete), default=len(self._repeating))
        self.repetitions += self._repeating[:last]
        self._repeating = []

    def _disturbs(self, s: _Said) -> bool:
        if s.complete:
            return self._says != (s.lineage, s.declared)
        return self._says is None or not _adds_nothing(s.lineage, self._says[0], self._bodies)


def _repetitions(stream: list[_Said], bodies: dict[bytes, Lineage], openers: set[bytes], patience: int) -> list[_Said]:
    """Old statements of a stream that only repeat. A scope, too, goes as a whole: to be mentioned in it counts."""
    calm = _Calm(patience, bodies)
    for s in stream:
        calm.hear(s)
    calm.end()
    repeated = {s.id for s in calm.repetitions if s.old and not s.first and s.id not in openers}
    kept_scopes = {s.scope for s in stream if s.id not in repeated}
    return [s for s in stream if s.scope not in kept_scopes]


def _adds_nothing(id_: bytes | None, settled: bytes | None, bodies: dict[bytes, Lineage]) -> bool:
    if id_ is None or id_ == settled:
        return True
    if settled is None:
        return False
    return bodies[id_].within(bodies[settled])


def _whole_runs(store: SqlStore, connection: Connection, doomed: dict[bytes, _Said]) -> set[bytes]:
    """Runs of which nothing would remain."""
    counted: defaultdict[bytes, int] = defaultdict(int)
    for s in doomed.values():
        if s.run is not None:
            counted[s.run] += 1
    keys = [(uid,) for uid in sorted(counted)]
    present: defaultdict[bytes, int] = defaultdict(int)
    for row in store.dialect.select(connection, tables.statement, ["run_uid"], ["run_uid"], keys):
        present[bytes(row[0])] += 1
    return {uid for uid, count in counted.items() if present[uid] == count}


def _prune_log(store: SqlStore, upto: int) -> int:
    """Put what remains of the old envelopes' statements in their place."""
    with store.snapshot() as connection:
        letters = [bytes(row[0]) for row in connection.execute(sa.select(tables.dead_letter.c.id))]
        pages = checkpoint.envelopes(store.dialect, connection, upto)
        count = checkpoint.pages(connection, upto)
        return store.log.replace(upto, KEPT_KINDS, letters, pages, count)
