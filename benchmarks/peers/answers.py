"""What both sides of the ingest benchmark must agree on, by name, and how the peer answers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import orjson
import sqlalchemy as sa
from sqlalchemy import BigInteger, Connection, Table

from benchmarks.peers import tables as t
from benchmarks.peers.rows import EVERYBODY, uid, unpack

Pair: TypeAlias = tuple[str, str]
Row: TypeAlias = tuple[Any, ...]


class Names(NamedTuple):
    """Everything that has a name, and the runs with all that is known of them."""

    producers: set[str]
    datasets: set[Pair]
    columns: set[tuple[str, str, str]]
    jobs: set[Pair]
    runs: dict[str, Row]


class Held(NamedTuple):
    """What holds now or held at a time: rows without their numbers."""

    facts: set[Row]
    ports: set[Row]
    edges: set[Row]
    column_edges: set[Row]


class Reader:
    """Answers out of the peer's tables, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        rows = connection.execute
        self.producers = {row.id: row.name for row in rows(sa.select(t.producer))}
        self.datasets = {row.id: (row.namespace, row.name) for row in rows(sa.select(t.dataset))}
        self.jobs = {row.id: (row.namespace, row.name) for row in rows(sa.select(t.job))}
        found = rows(sa.select(t.column))
        self.columns = {row.id: (*self.datasets[row.dataset_id], row.name) for row in found}

    def names(self) -> Names:
        c = t.run.c
        asked = sa.select(c.run_id, c.job_id, *(each for each in c if each.name not in ("run_id", "job_id")))
        runs = {row[0]: (self.jobs[row[1]], *row[2:]) for row in self.connection.execute(asked)}
        columns = set(self.columns.values())
        return Names(set(self.producers.values()), set(self.datasets.values()), columns, set(self.jobs.values()), runs)

    def held(self, at: int | None) -> Held:
        return Held(self._facts(at), self._ports(at), self._edges(at), self._column_edges(at))

    def _alive(self, table: Table, at: int | None) -> Iterable[Any]:
        asked = sa.select(table)
        if at is None:
            return self.connection.execute(asked.where(table.c.valid_to.is_(None)))
        open_then = sa.or_(table.c.valid_to.is_(None), table.c.valid_to > at)
        return self.connection.execute(asked.where(table.c.valid_from <= at, open_then))

    def _facts(self, at: int | None) -> set[Row]:
        bodies = {bytes(row.hash): unpack(row.body) for row in self.connection.execute(sa.select(t.value))}
        named = self.datasets | self.jobs
        return {
            (*named[r.subject_id], r.aspect, self._by(r.producer_id), r.valid_from, r.valid_to, bodies[r.value_hash])
            for r in self._alive(t.fact, at)
        }

    def _by(self, producer_id: int) -> str:
        return "*" if producer_id == EVERYBODY else self.producers[producer_id]

    def _ports(self, at: int | None) -> set[Row]:
        return {
            (self.jobs[r.job_id], self._by(r.producer_id), r.direction, self.datasets[r.dataset_id], *_life(r))
            for r in self._alive(t.port, at)
        }

    def _edges(self, at: int | None) -> set[Row]:
        d = self.datasets
        return {
            (self.jobs[r.job_id], self._by(r.producer_id), d[r.source_id], d[r.target_id], *_known(r))
            for r in self._alive(t.edge, at)
        }

    def _column_edges(self, at: int | None) -> set[Row]:
        jobs, c = self.jobs, self.columns
        return {
            (
                jobs[r.job_id],
                self._by(r.producer_id),
                c[r.source_id],
                c[r.target_id],
                *_known(r),
                r.kind,
                r.transformation,
            )
            for r in self._alive(t.column_edge, at)
        }

    def neighbours(self, pair: Pair, direction: str) -> set[Row]:
        here, there = ("source_id", "target_id") if direction == "downstream" else ("target_id", "source_id")
        asked = sa.select(t.edge).where(t.edge.c[here] == uid("dataset", *pair))
        return {
            (self.jobs[r.job_id], self.datasets[getattr(r, there)], *_known(r)) for r in self.connection.execute(asked)
        }

    def events(self, run_id: str) -> list[Row]:
        """What each event of a run told."""
        asked = sa.select(t.event).where(t.event.c.run_id == run_id).order_by(t.event.c.time, t.event.c.kind)
        return [
            (self._by(r.producer_id), r.kind, r.time, self.jobs[r.job_id], bool(r.complete), _details(r))
            for r in self.connection.execute(asked)
        ]

    def latest(self, job: Pair) -> Row:
        """The newest event of a job, and its run."""
        asked = sa.select(t.event).where(t.event.c.job_id == uid("job", *job))
        found = self.connection.execute(asked.order_by(t.event.c.time.desc(), t.event.c.kind.desc()).limit(1)).one()
        return found.run_id, _details(found)

    def history(self, pair: Pair, aspect: str) -> list[Row]:
        """Every value there ever was: from when to when, when it was last said."""
        c, numbers = t.fact.c, (uid("dataset", *pair), uid("job", *pair))
        asked = sa.select(c.valid_from, c.valid_to, c.last_seen, t.value.c.body).join(
            t.value, t.value.c.hash == c.value_hash
        )
        asked = asked.where(c.subject_id.in_(numbers), c.aspect == aspect).order_by(c.valid_from)
        return [(*row[:3], unpack(row[3])) for row in self.connection.execute(asked)]

    def walk(self, pair: Pair, direction: str, depth: int) -> set[Pair]:
        """Names of the datasets within so many hops, the start not included."""
        start, end = ("source_id", "target_id") if direction == "downstream" else ("target_id", "source_id")
        reached = sa.select(sa.bindparam("start", type_=BigInteger).label("node"), sa.literal(0).label("depth"))
        rings = reached.cte("reached", recursive=True)
        further = sa.select(t.edge.c[end], rings.c.depth + 1).where(
            t.edge.c[start] == rings.c.node, rings.c.depth < depth
        )
        nodes = sa.select(rings.union(further).c.node).distinct()
        rows = self.connection.execute(nodes, {"start": uid("dataset", *pair)}).fetchall()
        return {self.datasets[row[0]] for row in rows} - {pair}


def _life(row: Any) -> Row:
    return row.valid_from, row.valid_to, row.last_seen


def _known(row: Any) -> Row:
    return row.rule, row.confidence, *_life(row)


def _details(row: Any) -> Any:
    return orjson.loads(unpack(row.details))
