"""Where crawled tables are: their names are those that captured tasks and OpenLineage give them."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.sources.checks import NAME_BYTES


@dataclass(frozen=True, slots=True)
class Place:
    """A database: one of those in a namespace, or all of it. `dialect`: of the SQL there."""

    namespace: str
    database: str = ""
    dialect: str = ""

    def __str__(self) -> str:
        return f"{self.spelled}/{self.database}" if self.database else self.spelled

    @property
    def spelled(self) -> str:
        """The namespace as the store has it."""
        return DatasetId(self.namespace, "/").namespace

    @property
    def producer(self) -> str:
        """Who says what is found here: one voice for each database, whoever crawls it."""
        return f"crawler:{self}"

    def levels(self, schema: str, name: str) -> tuple[tuple[str, str], ...]:
        """What holds what: a schema is the database where names have two parts; where they have one, a file is."""
        outer = {1: (("SCHEMA", schema),), 2: (("DATABASE", schema),)}
        stated = outer.get(by_namespace(self.namespace).levels, (("DATABASE", self.database), ("SCHEMA", schema)))
        return tuple((level, part) for level, part in (*stated, ("TABLE", name)) if part)

    def dataset(self, schema: str, name: str) -> DatasetId | None:
        """None for a name that no store could index."""
        dotted = by_namespace(self.namespace).separator == "."
        parts = [part.replace(".", "\\.") if dotted else part for _, part in self.levels(schema, name)]
        dataset = DatasetId(self.namespace, ".".join(parts))
        size = len(dataset.namespace.encode()) + len(dataset.name.encode())
        return dataset if size <= NAME_BYTES else None
