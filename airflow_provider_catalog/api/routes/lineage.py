"""Lineage: what a dataset or column is made of, what depends on it, and what became of that."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from airflow_provider_catalog.api.answers import Reading, answers
from airflow_provider_catalog.api.parameters import (
    LONGEST,
    AsOf,
    Column,
    Dataset,
    Depth,
    Filtering,
    Limit,
    Moment,
    Reaching,
)
from airflow_provider_catalog.api.schemas.lineage import (
    ColumnLineageAnswer,
    DiffAnswer,
    ImpactAnswer,
    LineageAnswer,
    PathAnswer,
    RootCauseAnswer,
)
from airflow_provider_catalog.services import lineage as service

router = APIRouter(tags=["lineage"])

Direction = Annotated[Literal["upstream", "downstream", "both"], Query(description="Where to look")]
Explain = Annotated[
    int,
    Query(ge=0, le=10_000, description="Of so many jobs, the nearest, type, description, last run and SQL are told"),
]


@router.get("/lineage", responses=answers(LineageAnswer, 404))
async def lineage(
    *,
    ask: Reading,
    dataset: Dataset,
    direction: Direction = "both",
    reach: Reaching,
    filters: Filtering,
    columns: Annotated[bool, Query(description="With the column edges between the datasets")] = False,
    explain: Explain = 50,
) -> Response:
    """What lies up and down of a dataset, nearest first, with the edges between all of it."""
    return await ask.answer(
        lambda store: service.walk(
            store,
            dataset,
            direction=direction,
            **reach._asdict(),
            columns=columns,
            explain=explain,
            filters=filters,
        ).to_json(),
        timed=ask.metrics.lineage.labels(direction),
    )


@router.get("/column-lineage", responses=answers(ColumnLineageAnswer, 404))
async def column_lineage(
    *,
    ask: Reading,
    dataset: Dataset,
    column: Annotated[str, Query(min_length=1, max_length=LONGEST, description="Nested ones with dots")],
    direction: Direction = "both",
    reach: Reaching,
    filters: Filtering,
    explain: Explain = 50,
) -> Response:
    """What lies up and down of one column."""
    return await ask.answer(
        lambda store: service.walk(
            store,
            dataset,
            direction=direction,
            **reach._asdict(),
            level="column",
            column=column,
            explain=explain,
            filters=filters,
        ).to_json(),
        timed=ask.metrics.lineage.labels(direction),
    )


@router.get("/lineage/path", responses=answers(PathAnswer, 404))
async def path(
    *,
    ask: Reading,
    source: Dataset,
    target: Dataset,
    paths: Annotated[int, Query(ge=1, le=100, description="So many at most")] = 5,
    depth: Depth = 50,
    limit: Limit = 10_000,
    as_of: AsOf = None,
) -> Response:
    """The shortest ways from one dataset to another, with the jobs on them."""
    return await ask.answer(
        lambda store: service.path(store, source, target, paths=paths, depth=depth, limit=limit, as_of=as_of).to_json()
    )


@router.get("/lineage/impact", responses=answers(ImpactAnswer, 404))
async def impact(
    *, ask: Reading, dataset: Dataset, column: Column = "", depth: Depth = 50, limit: Limit = 1_000
) -> Response:
    """Who and what depends on a dataset or column, as deep as there is."""
    return await ask.answer(
        lambda store: service.impact(
            store, dataset, level="column" if column else "table", column=column, depth=depth, limit=limit
        ).to_json()
    )


@router.get("/lineage/diff", responses=answers(DiffAnswer, 404))
async def diff(
    *,
    ask: Reading,
    dataset: Dataset,
    before: Annotated[Moment, Query(alias="from", description="2025-02-04, 2025-02-04T10:00Z, 3d")],
    after: Annotated[Moment, Query(alias="to", description="The same; 0s is now")],
    depth: Depth = 3,
    limit: Limit = 1_000,
) -> Response:
    """Datasets, edges and columns around a dataset that came or went between two moments."""
    return await ask.answer(
        lambda store: service.diff(store, dataset, before, after, depth=depth, limit=limit).to_json()
    )


@router.get("/lineage/root-cause", responses=answers(RootCauseAnswer, 404))
async def root_cause(*, ask: Reading, dataset: Dataset, depth: Depth = 10, limit: Limit = 1_000) -> Response:
    """Every job before a dataset: failed ones first, then late ones, the nearest first."""
    return await ask.answer(lambda store: service.root_cause(store, dataset, depth=depth, limit=limit).to_json())
