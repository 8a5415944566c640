"""Tables before a crawl, compared with those after it.

What is remembered of a table is what UpdateTable takes. It is kept packed: a thousand tables cost a megabyte or two,
and a snapshot that has to wait elsewhere travels as one text of half that.
"""

from __future__ import annotations

import base64
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.difference import Change, differences
from airflow_provider_catalog.targets.glue.table_input import Table, input_of, members

_Key: TypeAlias = tuple[str, str]
"""A database and a table of it."""

COUNTED = frozenset({"CRAWL_RUN_ID", "averageRecordSize", "objectCount", "recordCount", "sizeKey"})
"""Parameters that each crawl counts anew, in the table and in its storage."""

_TIMES = ("LastAccessTime", "LastAnalyzedTime")


class Found(NamedTuple):
    """What a crawl did to a table. `before` and `after`: as they were, None where it was not there."""

    database: str
    name: str
    did: Literal["created", "changed", "deleted"]
    before: Table | None = None
    after: Table | None = None
    changes: tuple[Change, ...] = ()


class Snapshot:
    """Tables as they were at one moment."""

    def __init__(self, tables: Iterable[tuple[str, Table]] = ()) -> None:
        self._tables = {(database, str(table["Name"])): _pressed(input_of(table)) for database, table in tables}

    def __len__(self) -> int:
        return len(self._tables)

    def packed(self) -> str:
        """All of it as one text."""
        whole = [[*key, json.loads(zlib.decompress(table))] for key, table in self._tables.items()]
        return base64.b85encode(lzma.compress(_text(whole))).decode("ascii")

    @classmethod
    def unpacked(cls, text: str) -> Snapshot:
        made = cls()
        stored = json.loads(lzma.decompress(base64.b85decode(text)))
        made._tables = {(database, name): zlib.compress(_text(table)) for database, name, table in stored}
        return made

    def compared(self, now: Iterable[tuple[str, Table]]) -> Iterator[Found]:
        """With the tables there are now, some at a time; what is gone comes last."""
        gone = dict.fromkeys(self._tables)
        for database, table in now:
            key = (database, str(table["Name"]))
            gone.pop(key, None)
            found = self._found(key, table)
            if found is not None:
                yield found
        for key in gone:
            yield Found(*key, "deleted", self._before(key))

    def _before(self, key: _Key) -> dict[str, Any] | None:
        stored = self._tables.get(key)
        return json.loads(zlib.decompress(stored)) if stored is not None else None

    def _found(self, key: _Key, table: Table) -> Found | None:
        before = self._before(key)
        if before is None:
            return Found(*key, "created", after=table)
        changes = differences(_uncounted(before), _uncounted(json.loads(_text(input_of(table)))))
        return Found(*key, "changed", before, table, changes) if changes else None


def _pressed(table: Mapping[str, Any]) -> bytes:
    return zlib.compress(_text(table))


def _text(value: Any) -> bytes:
    """Times are the only thing in a table that JSON has no word for."""
    return json.dumps(value, default=lambda time: time.isoformat()).encode()


def _uncounted(table: Table) -> dict[str, Any]:
    """Without what says nothing of the table itself."""
    told = {name: value for name, value in table.items() if name not in _TIMES}
    if storage := members(table, "StorageDescriptor"):
        told["StorageDescriptor"] = {**storage, "Parameters": _without(members(storage, "Parameters"))}
    return {**told, "Parameters": _without(members(table, "Parameters"))}


def _without(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parameters.items() if key not in COUNTED}
