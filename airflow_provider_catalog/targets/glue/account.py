"""A Glue Data Catalog, in one account and region: its tables and partitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.calls import Calls, Refused

_PARTITIONS, _PARTITIONS_ASKED = 100, 1000
_MISSING, _THERE = "EntityNotFoundException", "AlreadyExistsException"
_GLUE: TypeAlias = Mapping[str, Any]


class NotCreated(NamedTuple):
    """A partition, and why AWS did not take it."""

    values: tuple[str, ...]
    reason: str


class Account:
    """Any number of threads may use it."""

    def __init__(self, calls: Calls, catalog_id: str | None = None) -> None:
        self._calls = calls
        self.catalog_id = catalog_id
        self._catalog = {"CatalogId": catalog_id} if catalog_id else {}

    @property
    def region(self) -> str:
        return self._calls.region

    def _call(self, operation: str, **request: Any) -> Any:
        return self._calls(operation, **self._catalog, **request)

    # -- tables

    def table(self, database: str, name: str) -> _GLUE | None:
        try:
            found: _GLUE = self._call("get_table", DatabaseName=database, Name=name)["Table"]
        except Refused as error:
            if error.code != _MISSING:
                raise
            return None
        return found

    def tables(self, database: str) -> Iterator[_GLUE]:
        """All of a database; none where there is no such database."""
        token: dict[str, str] = {}
        while True:
            try:
                page = self._call("get_tables", DatabaseName=database, MaxResults=100, **token)
            except Refused as error:
                if error.code != _MISSING:
                    raise
                return
            yield from page["TableList"]
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def create_table(self, database: str, table_input: _GLUE) -> None:
        """With its database, where that is missing."""
        try:
            self._call("create_table", DatabaseName=database, TableInput=table_input)
        except Refused as error:
            if error.code != _MISSING:
                raise
            self._create_database(database)
            self._call("create_table", DatabaseName=database, TableInput=table_input)

    def update_table(self, database: str, table_input: _GLUE, version: str | None, *, archive: bool) -> None:
        """Refused, to be planned again, where somebody else changed it meanwhile."""
        lock = {"VersionId": version} if version is not None else {}
        self._call("update_table", DatabaseName=database, TableInput=table_input, SkipArchive=not archive, **lock)

    def delete_table(self, database: str, name: str) -> None:
        """Glue knows no lock for this."""
        self._call("delete_table", DatabaseName=database, Name=name)

    def _create_database(self, name: str) -> None:
        try:
            self._call("create_database", DatabaseInput={"Name": name})
        except Refused as error:
            if error.code != _THERE:
                raise

    # -- partitions

    def missing(self, database: str, table: str, partitions: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Those that are not there yet."""
        found: set[tuple[str, ...]] = set()
        for asked in _by(partitions, _PARTITIONS_ASKED):
            wanted = [{"Values": list(each)} for each in asked]
            answer = self._call("batch_get_partition", DatabaseName=database, TableName=table, PartitionsToGet=wanted)
            found |= {tuple(each["Values"]) for each in answer.get("Partitions", ())}
        return [each for each in partitions if each not in found]

    def create_partitions(self, database: str, table: str, inputs: Sequence[_GLUE]) -> list[NotCreated]:
        """What is there by now is fine."""
        refused: list[NotCreated] = []
        for batch in _by(inputs, _PARTITIONS):
            request = {"DatabaseName": database, "TableName": table, "PartitionInputList": list(batch)}
            for error in self._call("batch_create_partition", **request).get("Errors", ()):
                detail = error.get("ErrorDetail", {})
                if detail.get("ErrorCode") != _THERE:
                    reason = f"{detail.get('ErrorCode')}: {detail.get('ErrorMessage', '')}"
                    refused.append(NotCreated(tuple(error.get("PartitionValues", ())), reason))
        return refused


def _by(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[first : first + size] for first in range(0, len(items), size))
