"""Registrations: the body of `POST /metadata/register`, whose caller has added "time" and "producer".

A registration is declared: of the dataset's lineage it says all there is, if it says `upstream_datasets` at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId, IdentityError, JobId
from airflow_provider_catalog.model.masking import mask_prose, mask_sql
from airflow_provider_catalog.model.statement import (
    EXISTENCE,
    NO_LINEAGE,
    Changes,
    Claim,
    Content,
    Edge,
    Json,
    Lineage,
    Rule,
    Statement,
)
from airflow_provider_catalog.sources.checks import load, mapping, sequence, shape, text
from airflow_provider_catalog.sources.timestamps import clamped, instant

NAMESPACE = "register"
"""Of jobs whose caller names none."""

_FLAGS = ("nullable", "primary_key")


def read(envelope: Envelope) -> Changes:
    body = mapping(load(envelope.payload), "")
    dataset = _dataset(body.get("dataset_id"), "/dataset_id")
    upstream = body.get("upstream_datasets")
    sources = [
        _dataset(each, f"/upstream_datasets/{i}") for i, each in enumerate(sequence(upstream, "/upstream_datasets"))
    ]
    how = mapping(body.get("transformation") or {}, "/transformation")
    stated = text(body.get("producer") or envelope.producer or NAMESPACE, "/producer")
    if stated == "human":
        raise RejectedError("/producer: a name that is kept for people")
    return Changes(
        (
            Statement(
                producer=stated,
                time=clamped(instant(body.get("time"), "/time").micros, envelope.recorded_at),
                job=None if upstream is None else _job(body, how, dataset),
                complete=upstream is not None,
                declared=True,
                content=Content.of(list(_claims(dataset, body))),
                lineage=NO_LINEAGE if upstream is None else _lineage(sources, dataset),
                details=codec.details(_details(how)),
            ),
        )
    )


def _dataset(value: Any, path: str) -> DatasetId:
    try:
        return DatasetId.parse(text(value, path))
    except IdentityError as error:
        raise RejectedError(f"{path}: {error}") from error


def _job(body: dict[str, Any], how: dict[str, Any], dataset: DatasetId) -> JobId:
    """Without a job of its own, a dataset is its own: another registration must not close its edges."""
    namespace = text(how.get("namespace") or body.get("namespace") or NAMESPACE, "/transformation/namespace")
    return JobId(namespace, text(how.get("job_id") or str(dataset), "/transformation/job_id"))


def _lineage(sources: list[DatasetId], dataset: DatasetId) -> Lineage:
    reads = tuple(dict.fromkeys(sources))
    return Lineage(reads, (dataset,), tuple(Edge(source, dataset, Rule.DECLARED) for source in reads))


def _details(how: dict[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if how.get("sql") is not None:
        details["sql"] = {"query": mask_sql(_string(how["sql"], "/transformation/sql"))}
    return details


def _claims(dataset: DatasetId, body: dict[str, Any]) -> Iterator[Claim]:
    yield Claim.of(dataset, EXISTENCE, value=True)
    for key, (aspect, read_value) in _ASPECTS.items():
        if body.get(key) is not None:
            yield Claim.of(dataset, aspect, read_value(body[key], f"/{key}"))
    levels = [(level, body.get(level.lower())) for level in ("DATABASE", "SCHEMA") if body.get(level.lower())]
    if levels:
        named = [*levels, ("TABLE", body.get("name") or dataset.short_name)]
        yield Claim.of(dataset, "hierarchy", {"hierarchy": [_level(*level) for level in named]})


def _level(kind: str, name: Any) -> dict[str, Json]:
    return {"type": kind, "name": text(name, "/name" if kind == "TABLE" else f"/{kind.lower()}")}


def _columns(value: Any, path: str) -> Json:
    return {"fields": [_column(each, f"{path}/{i}", i + 1) for i, each in enumerate(sequence(value, path))]}


def _column(value: Any, path: str, position: int) -> dict[str, Json]:
    body = mapping(value, path)
    column: dict[str, Json] = {"name": text(body.get("name"), f"{path}/name"), "ordinal_position": position}
    if body.get("type") is not None:
        column["type"] = _string(body["type"], f"{path}/type")
    if body.get("description"):
        column["description"] = mask_prose(_string(body["description"], f"{path}/description"))
    return column | {key: _flag(body[key], f"{path}/{key}") for key in _FLAGS if body.get(key) is not None}


def _documentation(value: Any, path: str) -> Json:
    return {"description": mask_prose(_string(value, path))}


def _owner(value: Any, path: str) -> Json:
    return {"owners": [{"name": text(value, path)}]}


def _tags(value: Any, path: str) -> Json:
    keys = sorted({text(each, f"{path}/{i}") for i, each in enumerate(sequence(value, path))})
    return {"tags": [{"key": key, "value": "true"} for key in keys]}


def _type(value: Any, path: str) -> Json:
    return {"datasetType": text(value, path).upper()}


def _string(value: Any, path: str) -> str:
    if type(value) is not str:
        raise RejectedError(f"{path}: expected a string, found {shape(value)}")
    return value


def _flag(value: Any, path: str) -> bool:
    if type(value) is not bool:
        raise RejectedError(f"{path}: expected true or false, found {shape(value)}")
    return value


_ASPECTS = {
    "columns": ("schema", _columns),
    "description": ("documentation", _documentation),
    "owner": ("ownership", _owner),
    "tags": ("tags", _tags),
    "type": ("datasetType", _type),
}
