"""Random histories: statements as sources make them, few names and times so that everything meets everything."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from airflow_provider_catalog.model.codec import statement_to_json
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import (
    Changes,
    Claim,
    ColumnEdge,
    Content,
    Edge,
    EdgeKind,
    Event,
    Lineage,
    Origin,
    Rule,
    Run,
    Statement,
)
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store.protocol import Store

DATASETS = [DatasetId("postgres://db:5432", f"shop.public.t{i}") for i in range(5)]
DATASETS += [DatasetId("snowflake://org-acc", name) for name in ("DB.S.ORDERS", "db.s.orders")]
DATASETS += [DatasetId("postgres://localhost:5432", f"shop.public.t{i}") for i in range(2)]
DATASETS += [DatasetId("s3://lake", "raw/orders")]
JOBS = [JobId("airflow", f"dag.task{i}") for i in range(3)]
LONG_AGO = 1
PRODUCERS = ["https://example.org/airflow", "https://example.org/spark"]


def history(seed: int, size: int) -> list[Statement]:
    """Statements about few things at few times."""
    rng = random.Random(seed)
    return [_statement(rng) for _ in range(size)]


def _statement(rng: random.Random) -> Statement:
    draw = rng.random()
    if draw < 0.15:
        return _edit(rng)
    if draw < 0.25:
        return _dataset_statement(rng)
    return _run_statement(rng)


def _run_statement(rng: random.Random) -> Statement:
    number = rng.randrange(8)
    job = JOBS[number % len(JOBS)]
    event = rng.choice(
        [Event.START, Event.START, Event.RUNNING, Event.COMPLETE, Event.COMPLETE, Event.FAIL, Event.OTHER]
    )
    lineage = _lineage(rng)
    return Statement(
        producer=rng.choice(PRODUCERS),
        time=rng.randrange(1, 30) * 1000,
        event=event,
        job=job,
        run=Run(f"run-{number}", rng.choice([None, "parent"]), None, rng.choice([None, 5]), None),
        scope=f"scope-{number // 2}",
        complete=event == Event.COMPLETE and rng.random() < 0.9,
        declared=rng.random() < 0.1,
        content=_content(rng, [*lineage.reads, *lineage.writes], job),
        lineage=lineage,
        details=b'{"sql":{"query":"select %d"}}' % rng.randrange(3),
    )


def _lineage(rng: random.Random) -> Lineage:
    """Mostly one of a few shapes, so that streams settle now and then. These seeds give every kind of them."""
    shape = random.Random(rng.randrange(5, 13))
    reads = tuple(shape.sample(DATASETS, shape.randrange(0, 3)))
    writes = tuple(shape.sample(DATASETS, shape.randrange(0, 3)))
    edges: tuple[Edge, ...] = ()
    columns: tuple[ColumnEdge, ...] = ()
    if reads and writes and shape.random() < 0.6:
        rule = shape.choice([Rule.COLUMN_LINEAGE, Rule.EXPLICIT])
        edges = (Edge(reads[0], writes[0], rule, 1.0),)
        source, target = ColumnId(reads[0], "id"), ColumnId(writes[0], shape.choice(["id", "Total", ""]))
        columns = (ColumnEdge(source, target, EdgeKind.IDENTITY, rule, 1.0, ""),)
    return Lineage(reads, writes, edges, columns)


def _content(rng: random.Random, datasets: list[DatasetId], job: JobId) -> Content:
    claims = [Claim.of(dataset, "existence", value=True) for dataset in datasets]
    claims += [Claim.of(dataset, "schema", _schema(rng)) for dataset in datasets if rng.random() < 0.7]
    if rng.random() < 0.3:
        claims.append(Claim.of(job, "jobType", {"integration": rng.choice(["AIRFLOW", "SPARK"])}))
    if datasets and rng.random() < 0.15:
        partner = rng.choice(DATASETS)
        identifier = {"namespace": partner.namespace, "name": partner.name, "type": rng.choice(["TABLE", "LOCATION"])}
        claims.append(Claim.of(datasets[0], "symlinks", {"identifiers": [identifier]}))
    return Content.of(claims)


def _schema(rng: random.Random) -> dict[str, list[dict[str, str]]]:
    fields = rng.choice([["id"], ["id", "Total"], ["id", "Total", "note"]])
    return {"fields": [{"name": name, "type": "int"} for name in fields]}


def _dataset_statement(rng: random.Random) -> Statement:
    dataset = rng.choice(DATASETS)
    exists = rng.random() < 0.7
    return Statement(
        producer=rng.choice(PRODUCERS),
        time=rng.randrange(1, 30) * 1000,
        content=Content.of([Claim.of(dataset, "existence", exists), Claim.of(dataset, "schema", _schema(rng))]),
    )


def _edit(rng: random.Random) -> Statement:
    left, right = rng.sample(DATASETS, 2)
    pair = {"namespace": right.namespace, "name": right.name}
    claim = rng.choice(
        [
            Claim.of(left, "documentation", rng.choice([None, {"description": f"text {rng.randrange(3)}"}])),
            Claim.of(ColumnId(left, "id"), "tag:pii", rng.choice([None, {"key": "pii"}])),
            Claim.of(left, "merged_into", rng.choice([None, pair])),
            Claim.of(left, f"distinct_from:{right}", rng.choice([None, pair])),
            Claim.of(
                EntityId("namespace", "", "postgres://localhost:5432"),
                "alias_of",
                rng.choice([None, "postgres://db:5432"]),
            ),
        ]
    )
    return Statement(
        producer="human",
        time=rng.randrange(1, 30) * 1000,
        origin=Origin.HUMAN,
        content=Content.of([claim]),
        details=b'{"actor":"ann"}',
    )


def apply_in_batches(store: Store, statements: list[Statement], sizes: list[int]) -> None:
    """Apply the statements as they come, some at a time."""
    start = 0
    while start < len(statements):
        size = sizes[start % len(sizes)]
        store.apply(Changes(tuple(statements[start : start + size])))
        start += size


def dump_of(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All that the store derived, to be compared with another's."""
    return {name: list(rows) for name, rows in store.dump()}


def accept(store: Store, statements: list[Statement], recorded_at: int) -> None:
    payloads = [json.dumps([statement_to_json(statement)]).encode() for statement in statements]
    store.accept([Envelope("statements", payload, "test", recorded_at) for payload in payloads])


def merge(store: Store, size: int) -> None:
    while page := store.pending(size):
        statements = tuple(statement for envelope in page for statement in read(envelope).statements)
        store.apply(Changes(statements), merged_to=page[-1].seq)


def long_history(seed: int) -> list[Statement]:
    """A wild beginning, then runs that mostly repeat, with a change of mind now and then."""
    rng = random.Random(seed)
    told = history(seed, rng.choice([25, 60]))
    repeated: list[Statement] = []
    for i in range(60):
        if rng.random() < 0.05 or not repeated:
            repeated = [s for s in rng.sample(told, len(told)) if s.run and s.complete][:2]
        for n, s in enumerate(repeated):
            at = 100_000 + i * 10_000 + n * 1_000
            again = replace(s, time=at, run=Run(f"r{i}-{n}"), scope=f"s{i}")
            told += [again] * (rng.random() < 0.9)
            told += [replace(again, time=at - 500, event=Event.START, complete=False)] * (rng.random() < 0.3)
    return told
