"""Where crawled tables are: their names are those that captured tasks and OpenLineage give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.sources.checks import NAME_BYTES


class Site(Protocol):
    """Whatever can be crawled. `producer` speaks of it, in envelopes of `kind` that say where it is as `to_json` does.

    `spelled`: the namespace of what is there, as the store has it.
    """

    @property
    def kind(self) -> str: ...
    @property
    def spelled(self) -> str: ...
    @property
    def producer(self) -> str: ...
    def dataset(self, schema: str, name: str) -> DatasetId | None:
        """None for a name that no store could index."""
        ...

    def beside(self, namespace: str) -> bool:
        """Whether what is in that namespace may go by the same other names as what is here."""
        ...

    def to_json(self) -> dict[str, Any]: ...


def indexed(dataset: DatasetId) -> DatasetId | None:
    """None for a name that no store could index."""
    size = len(dataset.namespace.encode()) + len(dataset.name.encode())
    return dataset if size <= NAME_BYTES else None


@dataclass(frozen=True, slots=True)
class Place:
    """A database: one of those in a namespace, or all of it. `dialect`: of the SQL there."""

    kind: ClassVar[str] = "crawl"

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
        dotted = by_namespace(self.namespace).separator == "."
        parts = [part.replace(".", "\\.") if dotted else part for _, part in self.levels(schema, name)]
        return indexed(DatasetId(self.namespace, ".".join(parts)))

    def beside(self, namespace: str) -> bool:  # noqa: ARG002  a table of a database has one name
        return False

    def to_json(self) -> dict[str, Any]:
        return {"namespace": self.namespace, "database": self.database, "dialect": self.dialect}
