"""Errors as answers: RFC 9457 problem JSON. Each has an id, under which the server's log tells more than the answer."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from airflow_provider_catalog.errors import (
    CatalogError,
    ConfigError,
    ForbiddenError,
    LeaseLost,
    NotFoundError,
    RejectedError,
    StoreError,
    StoreOutdated,
    StoreUnavailable,
    TooLargeError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from airflow_provider_catalog.store.remote import PROBLEM

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = 1.0
_CANDIDATES = 100


class Problem(BaseModel):
    """What went wrong and what to do about it."""

    type: str = Field("about:blank", description="The class of the error")
    title: str
    status: int
    detail: str = Field(description="What is wrong, and what to change")
    id: str = Field(description="The log of the server tells more under this id")
    errors: list[dict[str, Any]] | None = Field(None, description="Each wrong parameter by itself")
    candidates: list[str] | None = Field(None, description="What a name could mean that does not mean one thing")
    data: dict[str, Any] | None = Field(None, description="What the error carries, for who raises it again")


_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (UnauthenticatedError, 401, "Not authenticated"),
    (ForbiddenError, 403, "Not allowed"),
    (NotFoundError, 404, "Not found"),
    (TooLargeError, 413, "Too large"),
    (RejectedError, 422, "Cannot be read"),
    (ValueError, 422, "Cannot be read"),
    (TooManyRequestsError, 429, "Too many requests"),
    (LeaseLost, 409, "Somebody else is at it"),
    (StoreUnavailable, 503, "The store does not answer"),
    (StoreOutdated, 503, "The store needs migrating"),
    (ConfigError, 503, "Wrong settings"),
    (StoreError, 409, "The store refused"),
    (CatalogError, 400, "Not possible"),
)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: the problems that a route may answer with, beside those that any may."""
    titles = {status: title for _, status, title in reversed(_STATUS)}
    return {
        status: {"description": titles.get(status, "Not possible"), **problem_content()}
        for status in sorted({401, 403, 422, 429, 503, *statuses})
    }


def problem_content() -> dict[str, Any]:
    return {"content": {MEDIA_TYPE: {"schema": _SCHEMA}}}


_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def install(app: FastAPI) -> None:
    for error in (CatalogError, ValueError):
        app.add_exception_handler(error, _answer)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_middleware(_Mistakes)


class _Mistakes:
    """Whatever else is raised becomes an answer here, and does not reach the server that we are mounted in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            answer = of(error)
            if begun:
                raise
            await answer(scope, receive, send)


def problem(status: int, title: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> Response:
    body = Problem(title=title, status=status, detail=detail, id=uuid.uuid4().hex, **more)
    if status >= 500:
        log.warning("%s (%s): %s", title, body.id, detail)
    return Response(orjson.dumps(body.model_dump(exclude_none=True)), status, headers, MEDIA_TYPE)


def of(error: Exception) -> Response:
    """The problem of an error that was raised on purpose; any other is a mistake of ours, told of in the log alone."""
    for kind, status, title in _STATUS:
        if isinstance(error, kind):
            headers, more = _headers(error), {"candidates": _candidates(error), **_kind(error)}
            return problem(status, title, str(error), headers=headers, **more)
    found = problem(500, "A mistake of the catalog", "The log of the server tells of it under this id")
    log.error("The catalog's API made a mistake: %s", bytes(found.body).decode(), exc_info=error)
    return found


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, UnauthenticatedError):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(max(1, round(error.seconds)))}
    return {"Retry-After": str(round(_RETRY_SECONDS))} if isinstance(error, StoreUnavailable) else {}


def _kind(error: Exception) -> dict[str, Any]:
    """For machines: which of our errors it is."""
    if not isinstance(error, CatalogError):
        return {}
    data = {name: value for name, value in vars(error).items() if isinstance(value, str | int | float)}
    return {"type": f"{PROBLEM}{type(error).__name__}", "data": data or None}


def _candidates(error: Exception) -> list[str] | None:
    """Of errors about a name; the detail says how many there are."""
    return [str(each) for each in getattr(error, "candidates", ())][:_CANDIDATES] or None


async def _answer(_request: Request, error: Exception) -> Response:
    return of(error)


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  it is registered for these
    titles = {404: "Not found", 405: "No such method here"}
    return problem(
        error.status_code,
        titles.get(error.status_code, "Not possible"),
        _ADVICE.get(error.status_code, str(error.detail)),
        headers=dict(error.headers or {}),
    )


async def _validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  it is registered for these
    wrong = [{"at": ".".join(map(str, each["loc"])), "problem": each["msg"]} for each in error.errors()]
    detail = "; ".join(f"{each['at']}: {each['problem']}" for each in wrong)
    return problem(422, "Cannot be read", detail[:2_000], errors=wrong[:50])


_ADVICE = {
    404: "nothing is served at this path. Everything is under /catalog/api/v1; OPENLINEAGE_URL is"
    " http://HOST:PORT/catalog/ with the slash at its end, and without /api/v1/lineage",
    405: "this path takes other methods; GET /catalog/api/v1/openapi.json lists them",
}
