"""Datasets: all that is known of one, part by part, and the list of all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from airflow_provider_catalog.api.answers import Reading, answers
from airflow_provider_catalog.api.parameters import After, AsOf, Column, Count, Dataset, Namespace, Platform
from airflow_provider_catalog.api.schemas.dataset import DatasetAnswer
from airflow_provider_catalog.api.schemas.run import DatasetRunsAnswer
from airflow_provider_catalog.api.schemas.schema import ColumnsAnswer, SchemaDiffAnswer, SchemaVersionsAnswer
from airflow_provider_catalog.api.schemas.search import ListingAnswer, RegisteredAnswer
from airflow_provider_catalog.api.schemas.word import ProvenanceAnswer
from airflow_provider_catalog.services.column_page import column_page
from airflow_provider_catalog.services.cursor import position
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.last_runs import runs_of_dataset
from airflow_provider_catalog.services.listing import listing
from airflow_provider_catalog.services.provenance import provenance
from airflow_provider_catalog.services.registered import registered
from airflow_provider_catalog.services.schema_history import schema_history

router = APIRouter(tags=["datasets"])

Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="A version of the schema")]


@router.get("/dataset", responses=answers(DatasetAnswer, 404))
async def dataset(*, ask: Reading, dataset: Dataset, as_of: AsOf = None) -> Response:
    """All that is known of a dataset, and whose word it is."""
    return await ask.answer(lambda store: describe(store, find_dataset(store, dataset), as_of=as_of).to_json())


@router.get("/dataset/columns", responses=answers(ColumnsAnswer, 404))
async def columns(
    *, ask: Reading, dataset: Dataset, limit: Count = 100, after: After = "", as_of: AsOf = None
) -> Response:
    """Its columns, page by page."""
    return await ask.answer(
        lambda store: column_page(
            store, find_dataset(store, dataset), limit=limit, after=position(after), as_of=as_of
        ).to_json()
    )


@router.get("/dataset/schema-versions", responses=answers(SchemaVersionsAnswer, 404))
async def schema_versions(*, ask: Reading, dataset: Dataset, limit: Count = 100) -> Response:
    """How its schema changed, the newest version first."""
    return await ask.answer(lambda store: schema_history(store, find_dataset(store, dataset)).to_json(limit))


@router.get("/dataset/schema-diff", responses=answers(SchemaDiffAnswer, 404))
async def schema_difference(
    *, ask: Reading, dataset: Dataset, from_version: Version = None, to_version: Version = None
) -> Response:
    """What lies between two versions; without them, what the newest changed."""
    return await ask.answer(
        lambda store: schema_history(store, find_dataset(store, dataset)).between(from_version, to_version).to_json()
    )


@router.get("/dataset/runs", responses=answers(DatasetRunsAnswer, 404))
async def runs(*, ask: Reading, dataset: Dataset, limit: Count = 20) -> Response:
    """The last runs of the jobs that write it, newest first."""
    return await ask.answer(lambda store: runs_of_dataset(store, find_dataset(store, dataset), limit).to_json())


@router.get("/dataset/provenance", responses=answers(ProvenanceAnswer, 404))
async def whose_word(
    *,
    ask: Reading,
    dataset: Dataset,
    column: Column = "",
    history: Annotated[bool, Query(description="With all the words that ever held")] = False,
    limit: Annotated[int, Query(ge=1, le=1_000, description="So many words of each history, the newest")] = 20,
) -> Response:
    """Who said what of it, since when, and whose word lost."""
    return await ask.answer(
        lambda store: provenance(
            store, find_dataset(store, dataset), column=column, history=limit if history else 0
        ).to_json()
    )


@router.get("/dataset/registered-in", responses=answers(RegisteredAnswer, 404))
async def registered_in(*, ask: Reading, dataset: Dataset) -> Response:
    """Under which names it is known, where, and who says that they are one."""
    return await ask.answer(lambda store: registered(store, dataset).to_json())


@router.get("/datasets", responses=answers(ListingAnswer))
async def datasets(
    *, ask: Reading, namespace: Namespace = "", platform: Platform = "", limit: Count = 100, after: After = ""
) -> Response:
    """All of them, page by page. A page may be short; go on while there is a `next`."""
    return await ask.answer(
        lambda store: listing(
            store, "dataset", namespace=namespace, platform=platform, limit=limit, after=position(after)
        ).to_json()
    )
