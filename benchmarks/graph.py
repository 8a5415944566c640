"""A big made-up graph of lineage, in memory and in a store's own tables.

Datasets stand in layers, edges go from one layer to the next and prefer some sources over others (Zipf), as warehouses
do. One job writes each dataset. One edge in ten is younger than the rest, and a few have ended: walks of today and of
`THEN` see different graphs. A ring of datasets stands apart. Columns are derived from the columns of their name.

Rows are written in bulk, past `Store.apply`, which would take hours; every read finds what it needs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import Event, Origin, Rule, digest
from airflow_provider_catalog.store.sql import runs, tables
from airflow_provider_catalog.store.sql.packing import pack
from airflow_provider_catalog.store.sql.store import SqlStore

Adjacency: TypeAlias = dict[int, list[int]]
Rows: TypeAlias = Iterator[tuple[Any, ...]]
Pair: TypeAlias = tuple[int, int]

LAYERS, SKEW, RING = 10, 0.8, 50
BEGUN, THEN, CHANGED, SEEN = (1_767_225_600_000_000 + days * 86_400_000_000 for days in (0, 10, 20, 30))
NAMESPACE = "postgres://warehouse:5432"
PRODUCER = "https://github.com/apache/airflow/providers-openlineage"
_TYPE = b'{"integration":"AIRFLOW","jobType":"TASK","processingType":"BATCH"}'


@dataclass(frozen=True)
class Edge:
    """By the numbers of its ends."""

    source: int
    target: int
    valid_from: int = BEGUN
    valid_to: int | None = None


class Graph:
    """Datasets by number, layer after layer, the ring last."""

    def __init__(self, datasets: int, edges: int, columns: int, seed: int = 1) -> None:
        self.count, self.columns = datasets + RING, columns
        self._width = datasets // LAYERS
        self._random = Random(seed)
        self.datasets = [DatasetId(NAMESPACE, self._name(number)) for number in range(self.count)]
        self.uids = [dataset.uid for dataset in self.datasets]
        self.jobs = [JobId("airflow-production", f"dag_{i // 8:05d}.write_{i:06d}") for i in range(self.count)]
        self.edges = [*self._layered(edges), *self._ring(datasets)]

    def _name(self, number: int) -> str:
        return f"dw.layer_{number // self._width:02d}.table_{number:06d}"

    def _layered(self, count: int) -> list[Edge]:
        """So many open ones, and one in twenty more that have ended."""
        weights = list(accumulate((rank + 1) ** -SKEW for rank in range(self._width)))
        found: dict[Pair, Edge] = {}
        while len(found) < count + count // 20:
            some = self._random.choices(range(self._width), cum_weights=weights, k=count)
            for rank in some:
                above = self._random.randrange(LAYERS - 1) * self._width
                pair = above + rank, above + self._width + self._random.randrange(self._width)
                if len(found) < count + count // 20 and pair not in found:
                    found[pair] = self._edge(*pair, open_=len(found) < count)
        return sorted(found.values(), key=lambda edge: (edge.target, edge.source))

    def _edge(self, source: int, target: int, *, open_: bool) -> Edge:
        if not open_:
            return Edge(source, target, BEGUN, CHANGED)
        return Edge(source, target, CHANGED if self._random.random() < 0.1 else BEGUN)

    @staticmethod
    def _ring(start: int) -> list[Edge]:
        return [Edge(start + i, start + (i + 1) % RING) for i in range(RING)]

    @cached_property
    def ring(self) -> list[int]:
        return self.uids[-RING:]

    def adjacency(self, direction: str, at: int | None = None) -> Adjacency:
        """What a walk sees, as a dict in memory."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for edge in self.edges:
            if edge.valid_to is None if at is None else edge.valid_from <= at and (edge.valid_to or at + 1) > at:
                ends = self.uids[edge.source], self.uids[edge.target]
                near, far = ends if direction == "downstream" else ends[::-1]
                found[near].append(far)
        return dict(found)

    def column(self, dataset: int, number: int) -> int:
        return ColumnId(self.datasets[dataset], column_name(number)).uid


def column_name(number: int) -> str:
    return f"col_{number:02d}"


def load(store: SqlStore, graph: Graph) -> None:
    """Everything, in bulk: indexes afterwards, then what the database should know for planning."""
    copy = _copy if store.dialect.name == "postgresql" else _insert
    rows: dict[Table, Rows] = {
        tables.producer: iter([(_producer(), PRODUCER)]),
        tables.entity: _entities(graph),
        tables.column: _columns(graph),
        tables.stream: _streams(graph),
        tables.run: _runs(graph),
        tables.statement: _statements(graph),
        tables.value: iter([(digest(_TYPE), pack(_TYPE))]),
        tables.fact: _facts(graph),
        tables.edge: _edges(graph),
    }
    with store.dialect.writing(store.engine) as connection:
        for table, some in rows.items():
            with _unindexed(connection, table):
                copy(connection, table, some)
    if graph.columns:
        with store.dialect.writing(store.engine) as connection, _unindexed(connection, tables.column_edge):
            connection.exec_driver_sql("ANALYZE catalog_edge, catalog_column")
            connection.exec_driver_sql(_COLUMN_EDGES)
    statistics = "VACUUM (ANALYZE)" if store.dialect.name == "postgresql" else "ANALYZE"
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(statistics)


