"""How statements become history: pure folds over statements in their one order.

Two folds, used both to advance by what is new and to derive everything again, so the two cannot disagree:

* `spans` turns observations of one aspect into the periods in which each value held;
* `LineageFold` turns the lineage statements of one stream (a job as one producer sees it) into edges with a life.

An edge opens when first stated and closes when complete statements keep omitting it: at once for declared edges, after
`PATIENCE` different scopes for observed ones (branches and dated paths come and go). A scope that stated the edge
earlier on (START, another map index) has not omitted it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog.model.statement import EdgeKind, Lineage, Rule

PATIENCE = 3


class Observation(NamedTuple):
    """One statement's value for an aspect, in statement order."""

    time: int
    rank: int
    statement: bytes
    value: bytes | None


class Span(NamedTuple):
    """A value and the time from which it holds, until the next span begins."""

    valid_from: int
    value: bytes | None


def spans(observations: Iterable[Observation]) -> list[Span]:
    """The periods of equal value; of two statements at one instant the later in order stands."""
    found: list[Span] = []
    for observation in sorted(observations):
        if found and found[-1].valid_from == observation.time:
            found.pop()
        if not found or found[-1].value != observation.value:
            found.append(Span(observation.time, observation.value))
    return found


class PortKey(NamedTuple):
    """The job reads ("r") or writes ("w") the dataset. Keys are uids, as the store keeps them."""

    direction: str
    dataset: int


class TableKey(NamedTuple):
    """The target is derived from the source."""

    source: int
    target: int


class ColumnKey(NamedTuple):
    """A column of the target has something of one of the source."""

    source: int
    target: int
    kind: EdgeKind


Key: TypeAlias = PortKey | TableKey | ColumnKey


class Evidence(NamedTuple):
    """How an edge is known. Of two, the stronger is kept while the edge lives."""

    rule: Rule
    confidence: float
    transformation: str = ""


class StreamStatement(NamedTuple):
    """What the fold needs of a statement, in the order that counts."""

    time: int
    rank: int
    statement: bytes
    run: str
    scope: str
    complete: bool
    declared: bool
    lineage: Lineage


@dataclass(slots=True)
class Life:
    """One life of an edge: open until `valid_to`. `missed` are the scopes that have omitted it since it was last
    seen.
    """

    valid_from: int
    last_seen: int
    patience: int
    evidence: Evidence
    missed: tuple[str, ...] = ()
    valid_to: int | None = None


@lru_cache(maxsize=2048)
def stated(lineage: Lineage) -> Mapping[Key, Evidence]:
    """What a lineage says by itself, as keys of edges. Remembered: the same few lineages come again and again."""
    seen: dict[Key, Evidence] = {}
    for direction, datasets in (("r", lineage.reads), ("w", lineage.writes)):
        for dataset in datasets:
            seen[PortKey(direction, dataset.uid)] = Evidence(Rule.DECLARED, 1.0)
    for edge in lineage.edges:
        _keep(seen, TableKey(edge.source.uid, edge.target.uid), Evidence(edge.rule, edge.confidence))
    for column in lineage.columns:
        key = ColumnKey(column.source.uid, column.target.uid, column.kind)
        _keep(seen, key, Evidence(column.rule, column.confidence, column.transformation))
    return seen


def implied(lineages: Iterable[Lineage]) -> dict[Key, Evidence]:
    """Table edges that follow from what a run read and wrote, where nothing more precise was said.

    An output nobody explained comes from every input. An input nobody mentioned (a filter, a join) goes to every
    output, unless an explicit statement claimed to be the whole story.
    """
    reads: dict[int, None] = {}
    writes: dict[int, None] = {}
    edges: dict[TableKey, Rule] = {}
    for lineage in lineages:
        reads.update(dict.fromkeys(dataset.uid for dataset in lineage.reads))
        writes.update(dict.fromkeys(dataset.uid for dataset in lineage.writes))
        edges.update({TableKey(edge.source.uid, edge.target.uid): edge.rule for edge in lineage.edges})
    explained = {key.target for key in edges}
    exact = any(rule >= Rule.EXPLICIT for rule in edges.values())
    silent = set() if exact else reads.keys() - {key.source for key in edges}
    confidence = 0.9 if min(len(reads), len(writes)) == 1 else 0.5
    return {
        TableKey(source, target): Evidence(Rule.CARTESIAN, confidence)
        for target in writes
        for source in (reads if target not in explained else silent)
        if source != target and TableKey(source, target) not in edges
    }


@dataclass
class LineageFold:
    """The lives of one stream's edges, advanced statement by statement."""

    patience: int = PATIENCE
    open: dict[Key, Life] = field(default_factory=dict)
    closed: list[tuple[Key, Life]] = field(default_factory=list)
    _runs: defaultdict[str, list[Lineage]] = field(default_factory=lambda: defaultdict(list))
    _scopes: defaultdict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))

    def recall(self, earlier: Iterable[StreamStatement]) -> None:
        """Statements of the runs and scopes at hand that are in the edges already."""
        for statement in earlier:
            self._remember(statement)

    def advance(self, statement: StreamStatement) -> None:
        """One statement on, in order."""
        seen = self._remember(statement)
        patience = 1 if statement.declared else self.patience
        for key, evidence in seen.items():
            self._see(key, evidence, statement, patience)
        if statement.complete:
            self._tick(statement)

    def _remember(self, statement: StreamStatement) -> dict[Key, Evidence]:
        seen = dict(stated(statement.lineage))
        said = self._runs[statement.run or statement.scope]
        if statement.lineage:
            said.append(statement.lineage)
        if statement.complete:
            for key, evidence in implied(said).items():
                seen.setdefault(key, evidence)
        self._scopes[statement.scope].update(seen)
        return seen

    def _see(self, key: Key, evidence: Evidence, statement: StreamStatement, patience: int) -> None:
        life = self.open.get(key)
        if life is None:
            self.open[key] = Life(statement.time, statement.time, patience, evidence)
            return
        life.missed = ()
        life.evidence = max(life.evidence, evidence)
        if statement.complete:
            life.last_seen = statement.time
            life.patience = patience

    def _tick(self, statement: StreamStatement) -> None:
        """A complete statement: what its scope never mentioned has been omitted once more."""
        mentioned = self._scopes[statement.scope]
        for key in [key for key in self.open if key not in mentioned]:
            life = self.open[key]
            if statement.scope not in life.missed:
                life.missed = (*life.missed, statement.scope)
            if len(life.missed) >= life.patience:
                del self.open[key]
                life.valid_to = statement.time
                if life.valid_to > life.valid_from:
                    self.closed.append((key, life))

    def lives(self) -> Iterator[tuple[Key, Life]]:
        yield from self.closed
        yield from self.open.items()


def _keep(seen: dict[Key, Evidence], key: Key, evidence: Evidence) -> None:
    known = seen.get(key)
    seen[key] = evidence if known is None else max(known, evidence)
