"""The store over HTTP, for workers that may not reach its database: what `store.http` asks for.

Each call is one of the protocol's, in a form that follows from its type hints. There is nothing else to call.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from airflow_provider_catalog import sources
from airflow_provider_catalog.api.answers import Ask
from airflow_provider_catalog.api.bodies import body
from airflow_provider_catalog.api.callers import Asks
from airflow_provider_catalog.api.problems import documented
from airflow_provider_catalog.api.state import State, state_of
from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.access import within
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.sources import statements
from airflow_provider_catalog.store import stream
from airflow_provider_catalog.store.calls import CALLS, CHANGES, Call
from airflow_provider_catalog.store.wire import dumps, loads

router = APIRouter(tags=["store"])
_ROOM = 4
"""What is made of an event is so many times as long, written out, at most."""
_FOR_SENDERS = {"unmerged"}
"""Whoever sends may ask whether what they sent has been read."""


class Changed(BaseModel):
    """How many of the statements are new."""

    statements: int
    duplicates: int = Field(description="They were there before, which is fine")


def _takes(description: str) -> dict[str, Any]:
    """For OpenAPI: the body is read by us."""
    content = {"application/json": {"schema": {"type": "object", "description": description}}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/changes",
    response_model=Changed,
    responses=documented(409, 413),
    openapi_extra=_takes("{statements: as in model.codec, merged_to, rejected, as_stated}"),
)
async def changes(request: Request, caller: Asks) -> Response:
    """Statements into the store, all of them or none."""
    caller.require("store")
    state = state_of(request)
    payload = await body(request, _limit(state, caller))
    return await Ask(request, caller).answer(lambda _: _applied(state, caller, payload))


@router.post(
    "/store/dump",
    response_class=StreamingResponse,
    responses={200: {"content": {stream.MEDIA_TYPE: {}}}, **documented()},
)
async def dump(request: Request, caller: Asks) -> Response:
    """Every derived row, as lines of JSON."""
    caller.require("store")
    chunks = _Chunks(state_of(request))
    return StreamingResponse(chunks.after(await chunks.next()), media_type=stream.MEDIA_TYPE)


@router.post("/store/{call}", responses=documented(404, 409, 413), openapi_extra=_takes("The arguments by name"))
async def ask(call: str, request: Request, caller: Asks) -> Response:
    """A call of the store. Records are arrays, bytes are base64, and what is not keyed by text is a list of pairs."""
    caller.require("ingest" if call in _FOR_SENDERS else "store")
    if call not in CALLS:
        raise NotFoundError("call of the store", call[:100], f"there are {', '.join(CALLS)}")
    state = state_of(request)
    payload = await body(request, _limit(state, caller))
    return await Ask(request, caller).answer(lambda _: _called(state, CALLS[call], payload))


def _limit(state: State, caller: Caller) -> int:
    return caller.max_bytes or state.settings.max_event_bytes * _ROOM


def _called(state: State, call: Call, payload: bytes) -> Any:
    arguments = call.read(loads(payload or b"{}"))
    return call.result.write(getattr(state.store, call.name)(**arguments))


def _applied(state: State, caller: Caller, payload: bytes) -> Any:
    """Checked as anything from outside is, also what is taken as stated."""
    stated = CHANGES.read(loads(payload))
    said = dumps(stated.pop("statements"))
    if stated.pop("as_stated", False):
        read = statements.read(Envelope("statements", said))
    else:
        read = sources.read(Envelope("statements", said, sender=caller.name))
    within(caller, read)
    return state.store.apply(read, **stated)._asdict()


class _Chunks:
    """A dump, a piece at a time, in our threads."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._chunks = self._written()
        self._turn = threading.Lock()

    def _written(self) -> Generator[bytes]:
        yield from stream.written(self._state.store.dump())

    async def next(self) -> bytes:
        return await self._state.run(self._next)

    async def after(self, chunk: bytes) -> AsyncGenerator[bytes, None]:
        """When the client has gone, a thread may still be at it, and nobody waits for that here."""
        try:
            while chunk:
                yield chunk
                chunk = await self.next()
        finally:
            threading.Thread(target=self._close, name="catalog-dump-end").start()

    def _next(self) -> bytes:
        with self._turn:
            return next(self._chunks, b"")

    def _close(self) -> None:
        with self._turn:
            self._chunks.close()
