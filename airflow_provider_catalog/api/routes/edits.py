"""What people say by hand: said, listed, taken back. A word is answered when the catalog has it, if that is soon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from airflow_provider_catalog import sources
from airflow_provider_catalog.api.answers import MEDIA_TYPE, Ask, Reading, Writing, answers
from airflow_provider_catalog.api.bodies import body
from airflow_provider_catalog.api.problems import documented, problem
from airflow_provider_catalog.api.schemas.edits import EditAnswer, EditRequest, Edits, UndoRequest
from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Statement
from airflow_provider_catalog.services import audit
from airflow_provider_catalog.services.access import guarded
from airflow_provider_catalog.services.edits import Wish, claims_of, edit, subject_of
from airflow_provider_catalog.store.protocol import Store

M = TypeVar("M", bound=BaseModel)
router = APIRouter(tags=["edits"])
_MOST_BYTES = 1024 * 1024
_LAST = 100
_LOST = "it was accepted and then not taken up; GET /dead-letters tells why, else say it again"

Wait = Annotated[float, Query(ge=0, le=60, description="So many seconds at most to wait until answers know of it")]
Text = Annotated[str, Query(max_length=4_000)]


def _takes(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """For OpenAPI: the body is read by us, once it is known who sends it. What the model is made of stands in it."""
    schema = model.model_json_schema()
    parts = {f"#/$defs/{name}": part for name, part in schema.pop("$defs", {}).items()}
    schema["properties"] |= {name: parts[each["$ref"]] for name, each in schema["properties"].items() if "$ref" in each}
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def _responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    waiting: dict[int | str, dict[str, Any]] = {
        202: {"model": EditAnswer, "description": "Durable, and not merged yet"}
    }
    return waiting | documented(*statuses)


@router.post("/edits", response_model=EditAnswer, responses=_responses(404, 413), openapi_extra=_takes(EditRequest))
async def say(request: Request, ask: Writing, wait: Wait = 10.0) -> Response:
    """A person's word on a dataset, a column or a job. It counts more than every machine's."""
    wanted = _stated(EditRequest, await body(request, _MOST_BYTES))

    def written(store: Store) -> Envelope:
        subject = subject_of(store, **wanted.subject.model_dump())
        wish = Wish(**wanted.model_dump(exclude={"subject", "reason"}))
        return edit(ask.caller.person, claims_of(store, subject, wish), reason=wanted.reason)

    return await _said(ask, written, wait)


@router.get("/edits", response_model=Edits, responses=answers(Edits, 404))
async def listed(
    ask: Reading,
    dataset: Text = "",
    column: Text = "",
    job: Text = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Who said what by hand, when and why, newest first; of one dataset, column or job, or of everything."""

    def asked(store: Store) -> dict[str, Any]:
        named = dataset or column or job
        subject = subject_of(store, dataset=dataset, job=job, column=column) if named else None
        return {"edits": [each.to_json() for each in audit.edits(store, subject, limit=limit)]}

    return await ask.answer(asked)


@router.post(
    "/edits/{edit_id}/undo",
    response_model=EditAnswer,
    responses=_responses(404, 409, 413),
    openapi_extra=_takes(UndoRequest, required=False),
)
async def undo(request: Request, ask: Writing, edit_id: str, wait: Wait = 10.0) -> Response:
    """What people said before that edit counts again, unless somebody has edited the same since."""
    wanted = _stated(UndoRequest, await body(request, _MOST_BYTES) or b"{}")
    try:
        return await _said(ask, lambda store: audit.undo(store, ask.caller.person, edit_id, reason=wanted.reason), wait)
    except audit.EditedSinceError as error:
        return problem(409, "Edited since", str(error))


def _stated(model: type[M], sent: bytes) -> M:
    """What is wrong with it is told as FastAPI tells it of what it has read itself."""
    try:
        return model.model_validate_json(sent)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


async def _said(ask: Ask, written: Callable[[Store], Envelope], wait: float) -> Response:
    """What would be refused later is refused now, and leaves nothing behind."""
    state = ask.state
    envelope, statement = await state.run(lambda: _read(ask, written))
    await state.accept([envelope])
    applied = wait > 0 and await state.merged([envelope.id], wait)
    if applied:
        await state.run(lambda: _check(state.store, statement))
    answer = {"id": envelope.id.hex(), "status": "applied" if applied else "accepted"}
    return Response(orjson.dumps(answer), 200 if applied else 202, media_type=MEDIA_TYPE)


def _read(ask: Ask, written: Callable[[Store], Envelope]) -> tuple[Envelope, Statement]:
    store = guarded(ask.state.store, ask.caller, ask.state.namespaces)
    envelope = replace(written(store), sender=ask.caller.name)
    (statement,) = sources.read(envelope).statements
    return envelope, statement


def _check(store: Store, statement: Statement) -> None:
    """Merged is not taken up, if only the store found what is wrong with it."""
    subject = statement.content.claims[0].subject
    if all(row.id != statement.id for row in store.audit(subject.uid, _LAST)):
        raise RejectedError(_LOST)