_COLUMN_EDGES = (
    "INSERT INTO catalog_column_edge (job_id, producer_id, source_id, target_id, kind, valid_from, valid_to, last_seen,"
    " patience, missed, rule, confidence, recorded_at, transformation, source_node, target_node)"
    " SELECT e.job_id, e.producer_id, a.id, b.id, 1, e.valid_from, e.valid_to, e.last_seen,"
    " e.patience, e.missed, e.rule, e.confidence, e.recorded_at, '', a.id, b.id FROM catalog_edge e"
    " JOIN catalog_column a ON a.dataset_id = e.source_id"
    " JOIN catalog_column b ON b.dataset_id = e.target_id AND b.name = a.name"
)


@contextmanager
def _unindexed(connection: Connection, table: Table) -> Iterator[None]:
    postgres = connection.dialect.name == "postgresql"
    for index in table.indexes:
        index.drop(connection)
    keys = ", ".join(column.name for column in table.primary_key.columns)
    if postgres:
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP CONSTRAINT {table.name}_pkey")
    yield
    if postgres:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD PRIMARY KEY ({keys})")
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        index.create(connection)


def _copy(connection: Connection, table: Table, rows: Rows) -> None:
    names = ", ".join(column.name for column in table.columns)
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(connection: Connection, table: Table, rows: Rows) -> None:
    marks = ", ".join("?" * len(table.columns))
    cursor: Any = connection.connection.cursor()
    cursor.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608  names of our own tables


def _producer() -> int:
    return EntityId("producer", "", PRODUCER).uid


def _shaped(table: Table) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Rows in the order of the table's columns; what is not given is NULL."""
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    return lambda given: tuple(given.get(name) for name in names)


def _entities(graph: Graph) -> Rows:
    shape = _shaped(tables.entity)
    for each in (*graph.datasets, *graph.jobs):
        named = {"kind": each.kind, "namespace": each.namespace, "name": each.name}
        short = each.name.rsplit(".", 1)[-1]
        yield shape({**named, "id": each.uid, "node_id": each.uid, "search_name": short})


def _columns(graph: Graph) -> Rows:
    shape = _shaped(tables.column)
    for dataset in graph.datasets:
        for i in range(graph.columns):
            column = ColumnId(dataset, column_name(i))
            yield shape({"id": column.uid, "dataset_id": dataset.uid, "name": column.folded, "stated": True})


def _streams(graph: Graph) -> Rows:
    shape = _shaped(tables.stream)
    for number, job in enumerate(graph.jobs):
        last = {"last_time": SEEN, "last_rank": 3, "last_statement": _statement_id(number), "last_seen": SEEN}
        yield shape({"job_id": job.uid, "producer_id": _producer(), "declared": False, "since": SEEN, **last})


def _statement_id(number: int) -> bytes:
    return digest(b"statement %d" % number)


def _runs(graph: Graph) -> Rows:
    """The latest run of each job."""
    shape = _shaped(tables.run)
    for number, job in enumerate(graph.jobs):
        key = runs.state_key(Event.COMPLETE, SEEN)
        about = {"uid": digest(b"run %d" % number), "run_id": f"run-{number}", "job_id": job.uid, "state_key": key}
        yield shape({**about, "first_at": SEEN - 60_000_000, "started_at": SEEN - 60_000_000})


def _statements(graph: Graph) -> Rows:
    """What the last event of each job told."""
    shape = _shaped(tables.statement)
    common: dict[str, Any] = {"producer_id": _producer(), "origin": int(Origin.SOURCE), "time": SEEN}
    common |= {"event": int(Event.COMPLETE), "complete": True, "declared": False, "scope": b"", "seq": 0}
    for number, job in enumerate(graph.jobs):
        columns = ", ".join(f"s.{column_name(i)}" for i in range(20))
        query = f"INSERT INTO {graph.datasets[number].name} SELECT {columns} FROM source s"  # noqa: S608  never run
        details = json.dumps({"producer_version": "2.20.0", "sql": {"dialect": "postgres", "query": query}})
        about = {"id": _statement_id(number), "job_id": job.uid, "run_uid": digest(b"run %d" % number)}
        yield shape({**common, **about, "details": pack(details.encode())})


def _facts(graph: Graph) -> Rows:
    shape = _shaped(tables.fact)
    common = {"aspect": "jobType", "producer_id": _producer(), "valid_from": BEGUN, "origin": int(Origin.SOURCE)}
    for job in graph.jobs:
        yield shape({**common, "subject_id": job.uid, "value_id": digest(_TYPE), "recorded_at": BEGUN})


def _edges(graph: Graph) -> Rows:
    shape = _shaped(tables.edge)
    common = {"producer_id": _producer(), "patience": 3, "missed": "", "rule": int(Rule.COLUMN_LINEAGE)}
    common |= {"confidence": 1.0, "recorded_at": BEGUN}
    for edge in graph.edges:
        source, target = graph.uids[edge.source], graph.uids[edge.target]
        ends = {"source_id": source, "target_id": target, "source_node": source, "target_node": target}
        seen = None if edge.valid_to is None else edge.valid_to
        life = {"valid_from": edge.valid_from, "valid_to": edge.valid_to, "last_seen": seen}
        yield shape({**common, **ends, **life, "job_id": graph.jobs[edge.target].uid})
