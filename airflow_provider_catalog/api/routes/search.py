"""Finding: by the beginning of a name, what a text means, and which namespaces there are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from airflow_provider_catalog.api.answers import Reading, answers
from airflow_provider_catalog.api.parameters import After, Count, Dataset, Kind, Limit, Prefix
from airflow_provider_catalog.api.schemas.search import (
    NamespacesAnswer,
    ResolveAnswer,
    SearchAnswer,
    SuggestAnswer,
)
from airflow_provider_catalog.services import search as service
from airflow_provider_catalog.services.cursor import position
from airflow_provider_catalog.services.identity import resolve as resolved
from airflow_provider_catalog.services.namespaces import namespaces as known

router = APIRouter(tags=["search"])

Kinds = Annotated[tuple[Kind, ...], Query(max_length=50, description="dataset, job …; may be repeated")]


@router.get("/search", responses=answers(SearchAnswer))
async def search(
    *, ask: Reading, q: Prefix = "", kind: Kinds = service.KINDS, limit: Count = 50, after: After = ""
) -> Response:
    """What has a name that begins so, by name, page by page."""
    return await ask.answer(
        lambda store: service.search(store, q, kinds=kind, limit=limit, after=position(after)).to_json(),
        timed=ask.metrics.search.labels("search"),
    )


@router.get("/suggest", responses=answers(SuggestAnswer))
async def suggest(*, ask: Reading, q: Prefix, kind: Kinds = service.KINDS, limit: Count = 10) -> Response:
    """The first of what has a name that begins so: for asking at every key."""
    return await ask.answer(
        lambda store: service.suggest(store, q, kinds=kind, limit=limit).to_json(),
        timed=ask.metrics.search.labels("suggest"),
    )


@router.get("/resolve", responses=answers(ResolveAnswer, 404))
async def resolve(*, ask: Reading, dataset: Dataset) -> Response:
    """Which dataset a text means, and why."""
    return await ask.answer(lambda store: resolved(store, dataset).to_json())


@router.get("/namespaces", responses=answers(NamespacesAnswer))
async def namespaces(
    *,
    ask: Reading,
    kind: Annotated[Kind, Query(description="Of datasets, or of another kind")] = "dataset",
    limit: Annotated[Limit, Query(description="So many at most")] = 1_000,
) -> Response:
    """Those that are known."""
    return await ask.answer(lambda store: known(store, kind, limit=limit).to_json())
