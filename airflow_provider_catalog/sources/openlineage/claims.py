"""Claims: what facets say of datasets and jobs that stays true from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import orjson

from airflow_provider_catalog.model.identity import EntityId
from airflow_provider_catalog.model.masking import mask_prose, mask_text, mask_uri, masked
from airflow_provider_catalog.model.statement import Claim, Json, canonical_json
from airflow_provider_catalog.sources.openlineage.memo import Memo
from airflow_provider_catalog.sources.openlineage.notes import Notes

Body: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Body, str, Notes], Json]

_RAW_LIMIT = 65_536
_NAME_LIMIT = 200
_REMEMBERED_BYTES = 48 * 1024 * 1024


class _Said(NamedTuple):
    """What a facet came to; `notes` are relative to it, since it stands in many places."""

    claim: Claim | None
    notes: tuple[tuple[str, str], ...]


def claims(subject: EntityId, facets: Body, path: str, notes: Notes, elsewhere: frozenset[str]) -> Iterator[Claim]:
    """A claim for each facet, but for those that are read `elsewhere`. Facets of a dataset come with all its jobs."""
    for name, facet in facets.items():
        if name in elsewhere:
            continue
        key = orjson.dumps((subject.kind, subject.namespace, subject.name, name, facet))
        said = _remembered(key, partial(_read, subject, name, facet))
        notes.extend((f"{path}/{name}{at}", reason) for at, reason in said.notes)
        if said.claim is not None:
            yield said.claim


def _read(subject: EntityId, name: str, facet: Any) -> _Said:
    notes = Notes()
    claim = _claim(subject, name, facet, notes)
    return _Said(claim, tuple(notes))


_remembered: Memo[_Said] = Memo(_REMEMBERED_BYTES)


def _claim(subject: EntityId, name: str, facet: Any, notes: Notes) -> Claim | None:
    body = notes.object(facet, "")
    if not body and facet != {}:
        return None
    if len(name) > _NAME_LIMIT:
        notes.skip("", f"a name of more than {_NAME_LIMIT} characters")
        return None
    aspect = name if name in _READERS else f"facet:{name}"
    if body.get("_deleted") is True:
        return Claim.of(subject, aspect, None)
    value = _READERS.get(name, _raw)(body, "", notes)
    return None if value is None else Claim.of(subject, aspect, value)


def _raw(body: Body, path: str, notes: Notes) -> Json:
    """A facet nobody here knows, as it came."""
    value: Json = masked(body)
    size = len(canonical_json(value))
    if size > _RAW_LIMIT:
        notes.skip(path, f"{size} bytes; {_RAW_LIMIT} is the limit for facets nobody knows")
        return None
    return value


def _schema(body: Body, path: str, notes: Notes) -> Json:
    if type(body.get("fields")) is not list:
        notes.objects(body.get("fields", ""), f"{path}/fields")
        return None
    return {"fields": _fields(body["fields"], f"{path}/fields", notes)}


def _fields(stated: Any, path: str, notes: Notes) -> list[Json]:
    named = [(at, field, notes.text(field.get("name"), f"{at}/name")) for at, field in notes.objects(stated, path)]
    return [_field(field, name, at, notes) for at, field, name in named if name is not None]


def _field(stated: Body, name: str, path: str, notes: Notes) -> Body:
    """Types are not masked: `struct<password:string>` is one."""
    field: Body = {"name": name}
    if stated.get("type") is not None:
        field["type"] = stated["type"] if type(stated["type"]) is str else canonical_json(stated["type"]).decode()
    if stated.get("description"):
        field["description"] = mask_prose(str(stated["description"]))
    if type(stated.get("ordinal_position")) is int:
        field["ordinal_position"] = stated["ordinal_position"]
    if stated.get("fields"):
        field["fields"] = _fields(stated["fields"], f"{path}/fields", notes)
    return field


def _listed(key: str, needs: str, *, ordered: bool = False) -> Reader:
    """A list of objects, each with the text `needs`. Sorted when its order means nothing, since sets come in any."""

    def read(body: Body, path: str, notes: Notes) -> Json:
        if type(body.get(key)) is not list:
            notes.objects(body.get(key, ""), f"{path}/{key}")
            return None
        entries = notes.objects(body[key], f"{path}/{key}")
        named = [each for at, each in entries if notes.text(each.get(needs), f"{at}/{needs}") is not None]
        kept = [masked(each, mask_uri) for each in named]
        return {key: kept if ordered else sorted(kept, key=canonical_json)}

    return read


def _plain(key: str, mask: Callable[[str], str]) -> Reader:
    """An object with the text `key` in it."""

    def read(body: Body, path: str, notes: Notes) -> Json:
        if notes.text(body.get(key), f"{path}/{key}") is None:
            return None
        return {name: each for name, each in masked(body, mask).items() if each is not None}

    return read


_READERS: dict[str, Reader] = {
    "schema": _schema,
    "documentation": _plain("description", mask_prose),
    "ownership": _listed("owners", "name"),
    "tags": _listed("tags", "key"),
    "dataSource": _plain("name", mask_uri),
    "symlinks": _listed("identifiers", "name"),
    "storage": _plain("storageLayer", mask_uri),
    "datasetType": _plain("datasetType", mask_text),
    "hierarchy": _listed("hierarchy", "name", ordered=True),
    "catalog": _plain("name", mask_uri),
    "jobType": _plain("processingType", mask_text),
    "sourceCode": _plain("sourceCode", mask_text),
    "sourceCodeLocation": _plain("type", mask_uri),
}
