"""What a task asks for, checked when its DAG is read: so nothing that takes long to load is loaded here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.targets.glue.stated import (
    PARTITION_EXISTS,
    TABLE_EXISTS,
    TABLE_MISSING,
    StatedError,
    one_of,
)


class TableAsked(NamedTuple):
    """`dataset`: what the catalog knows, one or many; without it `stated` says what the table is."""

    dataset: Any
    database: str | None
    table: str | None
    stated: Mapping[str, Any]
    if_exists: str
    if_missing: str

    def check(self) -> None:
        """Raises StatedError for what cannot be meant."""
        if self.dataset is None and not (self.database and self.table):
            raise StatedError("say which table it is: dataset, or database and table")
        if self.dataset is not None and self.stated:
            names = ", ".join(sorted(self.stated))
            raise StatedError(f"with dataset the catalog says what the table is, and not {names}")
        one_of("if_exists", self.if_exists, TABLE_EXISTS)
        one_of("if_missing", self.if_missing, TABLE_MISSING)


class PartitionsAsked(NamedTuple):
    """`partitions` in any of the forms of `partition_values`."""

    database: str
    table: str
    partitions: Any
    from_location: bool
    if_exists: str

    def check(self) -> None:
        """Raises StatedError for what cannot be meant."""
        if self.partitions is None and not self.from_location:
            raise StatedError("say which partitions: partitions, or from_location=True")
        one_of("if_exists", self.if_exists, PARTITION_EXISTS)
