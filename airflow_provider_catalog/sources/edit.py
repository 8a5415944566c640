"""Edits: what a person says, which wins over every machine until the person takes it back.

The payload is `{"actor", "time", "claims": [[subject, aspect, value], …], "reason"?}`; a subject is written as in
model.codec, a value of null takes the claim back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, EntityId
from airflow_provider_catalog.model.masking import mask_prose
from airflow_provider_catalog.model.statement import Changes, Claim, Content, Json, Origin, Statement
from airflow_provider_catalog.sources.checks import load, mapping, sequence, shape, text
from airflow_provider_catalog.sources.timestamps import clamped, instant

PRODUCER = "human"
_PROSE_LIMIT = 65_536
_ASPECT_LIMIT = 500

Shape = Callable[[Any, str], Json]


def read(envelope: Envelope) -> Changes:
    body = mapping(load(envelope.payload), "")
    claims = [_claim(each, f"/claims/{i}") for i, each in enumerate(sequence(body.get("claims"), "/claims"))]
    if not claims:
        raise RejectedError("/claims: an edit without claims says nothing")
    time = clamped(instant(body.get("time"), "/time").micros, envelope.recorded_at)
    return Changes((Statement(PRODUCER, time, Origin.HUMAN, content=Content.of(claims), details=_details(body)),))


def _details(body: dict[str, Any]) -> bytes:
    details = {"actor": text(body.get("actor"), "/actor")}
    if body.get("reason") is not None:
        details["reason"] = _prose(body["reason"], "/reason")
    return codec.details(details)


def _claim(stated: Any, path: str) -> Claim:
    parts = sequence(stated, path)
    if len(parts) != 3:
        raise RejectedError(f"{path}: expected [subject, aspect, value], found {len(parts)} items")
    subject = _subject(parts[0], f"{path}/0")
    aspect = text(parts[1], f"{path}/1")
    read_value = _shape_of(subject, aspect, f"{path}/1")
    return Claim.of(subject, aspect, None if parts[2] is None else read_value(parts[2], f"{path}/2"))


def _subject(stated: Any, path: str) -> EntityId | ColumnId:
    parts = sequence(stated, path)
    kind = text(parts[0], f"{path}/0") if parts else ""
    wanted = 4 if kind == "column" else 3
    if len(parts) != wanted:
        raise RejectedError(f"{path}: expected {wanted} texts naming a {kind or 'subject'}, found {len(parts)}")
    return codec.subject_from_json([text(each, f"{path}/{i}", empty=i > 0) for i, each in enumerate(parts)])


def _shape_of(subject: EntityId | ColumnId, aspect: str, path: str) -> Shape:
    """The aspects people may state, and of what."""
    what, colon, name = aspect.partition(":")
    known = _SHAPES.get((subject.kind, f"{what}{colon}")) or _SHAPES.get(("", f"{what}{colon}"))
    if known is None or bool(colon) != bool(name) or len(aspect) > _ASPECT_LIMIT:
        raise RejectedError(f"{path}: {aspect[:100]!r} is no aspect that people state of a {subject.kind}")
    return _named(what, name, known) if colon else known


def _named(what: str, name: str, known: Shape) -> Shape:
    """`tag:<key>` and `distinct_from:<namespace>/<name>` say in their value what they say in their name."""

    def read_value(value: Any, path: str) -> Json:
        body = mapping(known(value, path), path)
        said = body.get("key", name) if what == "tag" else f"{body['namespace']}/{body['name']}"
        if said != name:
            raise RejectedError(f"{path}: says {said[:100]!r}, its aspect says {name[:100]!r}")
        return body

    return read_value


def _prose(value: Any, path: str) -> str:
    if type(value) is not str:
        raise RejectedError(f"{path}: expected a string, found {shape(value)}")
    if len(value) > _PROSE_LIMIT:
        raise RejectedError(f"{path}: {len(value)} characters; {_PROSE_LIMIT} is the limit")
    return mask_prose(value)


def _documentation(value: Any, path: str) -> Json:
    return {"description": _prose(mapping(value, path).get("description"), f"{path}/description")}


def _ownership(value: Any, path: str) -> Json:
    owners = sequence(mapping(value, path).get("owners"), f"{path}/owners")
    return {"owners": [_owner(each, f"{path}/owners/{i}") for i, each in enumerate(owners)]}


def _owner(value: Any, path: str) -> Json:
    body = mapping(value, path)
    owner = {"name": text(body.get("name"), f"{path}/name")}
    return owner if body.get("type") is None else {**owner, "type": text(body["type"], f"{path}/type")}


def _tag(value: Any, path: str) -> Json:
    body = mapping(value, path)
    if "removed" in body:
        _true(body["removed"], f"{path}/removed")
        return {"removed": True}
    return {"key": text(body.get("key"), f"{path}/key"), "value": text(body.get("value"), f"{path}/value", empty=True)}


def _true(value: Any, path: str) -> None:
    if value is not True:
        raise RejectedError(f"{path}: expected true, found {'false' if value is False else shape(value)}")


def _dataset(value: Any, path: str) -> Json:
    body = mapping(value, path)
    return {key: text(body.get(key), f"{path}/{key}") for key in ("namespace", "name")}


def _gone(value: Any, path: str) -> Json:
    """People say that something is gone; that it is there, machines see."""
    if value is not False:
        raise RejectedError(f"{path}: expected false, found {'true' if value is True else shape(value)}")
    return False


_SHAPES: dict[tuple[str, str], Shape] = {
    ("", "documentation"): _documentation,
    ("", "ownership"): _ownership,
    ("", "tag:"): _tag,
    ("dataset", "merged_into"): _dataset,
    ("dataset", "distinct_from:"): _dataset,
    ("dataset", "existence"): _gone,
    ("job", "existence"): _gone,
    ("column", "existence"): _gone,
    ("namespace", "alias_of"): text,
}
