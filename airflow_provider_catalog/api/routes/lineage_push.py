"""Lineage pushed to the tables of AWS Glue, as a person asks for it. One push at a time: it waits for AWS, and the API
has few threads.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from airflow_provider_catalog.api.answers import MEDIA_TYPE, Ask, Writing
from airflow_provider_catalog.api.bodies import body
from airflow_provider_catalog.api.problems import documented, problem
from airflow_provider_catalog.api.schemas.lineage_push import ELSEWHERE, MOST, LineagePushAnswer, LineagePushRequest
from airflow_provider_catalog.errors import ConfigError, TargetUnavailable, TooManyRequestsError
from airflow_provider_catalog.services.access import guarded
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.store.protocol import Entity, Store
from airflow_provider_catalog.targets.glue.lineage.pushing import push_lineage, summary
from airflow_provider_catalog.targets.glue.mapping import OPTION, GlueMapping
from airflow_provider_catalog.targets.glue.target import Glue

log = logging.getLogger(__name__)
router = APIRouter(tags=["lineage"])
_MOST_BYTES = 1024 * 1024
_PAGE = 1000
_AGAIN_SECONDS = 5.0
_ONE = threading.Lock()
_COUNTS = ("tables", "updated", "unchanged", "skipped", "errors")
_BODY = {"application/json": {"schema": LineagePushRequest.model_json_schema()}}


@router.post(
    "/lineage/push",
    response_model=LineagePushAnswer,
    responses=documented(404, 409, 413),
    openapi_extra={"requestBody": {"required": True, "content": _BODY}},
)
async def push(request: Request, ask: Writing) -> Response:
    """Tells tables that AWS Glue has what they are made of, in parameters and in a block of the description."""
    wanted, who = _stated(await body(request, _MOST_BYTES)), ask.caller.person
    try:
        done = await ask.state.run(lambda: _alone(ask, wanted))
    except ConfigError as error:
        return problem(409, "Not set up for AWS Glue", str(error))
    except TargetUnavailable as error:
        return problem(503, "AWS Glue takes nothing", str(error))
    log.info("%s pushed lineage to AWS Glue: %s", who, {key: done[key] for key in _COUNTS})
    return Response(orjson.dumps(done), media_type=MEDIA_TYPE)


def _stated(sent: bytes) -> LineagePushRequest:
    """What is wrong with it is told as FastAPI tells it of what it has read itself."""
    try:
        return LineagePushRequest.model_validate_json(sent)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


def _alone(ask: Ask, wanted: LineagePushRequest) -> dict[str, Any]:
    if not _ONE.acquire(blocking=False):
        raise TooManyRequestsError("lineage is being pushed already", _AGAIN_SECONDS)
    try:
        return _pushed(ask, guarded(ask.state.store, ask.caller, ask.state.namespaces), wanted)
    finally:
        _ONE.release()


def _pushed(ask: Ask, store: Store, wanted: LineagePushRequest) -> dict[str, Any]:
    """Read as the caller may read; images are the catalog's own affair."""
    glue = Glue(GlueMapping(ask.state.settings.glue_mapping))
    done = list(
        push_lineage(
            store,
            _named(store, wanted.datasets) if wanted.datasets is not None else _all(store, glue.mapping),
            glue.mapping,
            glue.account_of,
            set_parameters=wanted.set_parameters,
            set_description=wanted.set_description,
            dry_run=wanted.dry_run,
            keep=ask.state.store.keep_images,
        )
    )
    if not done and not ask.state.settings.glue_mapping:
        raise ConfigError(
            OPTION, "no rule says which dataset is a table of AWS Glue, and none of these has a name there"
        )
    return summary(done, dry_run=wanted.dry_run)


def _named(store: Store, names: Sequence[str]) -> list[Entity]:
    found = [find_dataset(store, name) for name in names]
    nodes = store.entities({each.node for each in found}) if found else {}
    return [nodes.get(each.node, each) for each in found]


def _all(store: Store, mapping: GlueMapping) -> list[Entity]:
    """By any of their names. Raises when they are too many."""
    nodes: set[int] = set()
    for entity in _scanned(store):
        if mapping.place([dataset_id(entity)]):
            nodes.add(entity.node)
        if len(nodes) > MOST:
            raise ValueError(f"more than {MOST} datasets are tables of AWS Glue: name some, or use {ELSEWHERE}")
    return sorted(store.entities(nodes).values()) if nodes else []


def _scanned(store: Store) -> Iterator[Entity]:
    after = 0
    while page := store.scan("dataset", after=after, limit=_PAGE):
        yield from page
        after = page[-1].uid
