"""What dbt says of a relation and of its columns, as claims: texts, tags, owners, keys, and what it is to dbt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.model.masking import mask_prose, masked
from airflow_provider_catalog.model.statement import Claim, Json, canonical_json
from airflow_provider_catalog.model.untyped import listed, mapping, texts
from airflow_provider_catalog.sources.checks import NAME_BYTES
from airflow_provider_catalog.sources.dbt.project import config

DBT = "dbt"
"""The aspect that says what something is to dbt."""

_META_BYTES = 32_768
_TEXT = 65_536
_PLAIN = (
    *("unique_id", "resource_type", "package_name", "original_file_path", "language", "access", "version"),
    *("latest_version", "deprecation_date", "source_name", "loader", "label", "maturity", "url", "expression"),
)
_OF_CONFIG = ("materialized", "incremental_strategy", "unique_key", "on_schema_change", "strategy", "location")
_MARK = re.compile(r"[\w.+-]{1,100}")
"""A word: what has spaces or slashes in it is a text or a place."""
_WITHOUT_JOB = ("metric", "semantic_model", "saved_query")
_TYPES: dict[str, dict[str, Json]] = {
    "view": {"datasetType": "VIEW"},
    "materialized_view": {"datasetType": "VIEW", "subType": "MATERIALIZED"},
    "dynamic_table": {"datasetType": "TABLE", "subType": "DYNAMIC"},
    "external": {"datasetType": "TABLE", "subType": "EXTERNAL"},
}
_KEYS = ("primary_key", "unique")


def words(node: Mapping[str, Any], groups: Mapping[str, Any] | None = None) -> dict[str, Json]:
    """What is said of whatever a node stands for, by aspect; None for what is not said."""
    owners = _owners(node, groups or {})
    return {
        "documentation": _described(node),
        "tags": _tags(node),
        "ownership": {"owners": owners} if owners else None,
        DBT: is_to_dbt(node),
    }


def of_relation(node: Mapping[str, Any]) -> dict[str, Json]:
    """What is said of relations alone."""
    kind = str(config(node).get("materialized") or "")
    typed = kind in _TYPES or kind in {"table", "incremental", "snapshot", "seed"}
    return {
        "datasetType": _TYPES.get(kind, {"datasetType": "TABLE"}) if typed else None,
        "constraints": _constraints(node),
    }


def of_columns(dataset: DatasetId, node: Mapping[str, Any], before: Iterable[str] = ()) -> Iterator[Claim]:
    """`before`: columns of which something was said; what is not said any more is taken back."""
    told = {name for name in before if 0 < len(name.encode()) <= NAME_BYTES}
    columns: dict[str, Mapping[str, Any]] = {name: {} for name in told} | dict(_columns(node))
    for name, column in columns.items():
        for aspect, value in (("documentation", _described(column)), ("tags", _tags(column))):
            if value is not None or name in told:
                yield Claim.of(ColumnId(dataset, name), aspect, value)


def spoken_of(node: Mapping[str, Any]) -> list[str]:
    """The columns of which something is said."""
    return sorted(name for name, column in _columns(node) if _described(column) or _tags(column))


def claims(subject: EntityId, said: Mapping[str, Json], *, unsays: bool) -> Iterator[Claim]:
    for aspect, value in said.items():
        if value is not None or unsays:
            yield Claim.of(subject, aspect, value)


def is_to_dbt(node: Mapping[str, Any]) -> Json:
    """As the manifest names it, without what has a place of its own."""
    said = {key: node[key] for key in _PLAIN if node.get(key) not in (None, "")}
    said |= {key: config(node)[key] for key in _OF_CONFIG if config(node).get(key) not in (None, "")}
    if group := node.get("group") or config(node).get("group"):
        said["group"] = group
    if mapping(config(node).get("contract")).get("enforced"):
        said["contract"] = True
    depends = mapping(node.get("depends_on"))
    said |= {"macros": depends["macros"]} if depends.get("macros") else {}
    if node.get("resource_type") in _WITHOUT_JOB and depends.get("nodes"):
        said["depends_on"] = depends["nodes"]
    if isinstance(node.get("type"), str):
        said["type"] = node["type"]
    told: dict[str, Json] = masked(said | _meta(node))
    return told


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    stated = meta(node)
    return {"meta": stated} if stated and len(canonical_json(stated)) <= _META_BYTES else {}


def meta(node: Mapping[str, Any]) -> dict[str, Any]:
    """Also as dbt has it from 1.10 on: under `config`."""
    return {**mapping(config(node).get("meta")), **mapping(node.get("meta"))}


def _described(node: Mapping[str, Any]) -> Json:
    text = node.get("description")
    return {"description": mask_prose(text[:_TEXT])} if isinstance(text, str) and text.strip() else None


def _tags(node: Mapping[str, Any]) -> Json:
    """Those of dbt, and what `meta` marks as being so: `pii: true`."""
    named = [*_texts(node.get("tags")), *_texts(config(node).get("tags"))]
    marks = {str(key): value for key, value in meta(node).items() if key != "owner" and _is_mark(value)}
    found = {key: key for key in named} | {key: key if value is True else str(value) for key, value in marks.items()}
    tags: list[Json] = [{"key": key, "value": value, "source": "DBT"} for key, value in sorted(found.items()) if key]
    return {"tags": masked(tags)} if tags else None


def _is_mark(value: Any) -> bool:
    return value is True or (isinstance(value, str) and _MARK.fullmatch(value) is not None)


def _owners(node: Mapping[str, Any], groups: Mapping[str, Any]) -> list[Json]:
    """`meta.owner`, that of an exposure or a source, and who owns the group."""
    stated = [meta(node).get("owner"), meta(node).get("owners"), node.get("owner")]
    group = groups.get(str(node.get("group") or config(node).get("group") or ""))
    stated.append(mapping(group).get("owner"))
    names = dict.fromkeys(name for each in stated for name in _names(each))
    return [{"name": name} for name in names]


def _names(owner: Any) -> Iterator[str]:
    """A name, several, or an object with a name and an address."""
    if isinstance(owner, str) and owner.strip():
        yield mask_prose(owner.strip()[:500])
    elif isinstance(owner, dict):
        yield from _names(owner.get("name") or owner.get("email"))
    elif isinstance(owner, list):
        for each in owner[:50]:
            yield from _names(each)


def _columns(node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    stated = node.get("columns")
    for key, column in stated.items() if isinstance(stated, dict) else ():
        name = str(mapping(column).get("name") or key)
        if isinstance(column, dict) and 0 < len(name.encode()) <= NAME_BYTES:
            yield name, column


def _constraints(node: Mapping[str, Any]) -> Json:
    """Those that a contract has the database keep, in the form that crawled ones have."""
    if not mapping(config(node).get("contract")).get("enforced"):
        return None
    found: dict[str, list[Any]] = {key: [] for key in _KEYS}
    for each, columns in _stated_constraints(node):
        if each.get("type") in found and columns:
            found[str(each["type"])].append(columns)
    said: dict[str, Json] = {"primary_key": found["primary_key"][0] if found["primary_key"] else None}
    said["unique"] = found["unique"]
    return {name: value for name, value in said.items() if value} or None


def _stated_constraints(node: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
    for each in listed(node.get("constraints")):
        if isinstance(each, dict):
            yield each, _texts(each.get("columns"))
    for name, column in _columns(node):
        for each in listed(column.get("constraints")):
            if isinstance(each, dict):
                yield each, [name]


def schema(names: list[str], node: Mapping[str, Any], told: Mapping[str, Any]) -> Json:
    """As OpenLineage's facet: types as the database has them, else as they are written down."""
    written = {name.lower(): column for name, column in _columns(node)}
    fields: list[Json] = []
    for position, name in enumerate(names, 1):
        column, found = written.get(name.lower(), {}), told.get(name.lower()) or {}
        field: dict[str, Json] = {"name": name, "ordinal_position": position}
        if type_ := found.get("type") or column.get("data_type"):
            field["type"] = str(type_)
        if text := _described(column) or _described({"description": found.get("comment")}):
            field["description"] = text["description"]  # type: ignore[call-overload,index]  # an object, see above
        fields.append(field)
    return {"fields": fields} if fields else None


def _texts(value: Any) -> list[str]:
    """One or several."""
    return [value] if isinstance(value, str) else texts(value)
