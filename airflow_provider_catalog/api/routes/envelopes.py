"""The way of a spool: envelopes of tasks that may not reach the store, handed over as they were captured.

One bad record never holds up the others: what cannot be taken is a dead letter, with the reason.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from airflow_provider_catalog import sources
from airflow_provider_catalog.api.answers import Ask
from airflow_provider_catalog.api.bodies import body
from airflow_provider_catalog.api.callers import Asks
from airflow_provider_catalog.api.problems import documented
from airflow_provider_catalog.api.state import State, state_of
from airflow_provider_catalog.errors import ForbiddenError, RejectedError, TooLargeError
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.parcel import Receipt, from_json
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.services.access import within
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.store.wire import loads

router = APIRouter(tags=["ingest"])
_ROOM = 4
"""A request may be so many times as large as one event: base64, and several of them."""
_OURS = {"checkpoint", "statements"}
"""Kinds that a store makes for itself."""


class Stated(BaseModel):
    """An envelope as it is sent."""

    kind: str
    payload: str = Field(description="base64")
    key: str = ""
    producer: str = ""
    recorded_at: int = 0


class Refused(BaseModel):
    """One that was not taken, by its place."""

    index: int
    reason: str


class Taken(BaseModel):
    """What became of each; none is to be sent again."""

    stored: int
    duplicates: int
    refused: list[Refused] = Field(description="They are dead letters now")


_BODY = {"application/json": {"schema": {"type": "array", "items": Stated.model_json_schema()}}}


@router.post(
    "/envelopes",
    response_model=Taken,
    responses=documented(413),
    openapi_extra={"requestBody": {"required": True, "content": _BODY}},
)
async def envelopes(request: Request, caller: Asks) -> Response:
    """What tasks captured. Durable when it is answered."""
    if "store" not in caller.rights:
        caller.require("ingest")
    state = state_of(request)
    payload = await body(request, caller.max_bytes or state.settings.max_event_bytes * _ROOM)
    return await Ask(request, caller).answer(lambda _: _taken(state, caller, payload))


def _taken(state: State, caller: Caller, payload: bytes) -> dict[str, Any]:
    """In a commit of its own, so that the numbers are those of this parcel."""
    sent = [_received(envelope, caller) for envelope in from_json(loads(payload), caller.name)]
    reasons = {place: reason for place, each in enumerate(sent) if (reason := _reason(each, caller, state))}
    accepted = state.store.accept([envelope for place, envelope in enumerate(sent) if place not in reasons])
    if reasons:
        state.store.apply(Changes(), rejected=[DeadLetter(sent[place], reason) for place, reason in reasons.items()])
    return Receipt(*accepted, tuple(reasons.items())).to_json()


def _received(envelope: Envelope, caller: Caller) -> Envelope:
    """Who sent it, and when at the latest, is known here. Only a store may hand on what somebody else sent."""
    if envelope.kind in _OURS:
        raise RejectedError(f"envelopes of kind {envelope.kind!r} are made by the store itself, nobody may send one")
    if envelope.kind == "edit" and "store" not in caller.rights:
        raise ForbiddenError(caller.name, "send edits: they are people's words")
    sender = envelope.sender if "store" in caller.rights else caller.name
    return replace(envelope, sender=sender, recorded_at=min(envelope.recorded_at, time.time_ns() // 1000))


def _reason(envelope: Envelope, caller: Caller, state: State) -> str:
    """Why it is not taken; nothing if it is. It is read only for those who may not speak of everything."""
    limit = state.settings.max_event_bytes
    try:
        if len(envelope.payload) > limit:
            raise TooLargeError(len(envelope.payload), limit)
        if caller.namespaces:
            within(caller, sources.read(envelope))
    except (RejectedError, ForbiddenError) as error:
        return str(error)
    return ""
