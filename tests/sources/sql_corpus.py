"""The SQL of the golden files, as something to be written otherwise: however it is written, it says the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from airflow_provider_catalog.sources.sql import SqlLineage, lineage
from airflow_provider_catalog.sources.sql.edges import Edge
from airflow_provider_catalog.sources.sql.names import Names
from airflow_provider_catalog.sources.sql.session import Session

_GOLDEN = Path(__file__).parents[1] / "golden"


class Said(NamedTuple):
    """What a text says, whatever the order in which it does."""

    inputs: frozenset[str]
    outputs: frozenset[str]
    columns: frozenset[Edge]
    influences: frozenset[Edge]

    def shown(self, show: Callable[[Edge], Edge]) -> Said:
        columns, influences = (frozenset(map(show, edges)) for edges in (self.columns, self.influences))
        return self._replace(columns=columns, influences=influences)

    def beside(self, other: Said) -> Said:
        return Said(*(mine | its for mine, its in zip(self, other, strict=True)))  # type: ignore[arg-type]  # in pairs

    def but(self, other: Said) -> list[Any]:
        """What the other does not say."""
        return [each for mine, its in zip(self, other, strict=True) for each in mine if each not in its]


@dataclass(frozen=True, eq=False)
class Case:
    """One text, and whatever it is read with."""

    kind: str
    sql: str
    dialect: str
    names: Names = field(default_factory=Names)
    schema: dict[str, Any] | None = None

    @cached_property
    def language(self) -> Any:
        """Of sqlglot, as the reader chooses it."""
        return Session(self.dialect, self.names).language

    @cached_property
    def read(self) -> SqlLineage:
        return lineage(self.sql, self.dialect, *self.names, self.schema)

    @property
    def said(self) -> Said:
        found = self.read
        tables = frozenset(found.inputs), frozenset(found.outputs)
        return Said(*tables, frozenset(found.columns), frozenset(found.influences))

    def otherwise(self, sql: str) -> Case:
        return replace(self, sql=sql)


def _corpus() -> Iterator[Case]:
    """Of tables and of columns."""
    for path in sorted((_GOLDEN / "sql" / "tables").glob("*.json")):
        for case in json.loads(path.read_text()):
            names = Names(case.get("database"), case.get("schema"))
            yield Case(f"tables, {path.stem}", case["sql"], case["dialect"] or "", names)
    for path in sorted((_GOLDEN / "sql" / "columns").glob("*.json")):
        for case in json.loads(path.read_text()):
            names = Names(case.get("database"), case.get("in_schema"))
            yield Case(path.stem, case["sql"], case["dialect"], names, case.get("schema"))


CORPUS = tuple(_corpus())
