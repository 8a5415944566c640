"""What the code of a task says of itself while it runs, kept until its record is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airflow_provider_catalog.model.record import Declaration

_LIMIT = 1_000
_declared: list[Declaration] = []


def declare(
    inputs: Iterable[str] = (), outputs: Iterable[str] = (), columns: Mapping[str, Iterable[str]] | None = None
) -> None:
    """Of the task that runs in this process."""
    if len(_declared) < _LIMIT:
        found: Declaration = {"inputs": [*map(str, inputs)], "outputs": [*map(str, outputs)]}
        if columns:
            found["columns"] = {str(column): [*map(str, sources)] for column, sources in columns.items()}
        _declared.append(found)


def declared() -> list[Declaration]:
    return _declared[:]


def begin() -> None:
    """Where many tasks run in one process, what others said is theirs."""
    _declared.clear()
