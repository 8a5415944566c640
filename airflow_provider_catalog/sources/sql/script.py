"""Scripts: statements in their order, and what is left of them from end to end.

A table that is temporary, or made and dropped by the same script, is nothing to anybody else: whoever reads it reads
what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.relation import (
    AS_IS,
    STAR,
    Column,
    How,
    Origin,
    Sources,
    Write,
    add,
    merged,
    passed_on,
)

_DOUBTED = 0.8


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """One statement by itself. `error` is why it could not be read as a whole; then it is not sure."""

    kind: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    confidence: float = 1.0
    error: str | None = None


class Step(NamedTuple):
    """A statement, and how it changes which tables there are. `said`: columns that have their say in all it writes."""

    statement: SqlStatement
    created: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    said: tuple[Origin, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    def beside(self, files: Iterable[tuple[str, str]]) -> Step:
        """With the files that it reads and writes."""
        found = list(files)
        if not found:
            return self
        reads, writes = ([text for use, text in found if use == side] for side in "rw")
        statement = self.statement
        inputs, outputs = (*statement.inputs, *reads), (*statement.outputs, *writes)
        made = replace(statement, inputs=inputs, outputs=outputs)
        return self._replace(statement=made, files=(*reads, *writes))

    def doubted(self, reason: str) -> Step:
        """Read otherwise than as it stands, since that could not be read."""
        return self._replace(statement=replace(self.statement, confidence=_DOUBTED, error=reason))


class Ends(NamedTuple):
    """What a script reads, writes and derives, seen from outside."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    columns: Mapping[tuple[str | None, str], Sources]
    said: Mapping[str | None, Sources]


def fold(steps: Iterable[Step]) -> Ends:
    script = list(steps)
    inner = _inner(script)
    inputs = dict.fromkeys(name for step in script for name in step.statement.inputs if name not in inner)
    outputs = dict.fromkeys(name for name in _written(script) if name not in inner)
    columns = _Columns(inner)
    for step in script:
        columns.read(step)
    return Ends(tuple(inputs), tuple(outputs), _edges(script, inner), columns.found, columns.said)


def _written(script: list[Step]) -> Iterator[str]:
    """What only has another name now was not written."""
    written: set[str] = set()
    for step in script:
        before = {target for source, target in step.moved if source not in written}
        found = [name for name in step.statement.outputs if name not in before]
        written.update(found)
        yield from found


class _Columns:
    """What columns are made of from end to end, statement by statement."""

    def __init__(self, inner: set[str]) -> None:
        self._inner = inner
        self._made: dict[str, dict[str, Column]] = {}
        self._said: dict[str, Sources] = {}
        self.found: dict[tuple[str | None, str], Sources] = {}
        self.said: dict[str | None, Sources] = {}

    def read(self, step: Step) -> None:
        say = self._outside({origin: How(EdgeKind(origin.influence)) for origin in step.said})
        for table in step.statement.inputs:
            say |= self._said.get(table, {})
        for write in step.writes:
            if write.table in self._inner:
                self._keep(str(write.table), write, say)
                continue
            self.said.setdefault(write.table, {}).update(say)
            for column in self._spread(write.columns):
                add(self.found.setdefault((write.table, column.name), {}), self._outside(column.sources))

    def _keep(self, table: str, write: Write, say: Sources) -> None:
        made = {} if write.defines else self._made.get(table, {})
        for column in self._spread(write.columns):
            known = made.setdefault(column.name.lower(), Column(column.name, {}))
            add(known.sources, self._outside(column.sources))
        self._made[table] = made
        self._said.setdefault(table, {}).update(say)

    def _spread(self, columns: Iterable[Column]) -> Iterator[Column]:
        """All of a table of the script's own is what was put into it so far."""
        for column in columns:
            for table in [str(origin.table) for origin in column.sources if column.name == STAR]:
                filled = self._made.get(table, {}) if table in self._inner else {}
                yield from (Column(each.name, {Origin(table, each.name): AS_IS}) for each in filled.values())
            yield column

    def _outside(self, sources: Sources) -> Sources:
        """What came from a table of the script's own came from what that was made of."""
        if not any(origin.table in self._inner for origin in sources):
            return sources
        found: list[Sources] = []
        for origin, how in sources.items():
            made = self._made.get(str(origin.table)) if origin.table in self._inner else None
            if origin.table not in self._inner:
                found.append({origin: how})
            elif made is not None:
                found.append(passed_on(_column_of(made, origin.column), origin.influence, how))
        return merged(found)


def _column_of(made: Mapping[str, Column], name: str) -> Sources:
    """What has a star has everything of the one table it stands for."""
    found = made.get(name.lower())
    if found is not None or STAR not in made:
        return found.sources if found is not None else {}
    return {origin._replace(column=name): how for origin, how in made[STAR].sources.items()}


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
        for source, target in step.moved:
            found = _sources([source], inner, made_of)
            edges.update(dict.fromkeys((each, target) for each in found if target not in inner))
            made_of[target] = found
        sources = {} if step.moved else _sources(step.statement.inputs, inner, made_of)
        for output in step.statement.outputs:
            if output not in inner:
                edges.update(dict.fromkeys((source, output) for source in sources if source != output))
            elif output in step.created and not step.moved:
                made_of[output] = dict(sources)
            else:
                made_of.setdefault(output, {}).update(sources)
    return tuple(edges)


def _sources(inputs: Iterable[str], inner: set[str], made_of: dict[str, dict[str, None]]) -> dict[str, None]:
    found: dict[str, None] = {}
    for name in inputs:
        found.update(made_of.get(name, {}) if name in inner else {name: None})
    return found
