"""A catalog as tests look at it: by the names of tables and tasks."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.store.protocol import RunRow, StatementRow
from airflow_provider_catalog.store.sql.store import SqlStore


class Told(NamedTuple):
    """A run: how it stands, and what was said of it, in the order of time."""

    row: RunRow
    said: list[StatementRow]

    @property
    def events(self) -> list[str]:
        """As they were told of it when they happened."""
        return [each.event.name for each in self.said if not _is_ended(each)]

    @property
    def ended(self) -> list[str]:
        """As they were told of it when its DAG run ended, in case nobody had."""
        return [each.event.name for each in self.said if _is_ended(each)]

    @property
    def errors(self) -> list[str]:
        return [each.details["errorMessage"]["message"] for each in self.said if "errorMessage" in each.details]

    @property
    def state(self) -> str:
        return self.row.state.name

    @property
    def airflow(self) -> dict[str, Any]:
        """Which run it was to Airflow in the end."""
        return dict(self.said[-1].details["airflow"])


class Catalog:
    """What is in the home of an Airflow. `database` is that of the tables."""

    def __init__(self, home: Path, database: Path) -> None:
        self.store = SqlStore(f"sqlite:///{home / 'catalog.db'}")
        self.spool = Spool(home / "catalog-spool", 1 << 30)
        self._namespace = f"sqlite://{database}"

    def settled(self) -> bool:
        """Whether all that was captured has arrived."""
        return not self.spool.waiting().records and not self.store.status().pending

    def dataset(self, table: str) -> DatasetId:
        return DatasetId(self._namespace, table)

    def jobs(self) -> list[str]:
        return [job.name for job in self.store.scan("job")]

    def runs(self, job: str) -> list[Told]:
        """The oldest first."""
        rows = self.store.runs([JobId("default", job).uid])
        return sorted(map(self._told, rows), key=lambda told: told.row.started_at or 0)

    def _told(self, row: RunRow) -> Told:
        found = self.store.run(row.run_id)
        assert found
        return Told(row, sorted(found[1], key=attrgetter("time")))

    def edges(self, job: str) -> set[tuple[str, str]]:
        """The tables of each: from, to."""
        found = self.store.stated([JobId("default", job).uid])
        names = self.store.entities({end for edge in found for end in (edge.source, edge.target)})
        pairs = [(names[edge.source].name, names[edge.target].name) for edge in found]
        assert len(pairs) == len(set(pairs))
        return set(pairs)

    def exists(self, table: str) -> bool:
        return any(fact.value for fact in self.store.facts([self.dataset(table).uid], aspects=[EXISTENCE]))


def _is_ended(said: StatementRow) -> bool:
    """What is told of all tasks at once does not repeat which Airflow tells it."""
    return "task_id" in said.details.get("airflow", {}) and "processing_engine" not in said.details
