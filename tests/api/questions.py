"""A world in which everything that answers tell of is there, and questions that bring all of it out: cases as data."""

from __future__ import annotations

from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EdgeKind, Event, Run, Statement
from airflow_provider_catalog.services import edits
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import open_store
from tests.services.world import World, column, day, job_id, table

LAKE, SHELF = DatasetId("s3://lake", "orders"), DatasetId("s3://lake", "shelf")
ORDERS = table("orders")
RUN = "00000000-0000-7000-8000-000000000004"
THEN = "2025-01-03T12:00Z"
NAME = "postgres://db:5432/shop.public.orders"


class Question(NamedTuple):
    """A route with its parameters."""

    path: str
    params: dict[str, Any]


def furnish(url: str) -> None:
    """A shop with columns, schemas, words that lost, merges and splits, statistics, failures, totals."""
    store = open_store(url)
    world = World(store)
    _ran(world)
    _said(world)
    _edited(world)
    store.recompute_totals()
    store.close()


def _ran(world: World) -> None:
    held = {"rowCount": 4, "bytes": 5}
    facets = {"outputStatistics": {"rowCount": 1, "size": 2, "fileCount": 3}, "dataQualityMetrics": held}
    counted = {"namespace": ORDERS.namespace, "name": ORDERS.name, "role": "output", "facets": facets}
    told: dict[str, Any] = {"sql": {"query": "insert into orders"}, "datasets": [counted], "airflow": {"operator": "S"}}
    world.ran("etl.load", ["raw"], ["orders"], at=4, hours=1, details=told)
    columns = {("orders.id", "revenue.order_id"): EdgeKind.IDENTITY}
    world.ran("etl.sum", ["orders", "customers"], ["revenue"], at=5, columns=columns)
    world.ran("etl.show", ["revenue"], ["report"], at=5.5)
    failed: dict[str, Any] = {"errorMessage": {"message": "no space"}, "sql": {"query": "select"}}
    run_id = world.ran("etl.show", ["revenue"], ["report"], at=6, state=Event.FAIL, details=failed)
    assert run_id == RUN
    run = Run(run_id, "the-dag-run", "the-root", nominal_start=day(5), nominal_end=day(6))
    world.apply(Statement("airflow", day(5.9), event=Event.START, job=job_id("etl.show"), run=run, scope=run_id))
    world.ran("etl.board", ["revenue"], at=6)
    world.ran("etl.blind", at=6, details={"airflow": {"operator": "EmptyOperator"}})
    world.ran("etl.once", ["orders"], ["gone"], at=2, columns={("orders.id", "gone.id"): EdgeKind.FILTER})
    for at in (3, 4, 5):
        world.ran("etl.once", at=at)


def _said(world: World) -> None:
    kind: Any = {"processingType": "BATCH", "integration": "AIRFLOW", "jobType": "TASK"}
    for name in ("etl.load", "etl.board", "etl.blind"):
        world.said(job_id(name), "jobType", kind)
        world.said(job_id(name), "documentation", {"description": f"What {name} does"})
    old: Any = [{"name": "id", "type": "int", "nullable": False, "primary_key": True}, {"name": "email"}]
    new: Any = [{"name": "id", "type": "text", "nullable": True, "primary_key": False}, {"name": "sum", "type": "int"}]
    for at, fields in ((2, old), (3, new)):
        world.said(ORDERS, "schema", {"fields": fields}, at=at)
    world.said(ORDERS, "existence", value=True)
    world.said(ORDERS, "datasetType", {"datasetType": "TABLE"})
    world.said(ORDERS, "documentation", {"description": "What was sold"}, producer="spark")
    world.said(ORDERS, "tags", {"tags": [{"key": "classification", "value": "internal"}]})
    numbers = ("distinctCount", "nullCount", "count", "sum", "averageLength", "maxLength", "trueCount", "falseCount")
    values: Any = {**dict.fromkeys(numbers, 7), "min": 1.5, "maxValue": "2025-01-01"}
    world.said(column("orders.id"), "dataQualityMetrics", values)
    world.said(LAKE, "symlinks", {"identifiers": [{"namespace": ORDERS.namespace, "name": ORDERS.name}]})


def _edited(world: World) -> None:
    claims = [
        edits.described(ORDERS, "All that was sold"),
        edits.owned_by(ORDERS, ["sales", "finance"]),
        edits.described(LAKE, "The same in the lake"),
        edits.owned_by(table("report"), ["finance"]),
        edits.owned_by(job_id("etl.load"), ["sales"]),
        edits.owned_by(job_id("etl.board"), ["sales"]),
        edits.tagged(ORDERS, "pii"),
        edits.tagged(column("orders.id"), "key"),
        edits.tagged(job_id("etl.load"), "nightly"),
        edits.described(job_id("etl.load"), "Loads what was sold"),
        *edits.split(world.store, SHELF, ORDERS),
    ]
    world.ran("etl.shelve", [], [SHELF], at=6)
    world.apply(*read(edits.edit("ann", claims, day(7))).statements)


QUESTIONS = (
    Question("/lineage", {"dataset": NAME}),
    Question("/lineage", {"dataset": NAME, "columns": True, "explain": 0}),
    Question("/lineage", {"dataset": NAME, "limit": 1}),
    Question("/lineage", {"dataset": NAME, "as_of": THEN}),
    Question("/column-lineage", {"dataset": "revenue", "column": "order_id"}),
    Question("/column-lineage", {"dataset": NAME, "column": "id"}),
    Question("/column-lineage", {"dataset": NAME, "column": "id", "as_of": THEN}),
    Question("/lineage/path", {"source": "raw", "target": "report"}),
    Question("/lineage/path", {"source": "raw", "target": "report", "as_of": THEN}),
    Question("/lineage/impact", {"dataset": NAME}),
    Question("/lineage/impact", {"dataset": NAME, "column": "id"}),
    Question("/lineage/diff", {"dataset": "orders", "from": "2025-01-02", "to": "0s"}),
    Question("/lineage/diff", {"dataset": "orders", "from": "0s", "to": "2025-01-02"}),
    Question("/lineage/root-cause", {"dataset": "report"}),
    Question("/dataset", {"dataset": NAME}),
    Question("/dataset", {"dataset": "raw"}),
    Question("/dataset/columns", {"dataset": NAME, "limit": 1}),
    Question("/dataset/schema-versions", {"dataset": NAME}),
    Question("/dataset/schema-diff", {"dataset": NAME, "from_version": 1}),
    Question("/dataset/runs", {"dataset": NAME}),
    Question("/dataset/provenance", {"dataset": NAME, "history": True}),
    Question("/dataset/provenance", {"dataset": NAME, "column": "id"}),
    Question("/dataset/registered-in", {"dataset": NAME}),
    Question("/dataset/registered-in", {"dataset": str(SHELF)}),
    Question("/datasets", {"limit": 3}),
    Question("/job", {"job": "etl.load"}),
    Question("/job/runs", {"job": "etl.show"}),
    Question("/jobs", {}),
    Question(f"/run/{RUN}", {}),
    Question("/coverage", {}),
    Question("/search", {"q": "r", "limit": 1}),
    Question("/search", {"q": "etl"}),
    Question("/suggest", {"q": "o"}),
    Question("/resolve", {"dataset": str(LAKE)}),
    Question("/namespaces", {}),
)
