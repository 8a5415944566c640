"""From a request to who asks: a machine by a token of ours, anybody else by Airflow's own authentication."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, NoReturn

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import get_user, resolve_user_from_token
from fastapi import Depends, HTTPException, Request

from airflow_provider_catalog.api.state import state_of
from airflow_provider_catalog.errors import ForbiddenError, UnauthenticatedError
from airflow_provider_catalog.services.caller import Caller, Right
from airflow_provider_catalog.services.tokens import PREFIX

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CSRF_HEADER = "x-requested-with"
_ELSEWHERE = frozenset({"cross-site", "same-site"})
"""What browsers say of requests that a page of another origin made."""


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
        await state.opened()
        held = state.keyring.remembered(bearer)
        return await state.run(lambda: state.keyring.caller(bearer)) if held is None else held
    user = await _airflow_user(request, bearer)
    _not_forged(request, bearer)
    return await state.run(lambda: _of_airflow(user))


async def _airflow_user(request: Request, bearer: str) -> Any:
    """A bearer counts, whatever cookies there are: Airflow's own `get_user` asks the cookie first, before 3.3.

    Only Airflow's word that this is nobody is one; that it cannot tell is a failure, and lets nobody in.
    """
    try:
        return await (resolve_user_from_token(bearer) if bearer else get_user(request, None, None))
    except HTTPException as error:
        if error.status_code not in {401, 403}:
            raise
        _unknown(str(error.detail))


def _unknown(reason: str) -> NoReturn:
    raise UnauthenticatedError(
        f"{reason}: send Authorization: Bearer with a token of POST /auth/token or of `airflow-catalog token create`"
        " (for OpenLineage clients OPENLINEAGE_API_KEY), or log in to Airflow"
    )


def _not_forged(request: Request, bearer: str) -> None:
    """Browsers send cookies with what other sites make them send, and an Airflow in which all are admins gives a bearer
    to whoever comes. A header of its own no other site can add.
    """
    if request.method in _SAFE or _CSRF_HEADER in request.headers:
        return
    if not bearer or request.headers.get("sec-fetch-site", "") in _ELSEWHERE:
        raise ForbiddenError("a browser alone", "change anything: add the header X-Requested-With to the request")


def _of_airflow(user: Any) -> Caller:
    manager = get_auth_manager()
    rights: set[Right] = set()
    if manager.is_authorized_asset(method="GET", user=user):
        rights |= {"read", "metrics"}
    if manager.is_authorized_asset(method="PUT", user=user):
        rights |= {"write", "ingest"}
    return Caller(f"user:{user.get_name()}", frozenset(rights), AirflowDags(user))


Asks = Annotated[Caller, Depends(caller)]
