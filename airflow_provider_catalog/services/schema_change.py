"""What became of each column from one schema to another, and whether readers can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from airflow_provider_catalog.services.widening import widens


class Shape(NamedTuple):
    """What of a column makes the schema another one. None: nobody said."""

    type: str
    nullable: bool | None = None
    primary_key: bool | None = None


class SchemaChange(NamedTuple):
    """One difference. `breaking`: who reads the column as it was can no longer be sure to."""

    change_type: str
    column: str
    before: str | None
    after: str | None
    breaking: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "change_type": self.change_type,
            "column": self.column,
            "from": self.before,
            "to": self.after,
            "breaking": self.breaking,
        }


class _Flag(NamedTuple):
    """Something a column is or is not. `breaks`: what it must not become."""

    name: str
    change_type: str
    yes: str
    no: str
    breaks: bool

    def word(self, value: bool) -> str:  # noqa: FBT001  it is the value that is named
        return self.yes if value else self.no


_FLAGS = (
    _Flag("nullable", "nullability_changed", "nullable", "not null", breaks=True),
    _Flag("primary_key", "key_changed", "primary key", "no key", breaks=False),
)
CHANGE_TYPES = ("column_added", "column_removed", "type_changed", *(flag.change_type for flag in _FLAGS))


def compare(before: Mapping[str, Shape], after: Mapping[str, Shape]) -> tuple[SchemaChange, ...]:
    """Columns that came, then those that went, then those that are others now."""
    added = (
        SchemaChange("column_added", name, None, shape.type, breaking=False)
        for name, shape in after.items()
        if name not in before
    )
    removed = (
        SchemaChange("column_removed", name, shape.type, None, breaking=True)
        for name, shape in before.items()
        if name not in after
    )
    kept = (_changes(name, before[name], shape) for name, shape in after.items() if name in before)
    return (*added, *removed, *chain.from_iterable(kept))


def _changes(column: str, old: Shape, new: Shape) -> Iterator[SchemaChange]:
    """What nobody said before, or says no more, has not changed."""
    if old.type != new.type:
        yield SchemaChange("type_changed", column, old.type, new.type, breaking=not widens(old.type, new.type))
    for flag in _FLAGS:
        was, now = getattr(old, flag.name), getattr(new, flag.name)
        if was is not None and now is not None and was != now:
            yield SchemaChange(flag.change_type, column, flag.word(was), flag.word(now), breaking=now is flag.breaks)
