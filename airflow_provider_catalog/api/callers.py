"""From a request to who asks: a machine by a token of ours, anybody else by Airflow's own authentication."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, NoReturn

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials

from airflow_provider_catalog.api.state import State, state_of
from airflow_provider_catalog.errors import ForbiddenError, UnauthenticatedError
from airflow_provider_catalog.services.access import Caller, Right
from airflow_provider_catalog.services.tokens import PREFIX

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CSRF_HEADER = "x-requested-with"


class AirflowDags:
    """Asked when an answer depends on them, once per request: rights may be taken back."""

    def __init__(self, user: Any) -> None:
        self._user = user

    @cached_property
    def existing(self) -> frozenset[str]:
        from airflow.models.dag import DagModel
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session() as session:
            return frozenset(session.scalars(select(DagModel.dag_id)))

    @cached_property
    def readable(self) -> frozenset[str]:
        return frozenset(get_auth_manager().get_authorized_dag_ids(user=self._user))


async def caller(request: Request) -> Caller:
    """Raises when nobody knows who asks."""
    state = state_of(request)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    bearer = secret.strip() if scheme.lower() == "bearer" else ""
    if bearer.startswith(PREFIX):
        return state.keyring.remembered(bearer) or await state.run(lambda: state.keyring.caller(bearer))
    user = await _airflow_user(request, bearer)
    if not bearer:
        _not_forged(request)
    return await state.run(lambda: _of_airflow(user))


async def _airflow_user(request: Request, bearer: str) -> Any:
    """A bearer counts, whatever cookies there are."""
    credentials = HTTPAuthorizationCredentials(scheme="Bearer", credentials=bearer) if bearer else None
    try:
        return await get_user(request, None, credentials)
    except HTTPException as error:
        _unknown(str(error.detail))


def _unknown(reason: str) -> NoReturn:
    raise UnauthenticatedError(
        f"{reason}: send Authorization: Bearer with a token of POST /auth/token or of `airflow-catalog token create`"
        " (for OpenLineage clients OPENLINEAGE_API_KEY), or log in to Airflow"
    )


def _not_forged(request: Request) -> None:
    """Browsers send cookies with what other sites make them send; a header of its own no other site can add."""
    if request.method not in _SAFE and _CSRF_HEADER not in request.headers:
        raise ForbiddenError("a cookie alone", "change anything: add the header X-Requested-With to the request")


def _of_airflow(user: Any) -> Caller:
    manager = get_auth_manager()
    rights: set[Right] = set()
    if manager.is_authorized_asset(method="GET", user=user):
        rights |= {"read", "metrics"}
    if manager.is_authorized_asset(method="PUT", user=user):
        rights |= {"write", "ingest"}
    return Caller(f"user:{user.get_name()}", frozenset(rights), AirflowDags(user))


Asks = Annotated[Caller, Depends(caller)]


def stated(request: Request) -> State:
    return state_of(request)
