"""Short ways to say things to a store. Times are small whole numbers: nothing but their order counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from airflow_provider_catalog.model.codec import details as details_of
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import (
    Changes,
    Claim,
    ColumnEdge,
    Content,
    Edge,
    EdgeKind,
    Event,
    Json,
    Lineage,
    Origin,
    Rule,
    Run,
    Statement,
)
from airflow_provider_catalog.store.protocol import Applied, LineageEdge, Store

AIRFLOW, SPARK = "https://example.org/airflow", "https://example.org/spark"
HUMAN = "human"
JOB, OTHER_JOB = JobId("airflow", "etl.load"), JobId("airflow", "etl.check")


def table(name: str, namespace: str = "postgres://db:5432") -> DatasetId:
    return DatasetId(namespace, f"shop.public.{name}" if namespace.startswith("postgres") else name)


A, B, C, D, E, F = (table(letter) for letter in "abcdef")


def lineage(
    reads: Sequence[DatasetId] = (),
    writes: Sequence[DatasetId] = (),
    edges: Iterable[tuple[DatasetId, DatasetId]] = (),
    columns: Iterable[tuple[DatasetId, str, DatasetId, str]] = (),
    rule: Rule = Rule.COLUMN_LINEAGE,
    kind: EdgeKind = EdgeKind.IDENTITY,
) -> Lineage:
    return Lineage(
        tuple(reads),
        tuple(writes),
        tuple(Edge(source, target, rule) for source, target in edges),
        tuple(
            ColumnEdge(ColumnId(source, left), ColumnId(target, right), kind, rule)
            for source, left, target, right in columns
        ),
    )


def event(
    kind: Event,
    time: int,
    said: Lineage | None = None,
    *,
    job: JobId = JOB,
    run: str = "run",
    scope: str | None = None,
    producer: str = AIRFLOW,
    complete: bool | None = None,
    claims: Sequence[Claim] = (),
    declared: bool = False,
    details: dict[str, Any] | None = None,
    parent: str | None = None,
) -> Statement:
    """An event of a run. COMPLETE is complete unless said otherwise, and each run is a scope of its own."""
    return Statement(
        producer=producer,
        time=time,
        event=kind,
        job=job,
        run=Run(run, parent),
        scope=run if scope is None else scope,
        complete=kind is Event.COMPLETE if complete is None else complete,
        declared=declared,
        content=Content.of(list(claims)),
        lineage=lineage() if said is None else said,
        details=details_of(details or {}),
    )


def completed(number: int, said: Lineage | None = None, **more: Any) -> Statement:
    """The complete statement of the run of that number, at that time."""
    return event(Event.COMPLETE, number, said, **{"run": f"run-{number}", **more})


def designed(time: int, said: Lineage, *, job: JobId = JOB, producer: str = AIRFLOW) -> Statement:
    """A job as designed: everything that there is of it."""
    return Statement(producer=producer, time=time, job=job, complete=True, declared=True, lineage=said)


def claimed(
    time: int,
    subject: EntityId | ColumnId,
    aspect: str,
    value: Json,
    *,
    producer: str = AIRFLOW,
    origin: Origin = Origin.SOURCE,
) -> Statement:
    return Statement(
        producer=producer, time=time, origin=origin, content=Content.of([Claim.of(subject, aspect, value)])
    )


def edited(time: int, subject: EntityId | ColumnId, aspect: str, value: Json, actor: str = "ann") -> Statement:
    content = Content.of([Claim.of(subject, aspect, value)])
    return Statement(
        producer=HUMAN, time=time, origin=Origin.HUMAN, content=content, details=details_of({"actor": actor})
    )


def name_of(dataset: DatasetId) -> dict[str, str]:
    return {"namespace": dataset.namespace, "name": dataset.name}


def merged(time: int, left: DatasetId, right: DatasetId | None) -> Statement:
    """`left` is `right`; None: not any more."""
    return edited(time, left, "merged_into", None if right is None else name_of(right))


def split(time: int, left: DatasetId, right: DatasetId, *, holds: bool = True) -> Statement:
    return edited(time, left, f"distinct_from:{right}", name_of(right) if holds else None)


def symlinked(
    time: int, dataset: DatasetId, *others: DatasetId, kind: str = "TABLE", producer: str = AIRFLOW
) -> Statement:
    identifiers: list[Any] = [{**name_of(other), "type": kind} for other in others]
    return claimed(time, dataset, "symlinks", {"identifiers": identifiers} if others else None, producer=producer)


def aliased(time: int, namespace: str, other: str | None) -> Statement:
    return edited(time, EntityId("namespace", "", namespace), "alias_of", other)


def say(store: Store, *statements: Statement) -> Applied:
    """All at once."""
    return store.apply(Changes(statements))


def say_each(store: Store, *statements: Statement) -> None:
    """One after the other."""
    for statement in statements:
        store.apply(Changes((statement,)))


def node_of(store: Store, dataset: EntityId) -> int:
    return store.entities([dataset.uid])[dataset.uid].node


def pairs(store: Store, as_of: int | None = None) -> set[tuple[int, int]]:
    """Which dataset is derived from which, by nodes."""
    return {(edge.source, edge.target) for edge in all_edges(store, as_of)}


def all_edges(store: Store, as_of: int | None = None, level: Any = "table") -> list[Any]:
    datasets = [entity.uid for entity in store.scan("dataset", limit=100_000)]
    ends = datasets if level == "table" else [column.uid for column in store.columns_of(datasets)]
    return store.edges(ends, level=level, as_of=as_of)


def derived(*ends: tuple[DatasetId, DatasetId]) -> set[tuple[int, int]]:
    return {(source.uid, target.uid) for source, target in ends}


def last_seen(store: Store, edge: LineageEdge) -> int:
    return store.heard([edge.job])[edge.job, edge.producer] if edge.last_seen is None else edge.last_seen
