"""Scripts: statements in their order, and what is left of them from end to end.

A table that is temporary, or made and dropped by the same script, is nothing to anybody else: whoever reads it reads
what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """One statement by itself. `error` is why it could not be read as a whole; then it is not sure."""

    kind: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    confidence: float = 1.0
    error: str | None = None


class Step(NamedTuple):
    """A statement, and how it changes which tables there are."""

    statement: SqlStatement
    created: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


class Ends(NamedTuple):
    """What a script reads, writes and derives, seen from outside."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]


def fold(steps: Iterable[Step]) -> Ends:
    script = list(steps)
    inner = _inner(script)
    inputs = dict.fromkeys(name for step in script for name in step.statement.inputs if name not in inner)
    outputs = dict.fromkeys(name for step in script for name in step.statement.outputs if name not in inner)
    return Ends(tuple(inputs), tuple(outputs), _edges(script, inner))


def _inner(script: list[Step]) -> set[str]:
    """A table is the script's own if it was made in it and is gone at its end."""
    temporary: set[str] = set()
    made: set[str] = set()
    gone: set[str] = set()
    for step in script:
        gone |= made.intersection(step.dropped)
        made.update(step.created)
        gone.difference_update(step.created)
        temporary.update(step.temporary)
    return temporary | gone


def _edges(script: list[Step], inner: set[str]) -> tuple[tuple[str, str], ...]:
    made_of: dict[str, dict[str, None]] = {}
    edges: dict[tuple[str, str], None] = {}
    for step in script:
        sources = _sources(step.statement.inputs, inner, made_of)
        for output in step.statement.outputs:
            if output not in inner:
                edges.update(dict.fromkeys((source, output) for source in sources if source != output))
            elif output in step.created:
                made_of[output] = dict(sources)
            else:
                made_of.setdefault(output, {}).update(sources)
    return tuple(edges)


def _sources(inputs: Iterable[str], inner: set[str], made_of: dict[str, dict[str, None]]) -> dict[str, None]:
    found: dict[str, None] = {}
    for name in inputs:
        found.update(made_of.get(name, {}) if name in inner else {name: None})
    return found
