"""What a crawler finds, and who reads it. Tables of databases are plain values, the same whichever they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from airflow_provider_catalog.model.statement import canonical_json, digest

Kind: TypeAlias = Literal["table", "partitioned table", "foreign table", "view", "materialized view"]


class Seen(NamedTuple):
    """That a table is there. `fingerprint`: another one when anything has changed that a `Table` tells. What else was
    asked for of it follows, each a word of its own: it need not be told again while nobody asks for more.

    `number` is for the reader alone, to find it again. `names`: numbers of what else it goes by, unless another does.
    """

    schema: str
    name: str
    fingerprint: str
    number: int = 0
    names: tuple[int, ...] = ()


class Column(NamedTuple):
    """`nullable` None: it is one of a view, which may hold anything."""

    name: str
    type: str
    nullable: bool | None = None
    default: str | None = None
    comment: str | None = None


class ForeignKey(NamedTuple):
    """Where it does not tell of which `references` it is, they are the primary key there."""

    columns: tuple[str, ...]
    schema: str
    table: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view with its columns in order. Its partitions are part of it."""

    schema: str
    name: str
    kind: Kind
    columns: tuple[Column, ...] = ()
    comment: str | None = None
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    definition: str | None = None
    partitioned_by: str | None = None

    @property
    def seen(self) -> Seen:
        """For readers that have read all of it anyway."""
        return Seen(self.schema, self.name, digest(canonical_json(self.to_json())).hex())

    def to_json(self) -> dict[str, Any]:
        """As it travels. What there is nothing to say of is left out."""
        stated = {
            "schema": self.schema,
            "name": self.name,
            "kind": self.kind,
            "columns": [_told(column) for column in self.columns],
            "comment": self.comment,
            "primary_key": list(self.primary_key),
            "unique": [list(columns) for columns in self.unique],
            "foreign_keys": [_told(key) for key in self.foreign_keys],
            "definition": self.definition,
            "partitioned_by": self.partitioned_by,
        }
        return {key: value for key, value in stated.items() if value not in (None, [])}


def _told(part: Column | ForeignKey) -> dict[str, Any]:
    stated = {key: list(value) if isinstance(value, tuple) else value for key, value in part._asdict().items()}
    return {key: value for key, value in stated.items() if value is not None}


class Found(Protocol):
    """A table, or whatever else a reader reads, as it travels."""

    @property
    def schema(self) -> str: ...
    @property
    def name(self) -> str: ...
    def to_json(self) -> dict[str, Any]: ...


_WILD = re.compile(r"[*?\[]")


class Selection(NamedTuple):
    """Patterns of `schema.table`, as of a shell. Without any to include, all are."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def covers(self, schema: str, name: str) -> bool:
        full = f"{schema}.{name}"
        wanted = not self.include or any(fnmatchcase(full, pattern) for pattern in self.include)
        return wanted and not any(fnmatchcase(full, pattern) for pattern in self.exclude)

    def may_cover(self, schema: str) -> bool:
        """False where looking into the schema is no use: nothing in it can be covered."""
        start = f"{schema}."
        plain = [_WILD.split(pattern, maxsplit=1)[0] for pattern in self.include]
        wanted = not plain or any(start.startswith(each) or each.startswith(start) for each in plain)
        whole = (pattern.removesuffix(".*") for pattern in self.exclude if pattern.endswith(".*"))
        return wanted and not any(fnmatchcase(schema, pattern) for pattern in whole)


ALL = Selection()


class SiteReader(Protocol):
    """Of one site. An error of its driver means that it was not read to its end.

    `unread`: schemas that it would not let us look into, known when all that was `seen` has been asked for.
    """

    @property
    def unread(self) -> frozenset[str]: ...
    def seen(self) -> Iterator[Seen]:
        """Every table there is, in one order."""
        ...

    def tables(self, seen: Sequence[Seen]) -> Iterator[Found]:
        """All of these. One that has gone meanwhile, or that somebody keeps locked, is left out."""
        ...


class Reader(SiteReader, Protocol):
    """Of a database. `database`: what the server calls it; None where that is no part of a table's name."""

    @property
    def database(self) -> str | None: ...
    def tables(self, seen: Sequence[Seen]) -> Iterator[Table]: ...
