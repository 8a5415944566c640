"""What the catalog wants a table of Glue to be. What it does not know is empty, and what is empty is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from airflow_provider_catalog.model.statement import Json

_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Column:
    """`type` as its source has it. `fields`: what it is made of, where that is no part of the type's text."""

    name: str
    type: str = ""
    comment: str = ""
    fields: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """`dialect`: whose types the columns have. `authoritative`: what is no column of it is no column any more, and the
    order of the columns counts. `parameters`: a value, or None for one of ours that is to go. `description_block`: None
    leaves what we wrote before alone, an empty one takes it away; the same of `lineage_block`. `location`, `format`,
    `owner`: empty when unknown. `words_only`: of a table that is there, nothing but description and parameters.
    `schema_as_of`: since when the columns are known to be so, in microseconds; 0 where nobody says.
    """

    database: str
    name: str
    columns: tuple[Column, ...] = ()
    partition_keys: tuple[Column, ...] = ()
    location: str = ""
    format: str = ""
    compression: str = ""
    description_block: str | None = None
    lineage_block: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    owner: str = ""
    dialect: str = ""
    view_sql: str = ""
    header_lines: int = 0
    authoritative: bool = False
    words_only: bool = False
    schema_as_of: int = 0


def columns_of(schema: Json) -> tuple[Column, ...]:
    """Of the value of a "schema" aspect, nested as OpenLineage has it."""
    return tuple(_columns(schema, _DEPTH))


def _columns(schema: Json, depth: int) -> Iterator[Column]:
    stated = schema.get("fields") if isinstance(schema, dict) else None
    for each in stated if isinstance(stated, list) and depth else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            fields = tuple(_columns(each, depth - 1))
            yield Column(each["name"], _text(each, "type"), _text(each, "description"), fields)


def _text(stated: Mapping[str, Json], key: str) -> str:
    value = stated.get(key)
    return value if isinstance(value, str) else ""
