"""Runs by which AWS Glue counts the values of columns, and what they found. A table has one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.errors import CatalogError, TargetUnavailable
from airflow_provider_catalog.targets.glue.calls import NAME, Calls, Refused

_Glue: TypeAlias = Mapping[str, Any]

_COLUMNS = 100
_TRIES = 3
_RUNNING = "ColumnStatisticsTaskRunningException"
_GOING_ON = frozenset({"STARTING", "RUNNING"})


class Started(NamedTuple):
    """A run; `joined`: somebody else, or a call whose answer was lost, has started it."""

    id: str
    joined: bool = False


class StatisticsRuns:
    """Those of one catalog. Any number of threads may use it."""

    def __init__(self, calls: Calls, catalog_id: str | None = None) -> None:
        self._calls = calls
        self._catalog_id = catalog_id

    def start(self, database: str, table: str, **how: Any) -> Started:
        """`how`: the other members of the request; what is None is left out."""
        place = {"DatabaseName": database, "TableName": table, **self._catalog("CatalogID")}
        stated = {name: value for name, value in how.items() if value is not None}
        for _ in range(_TRIES):
            try:
                answer = self._calls("start_column_statistics_task_run", **place, **stated)
            except Refused as error:
                if error.code != _RUNNING:
                    raise
            else:
                return Started(str(answer["ColumnStatisticsTaskRunId"]))
            if current := next((run for run in self._all(place) if run["Status"] in _GOING_ON), None):
                return Started(str(current["ColumnStatisticsTaskRunId"]), joined=True)
        raise TargetUnavailable(NAME, f"a run on {database}.{table} is going on that AWS does not list")

    def look(self, run_id: str) -> _Glue:
        answer = self._calls("get_column_statistics_task_run", ColumnStatisticsTaskRunId=run_id)
        found: _Glue = answer["ColumnStatisticsTaskRun"]
        return found

    def over(self, run_id: str) -> bool:
        """While AWS takes nothing nobody knows, and it may as well go on."""
        try:
            return self.look(run_id)["Status"] not in _GOING_ON
        except CatalogError as error:
            if not error.retryable:
                raise
            return False

    def statistics(self, database: str, table: str, columns: Sequence[str]) -> tuple[list[_Glue], list[_Glue]]:
        """Of the whole table, by its columns; and the errors, by column, too."""
        place = {"DatabaseName": database, "TableName": table, **self._catalog("CatalogId")}
        found: list[_Glue] = []
        errors: list[_Glue] = []
        for some in _by(columns, _COLUMNS):
            answer = self._calls("get_column_statistics_for_table", **place, ColumnNames=list(some))
            found += answer.get("ColumnStatisticsList", ())
            errors += answer.get("Errors", ())
        return found, errors

    def _all(self, place: _Glue) -> Iterator[_Glue]:
        token: dict[str, str] = {}
        while True:
            page = self._calls("get_column_statistics_task_runs", **place, MaxResults=100, **token)
            yield from page["ColumnStatisticsTaskRuns"]
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def _catalog(self, member: str) -> dict[str, str]:
        """Spelled in two ways by AWS."""
        return {member: self._catalog_id} if self._catalog_id else {}


def _by(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[first : first + size] for first in range(0, len(items), size))
