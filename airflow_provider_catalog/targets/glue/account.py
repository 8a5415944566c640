"""A Glue Data Catalog, in one account and region: its tables and partitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeAlias, TypeVar

from airflow_provider_catalog.targets.glue.calls import Calls, Refused

Values: TypeAlias = tuple[str, ...]
_ASKED, _WRITTEN, _THREADS = 1000, 100, 8
_MISSING, _THERE = "EntityNotFoundException", "AlreadyExistsException"
_PASSING = frozenset({"InternalServiceException", "OperationTimeoutException", "ThrottlingException"})
_GLUE: TypeAlias = Mapping[str, Any]
_Answer = TypeVar("_Answer")


class NotTaken(NamedTuple):
    """A partition, and why it is not as it was to be. `retryable`: another try may help."""

    values: Values
    reason: str
    retryable: bool = False


class Account:
    """Any number of threads may use it. It remembers whose catalog it is, which each table says."""

    def __init__(self, calls: Calls, catalog_id: str | None = None) -> None:
        self._calls = calls
        self.catalog_id = catalog_id
        self._owner = ""
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
        self._owner = str(found.get("CatalogId") or self._owner)
        return found

    def owner(self, database: str, name: str) -> str:
        """Of a table that is there. Who has seen none of the catalog's tables yet looks at this one."""
        if not self.catalog_id and not self._owner:
            self.table(database, name)
        return self.catalog_id or self._owner

    def tables(self, database: str) -> Iterator[_GLUE]:
        """All of a database; none where there is no such database."""
        return self._pages("get_tables", "TableList", DatabaseName=database, MaxResults=100)

    def _pages(self, operation: str, member: str, **request: Any) -> Iterator[_GLUE]:
        token: dict[str, str] = {}
        while True:
            try:
                page = self._call(operation, **request, **token)
            except Refused as error:
                if error.code != _MISSING:
                    raise
                return
            yield from page[member]
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

    def partitions(self, database: str, table: str, values: Sequence[Values]) -> dict[Values, _GLUE]:
        """Those that are there."""
        found = _batchwise(values, _ASKED, lambda each: self._found(database, table, each))
        return {values: partition for each in found for values, partition in each.items()}

    def _found(self, database: str, table: str, values: Sequence[Values]) -> dict[Values, _GLUE]:
        """What is not answered is not there, or AWS did not get to it: as long as any is answered, the rest is asked
        for once more.
        """
        known: dict[Values, _GLUE] = {}
        while values:
            wanted = [{"Values": list(each)} for each in values]
            answer = self._call("batch_get_partition", DatabaseName=database, TableName=table, PartitionsToGet=wanted)
            found = {tuple(each["Values"]): each for each in answer.get("Partitions", ())}
            known |= found
            values = [each for each in values if each not in found] if found else ()
        return known

    def all_partitions(self, database: str, table: str) -> Iterator[_GLUE]:
        yield from self._pages("get_partitions", "Partitions", DatabaseName=database, TableName=table)

    def add(self, database: str, table: str, inputs: Sequence[_GLUE]) -> list[NotTaken]:
        """What somebody else has added by now is fine."""

        def added(batch: Sequence[_GLUE]) -> Any:
            return self._call(
                "batch_create_partition", DatabaseName=database, TableName=table, PartitionInputList=list(batch)
            )

        return [each for batch in _batchwise(inputs, _WRITTEN, lambda one: _done(added, one)) for each in batch]

    def change(self, database: str, table: str, inputs: Sequence[_GLUE]) -> list[NotTaken]:
        def changed(batch: Sequence[_GLUE]) -> Any:
            entries = [{"PartitionValueList": each["Values"], "PartitionInput": each} for each in batch]
            return self._call("batch_update_partition", DatabaseName=database, TableName=table, Entries=entries)

        return [each for batch in _batchwise(inputs, _WRITTEN, lambda one: _done(changed, one)) for each in batch]


def _batchwise(items: Sequence[Any], size: int, do: Callable[[Sequence[Any]], _Answer]) -> list[_Answer]:
    batches = [items[first : first + size] for first in range(0, len(items), size)]
    with ThreadPoolExecutor(min(_THREADS, max(1, len(batches))), "catalog-glue") as pool:
        return list(pool.map(do, batches))


def _done(write: Callable[[Sequence[_GLUE]], Any], batch: Sequence[_GLUE]) -> list[NotTaken]:
    """A batch that is refused as a whole holds up no other."""
    try:
        return list(_not_taken(write(batch).get("Errors", ())))
    except Refused as error:
        return [NotTaken(tuple(each["Values"]), str(error), error.retryable) for each in batch]


def _not_taken(errors: Sequence[_GLUE]) -> Iterator[NotTaken]:
    for error in errors:
        values = error.get("PartitionValues") or error.get("PartitionValueList") or ()
        code = str(error.get("ErrorDetail", {}).get("ErrorCode"))
        if code != _THERE:
            reason = f"{code}: {error.get('ErrorDetail', {}).get('ErrorMessage', '')}"
            yield NotTaken(tuple(values), reason, code in _PASSING)
