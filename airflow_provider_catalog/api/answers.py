"""Answers: a question is asked in one of our threads, of the store as the caller may see it, and comes back as JSON.

The thread also leaves out what was not asked for, tells whether the client has the answer already (ETag) and packs it,
all of which would hold up the server's one loop.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import nullcontext
from hashlib import blake2b
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request, Response
from prometheus_client import Histogram

from airflow_provider_catalog.api import problems
from airflow_provider_catalog.api.callers import Asks
from airflow_provider_catalog.api.metrics import Metrics
from airflow_provider_catalog.api.selection import select
from airflow_provider_catalog.api.state import state_of
from airflow_provider_catalog.collector import waiting
from airflow_provider_catalog.services.access import guarded
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.store.protocol import Store

MEDIA_TYPE = "application/json"
_WORTH_PACKING = 4_096
_VARY = "Accept-Encoding, Authorization, Cookie"


class Ask:
    """One request for one answer."""

    def __init__(self, request: Request, caller: Caller, fields: str = "") -> None:
        self.caller = caller
        self.state = state_of(request)
        self.metrics: Metrics = request.app.state.metrics
        self._headers = request.headers
        self._may_have_it = request.method in {"GET", "HEAD"}
        self._fields = fields

    async def answer(
        self, question: Callable[[Store], Any], *, status: int = 200, timed: Histogram | None = None
    ) -> Response:
        """`question` returns what JSON can say. Nobody may keep an answer but who asked for it."""
        with timed.time() if timed else nullcontext():
            return await self.state.run(lambda: self._answered(question, status))

    def _answered(self, question: Callable[[Store], Any], status: int) -> Response:
        with waiting():
            document = question(guarded(self.state.store, self.caller, self.state.namespaces))
            body = orjson.dumps(select(document, self._fields))
        return self._response(body, status)

    def _response(self, body: bytes, status: int) -> Response:
        tag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": _VARY}
        if self._may_have_it and _known(self._headers.get("if-none-match", ""), tag):
            return Response(None, 304, headers)
        if len(body) >= _WORTH_PACKING and "gzip" in self._headers.get("accept-encoding", ""):
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            body = packer.compress(body) + packer.flush()
            headers["Content-Encoding"] = "gzip"
        return Response(body, status, headers, MEDIA_TYPE)


def _known(stated: str, tag: str) -> bool:
    return stated.strip() == "*" or tag in (each.strip() for each in stated.split(","))


async def reading(
    request: Request,
    caller: Asks,
    fields: Annotated[
        str, Query(description="Only these keys of the answer: paths with dots, separated by commas", max_length=5_000)
    ] = "",
) -> Ask:
    caller.require("read")
    return Ask(request, caller, fields)


async def writing(request: Request, caller: Asks) -> Ask:
    caller.require("write")
    return Ask(request, caller)


Reading = Annotated[Ask, Depends(reading)]
Writing = Annotated[Ask, Depends(writing)]


def answers(model: Any, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: what a route answers with, and with which problems."""
    return {200: {"model": model}, 304: {"description": "As the client has it (If-None-Match)"}} | problems.documented(
        *statuses
    )
