"""What comes in: OpenLineage events and registrations. Answered with 2xx when it is durable, whatever happens then.

What cannot be read is refused with the reason, and the client still has it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from airflow_provider_catalog import sources
from airflow_provider_catalog.api.bodies import body
from airflow_provider_catalog.api.callers import Asks
from airflow_provider_catalog.api.metrics import Metrics
from airflow_provider_catalog.api.problems import documented, problem_content
from airflow_provider_catalog.api.schemas.ingest import (
    Acceptance,
    BatchAcceptance,
    OpenLineageEvent,
    RegisteredDataset,
    RegistrationAnswer,
)
from airflow_provider_catalog.api.state import State, state_of
from airflow_provider_catalog.collector import waiting
from airflow_provider_catalog.errors import ForbiddenError, RejectedError, TooLargeError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.access import within
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.services.registration import Registration, registration
from airflow_provider_catalog.store.wire import loads, mapping

router = APIRouter(tags=["ingest"])
_SMALL = 64 * 1024
"""So much is read between two requests; more is read in a thread."""
_BATCH_EVENTS = 10_000
_BATCH_TIMES = 4
"""A batch may be so many times as large as one event."""

Wait = Annotated[float, Query(ge=0, le=60, description="So many seconds at most to wait until answers know of it, too")]


async def sending(caller: Asks) -> Caller:
    caller.require("ingest")
    return caller


Sending = Annotated[Caller, Depends(sending)]


def _takes(model: str, *, many: bool = False) -> dict[str, Any]:
    """For OpenAPI: the body is read by us, as it came."""
    one: dict[str, Any] = {"$ref": f"#/components/schemas/{model}"}
    schema = {"type": "array", "items": one, "maxItems": _BATCH_EVENTS} if many else one
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post(
    "/lineage",
    status_code=201,
    response_model=Acceptance,
    responses=documented(413),
    openapi_extra=_takes(OpenLineageEvent.__name__),
)
async def lineage(request: Request, caller: Sending, wait: Wait = 0.0) -> Response:
    """One OpenLineage event, as any of its clients sends it."""
    state = state_of(request)
    payload = await body(request, _limit(state, caller))
    envelope = _envelope("openlineage", payload, caller)
    if len(payload) <= _SMALL:
        _check(envelope, caller)
    else:
        await state.run(lambda: _check(envelope, caller))
    with _timed(request, "lineage"):
        await state.accept([envelope])
    merged = wait > 0 and await state.merged([envelope.id], wait)
    return _json({"id": envelope.id.hex(), "status": "merged" if merged else "accepted"}, 201)


@router.post(
    "/lineage/batch",
    response_model=BatchAcceptance,
    responses={
        **documented(413),
        207: {"model": BatchAcceptance, "description": "Some were refused"},
        422: {"model": BatchAcceptance, "description": "All were refused, or this is no batch", **problem_content()},
    },
    openapi_extra=_takes(OpenLineageEvent.__name__, many=True),
)
async def batch(request: Request, caller: Sending, wait: Wait = 0.0) -> Response:
    """A list of events. Those that can be read are accepted, whatever the others are like."""
    state = state_of(request)
    limit = _limit(state, caller)
    payload = await body(request, limit * _BATCH_TIMES)
    accepted, failed = await state.run(lambda: _sorted_out(payload, caller, limit))
    with _timed(request, "batch"):
        await state.accept(accepted)
    if wait > 0:
        await state.merged([envelope.id for envelope in accepted], wait)
    return _json(_told(len(accepted), failed), 422 if failed and not accepted else 207 if failed else 200)


@router.post(
    "/metadata/register",
    status_code=201,
    response_model=RegistrationAnswer,
    responses={**documented(413), 202: {"model": RegistrationAnswer, "description": "Durable, and not merged yet"}},
    openapi_extra=_takes(RegisteredDataset.__name__),
)
async def register(request: Request, caller: Sending, wait: Wait = 10.0) -> Response:
    """A dataset, its columns and what it is made of."""
    state = state_of(request)
    document = mapping(loads(await body(request, _limit(state, caller))), "")
    stated = {"producer": caller.name, **document, "time": time.time_ns() // 1000}
    envelope = _envelope("register", orjson.dumps(stated), caller)
    await state.run(lambda: _check(envelope, caller))
    with _timed(request, "register"):
        await state.accept([envelope])
    dataset = DatasetId.parse(document["dataset_id"])
    if await state.merged([envelope.id], wait):
        return _json((await state.run(lambda: registration(state.store, dataset))).to_json(), 201)
    return _json(Registration(str(dataset), merged=False).to_json(), 202)


def _timed(request: Request, route: str) -> AbstractContextManager[Any]:
    metrics: Metrics = request.app.state.metrics
    return metrics.accepting.labels(route).time()


def _limit(state: State, caller: Caller) -> int:
    return min(caller.max_bytes or state.settings.max_event_bytes, state.settings.max_event_bytes)


def _envelope(kind: str, payload: bytes, caller: Caller) -> Envelope:
    return Envelope(kind, payload, recorded_at=time.time_ns() // 1000, sender=caller.name)


def _check(envelope: Envelope, caller: Caller) -> None:
    """Whoever sends what nobody can read, or speaks of what is not theirs, is told so at once."""
    if caller.namespaces:
        within(caller, sources.read(envelope))
    else:
        sources.check(envelope)


def _sorted_out(payload: bytes, caller: Caller, limit: int) -> tuple[list[Envelope], list[tuple[int, str]]]:
    """What can be accepted, and the places of the others with the reasons."""
    accepted: list[Envelope] = []
    failed: list[tuple[int, str]] = []
    with waiting():
        for place, event in enumerate(_events(payload)):
            envelope = _envelope("openlineage", event, caller)
            try:
                if len(event) > limit:
                    raise TooLargeError(len(event), limit)
                _check(envelope, caller)
            except (RejectedError, ForbiddenError) as error:
                failed.append((place, str(error)))
            else:
                accepted.append(envelope)
    return accepted, failed


def _events(payload: bytes) -> Iterator[bytes]:
    """Each as one payload, as if it had come by itself."""
    stated = loads(payload)
    events = stated.get("events") if type(stated) is dict else stated
    if type(events) is not list:
        raise RejectedError("/: expected a list of events")
    if len(events) > _BATCH_EVENTS:
        raise RejectedError(f"/: {len(events)} events; {_BATCH_EVENTS} is the limit of one batch")
    return map(orjson.dumps, events)


def _told(accepted: int, failed: list[tuple[int, str]]) -> dict[str, Any]:
    status = "success" if not failed else "partial_success" if accepted else "failure"
    count = len(failed)
    return {
        "status": status,
        "summary": {
            "received": accepted + count,
            "successful": accepted,
            "failed": count,
            "retriable": 0,
            "non_retriable": count,
        },
        "failed_events": [{"index": place, "reason": reason, "retriable": False} for place, reason in failed],
    }


def _json(document: Any, status: int) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
