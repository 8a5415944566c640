"""What was accepted and could not be read: listed with the reasons, and read again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from airflow_provider_catalog.api.answers import Writing, answers
from airflow_provider_catalog.api.problems import documented
from airflow_provider_catalog.api.schemas.edits import DeadLetters, Retried
from airflow_provider_catalog.services.dead_letters import letter_to_json
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.replay import retried_to_json, retry

router = APIRouter(tags=["dead letters"])
Limit = Annotated[int, Query(ge=1, le=1_000, description="The oldest so many")]


@router.get("/dead-letters", response_model=DeadLetters, responses=answers(DeadLetters))
async def listed(ask: Writing, limit: Limit = 100) -> Response:
    """For those who may write and may read every DAG, since nobody can tell whose SQL is in them."""
    return await ask.answer(
        lambda store: {"dead_letters": [letter_to_json(letter) for letter in store.dead_letters(limit)]}
    )


@router.post("/dead-letters/retry", response_model=Retried, responses=documented())
async def retried(ask: Writing, limit: Limit = 100) -> Response:
    """Reads them again, with the readers of today."""
    return await ask.answer(lambda _: _retry(ask.state.store, limit))


def _retry(store: Store, limit: int) -> dict[str, int]:
    """A worker's work, and so with the store as it is: whoever asks for it learns numbers, and nothing else."""
    return retried_to_json(retry(store, store.dead_letters(limit)))
