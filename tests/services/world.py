"""A small world of jobs and tables, said to a real store in few words. Times are days: only their order counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from airflow_provider_catalog.services.times import parse
from airflow_provider_catalog.store.protocol import Store

NAMESPACE = "postgres://db:5432"
START = parse("2025-01-01")
HOUR = 3_600_000_000
DAY = 24 * HOUR


def table(name: str, namespace: str = NAMESPACE) -> DatasetId:
    return DatasetId(namespace, f"shop.public.{name}" if namespace.startswith("postgres") else name)


def job_id(name: str) -> JobId:
    return JobId("prod", name)


def day(number: float) -> int:
    return START + int(number * DAY)


def of(name: str | DatasetId) -> DatasetId:
    return table(name) if isinstance(name, str) else name


class World:
    """Says things to a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._runs = 0

    def ran(
        self,
        job: str,
        reads: Iterable[str | DatasetId] = (),
        writes: Iterable[str | DatasetId] = (),
        *,
        at: float = 1,
        state: Event = Event.COMPLETE,
        hours: float = 0,
        columns: Mapping[tuple[str, str], EdgeKind] | None = None,
        edges: Sequence[tuple[str, str]] = (),
        rule: Rule = Rule.SQL,
        confidence: float = 1.0,
        details: dict[str, Any] | None = None,
        nominal: tuple[float, float] | None = None,
        producer: str = "airflow",
    ) -> str:
        """A run that took `hours` and ended at day `at`; the columns are written `table.column`."""
        self._runs += 1
        run_id = f"00000000-0000-7000-8000-{self._runs:012d}"
        nominal_times = (day(nominal[0]), day(nominal[1])) if nominal else (None, None)
        run = Run(run_id, nominal_start=nominal_times[0], nominal_end=nominal_times[1])
        pairs = tuple(Edge(table(a), table(b), rule, confidence) for a, b in edges)
        derived = tuple(
            ColumnEdge(column(source), column(target), kind, Rule.COLUMN_LINEAGE)
            for (source, target), kind in (columns or {}).items()
        )
        lineage = Lineage(tuple(map(of, reads)), tuple(map(of, writes)), pairs, derived)
        common: dict[str, Any] = {"producer": producer, "job": job_id(job), "run": run, "scope": run_id}
        if hours:
            self.apply(Statement(time=day(at) - int(hours * HOUR), event=Event.START, **common))
        told = details_of(details or {})
        complete = state is Event.COMPLETE
        self.apply(Statement(time=day(at), event=state, complete=complete, lineage=lineage, details=told, **common))
        return run_id

    def said(
        self,
        subject: EntityId | ColumnId,
        aspect: str,
        value: Json,
        *,
        at: float = 1,
        producer: str = "airflow",
        origin: Origin = Origin.SOURCE,
    ) -> None:
        content = Content.of([Claim.of(subject, aspect, value)])
        self.apply(Statement(producer, day(at), origin, content=content))

    def edited(self, subject: EntityId | ColumnId, aspect: str, value: Json, *, at: float = 2) -> None:
        self.said(subject, aspect, value, at=at, producer="human", origin=Origin.HUMAN)

    def has_columns(self, name: str, *columns: str, at: float = 1, producer: str = "airflow") -> None:
        """`name:type`, or a name alone."""
        fields: list[Json] = [
            {"name": column.partition(":")[0], "type": column.partition(":")[2] or "text"} for column in columns
        ]
        self.said(table(name), "schema", {"fields": fields}, at=at, producer=producer)

    def apply(self, *statements: Statement) -> None:
        self.store.apply(Changes(statements))


def column(text: str) -> ColumnId:
    name, _, of_table = text.rpartition(".")
    return ColumnId(table(name), of_table)


def shop(store: Store) -> World:
    """raw -> orders -> revenue -> report, customers -> revenue."""
    made = World(store)
    made.has_columns("orders", "id:int", "email:text")
    made.ran("etl.load", ["raw"], ["orders"], details={"sql": {"query": "insert into orders"}})
    made.ran("etl.sum", ["orders", "customers"], ["revenue"], at=2)
    made.ran("etl.show", ["revenue"], ["report"], at=3)
    return made
