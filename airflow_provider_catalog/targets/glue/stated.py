"""A table as whoever writes a DAG states it: what a template makes of it may be JSON in a text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.targets.glue.limits import shown
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted

TABLE_EXISTS, TABLE_MISSING = ("merge", "update", "skip", "fail"), ("create", "fail")
PARTITION_EXISTS = ("skip", "update")
_COMMENTS = ("comment", "description")


class StatedError(CatalogError):
    """What a DAG states is wrong: it has to be written otherwise."""


def one_of(option: str, word: str, words: Sequence[str]) -> None:
    if word not in words:
        raise StatedError(f"{option} is {word!r}; it must be one of {', '.join(words)}")


def wanted(
    database: str, table: str, *, columns: Any = None, partition_keys: Any = None, parameters: Any = None, **rest: Any
) -> Wanted:
    """`rest`: location, format, compression, table_owner, description. Raises StatedError with what is wrong."""
    if not database or not table:
        raise StatedError("a table has a database and a name, and one of them is empty")
    return Wanted(
        database,
        table,
        columns=tuple(_columns("columns", columns, "")),
        partition_keys=tuple(_columns("partition_keys", partition_keys, "string")),
        parameters=_parameters(parameters),
        description_block=rest.get("description"),
        owner=str(rest.get("table_owner") or ""),
        location=str(rest.get("location") or ""),
        format=str(rest.get("format") or ""),
        compression=str(rest.get("compression") or ""),
    )


def loaded(what: str, stated: Any) -> Any:
    """A template makes one text."""
    if not isinstance(stated, str):
        return stated
    try:
        return json.loads(stated) if stated.strip() else None
    except ValueError as error:
        raise StatedError(f"{what} is a text and no JSON: {error}") from None


def _columns(what: str, stated: Any, type_: str) -> Iterator[Column]:
    found = loaded(what, stated) or ()
    if isinstance(found, Mapping):
        found = list(found.items())
    if not isinstance(found, list | tuple):
        raise StatedError(f"{what} must be a mapping of names to types, or a list: found {shown(str(found))}")
    yield from (_column(what, each, type_) for each in found)


def _column(what: str, stated: Any, type_: str) -> Column:
    if isinstance(stated, str):
        stated = {"name": stated}
    elif isinstance(stated, list | tuple):
        stated = dict(zip(("name", "type", "comment"), stated, strict=False))
    told = {str(key): value for key, value in stated.items()} if isinstance(stated, Mapping) else {}
    name, type_ = told.get("name"), told.get("type") or type_
    if not isinstance(name, str) or not name or not isinstance(type_, str):
        raise StatedError(f"{what} has {shown(str(stated))}, which is no column: it has a name, a type and a comment")
    return Column(name, type_, next((str(told[key]) for key in _COMMENTS if told.get(key)), ""))


def _parameters(stated: Any) -> dict[str, str | None]:
    found = loaded("parameters", stated) or {}
    if not isinstance(found, Mapping):
        raise StatedError(f"parameters must be a mapping: found {shown(str(found))}")
    return {str(key): _text(value) for key, value in found.items()}


def _text(value: Any) -> str | None:
    """None takes one of ours away."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def registration(wanted: Wanted, dataset_id: str) -> dict[str, Any]:
    """What the catalog is told of it, as `POST /metadata/register` takes it."""
    columns = [
        {"name": each.name, **({"type": each.type} if each.type else {}), "description": each.comment}
        for each in (*wanted.columns, *wanted.partition_keys)
    ]
    stated = {
        "dataset_id": dataset_id,
        "database": wanted.database.lower(),
        "name": wanted.name.lower(),
        "type": "TABLE",
        "columns": columns,
        "description": wanted.description_block,
        "owner": wanted.owner,
    }
    return {key: value for key, value in stated.items() if value}
