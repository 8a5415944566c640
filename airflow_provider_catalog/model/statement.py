"""What sources say: a `Statement` is one producer's word about some entities at one time.

A statement is either about a run of a job (an OpenLineage RunEvent), about a job as designed (JobEvent, a manifest), or
about entities alone (a DatasetEvent, a human edit). It carries

* `content`: claims that stay the same from run to run (schema, documentation, tags …), named by their hash,
* `lineage`: what was read, written and derived from what, named by its hash too,
* `details`: what belongs to this one event (SQL as rendered, row counts, errors).

Everything the store knows is derived from the set of statements alone, ordered by `Statement.order`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Any, TypeAlias

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId

_SECOND_BITS = 20
_ERA = 1 << 39
"""Puts years before 1970 before those after it."""

Json: TypeAlias = dict[str, Any] | list[Any] | str | int | float | bool | None

EXISTENCE = "existence"
"""The one aspect all producers share: whoever saw the dataset last decides whether it exists."""
SQL_SHAPE = "sqlShape"
"""The aspect of a job that changes when somebody changes its SQL, and not with the dates that are put into it."""


class Origin(IntEnum):
    """Who says it; a higher one wins over a lower one, whatever the time."""

    PROPAGATED = 1
    CLASSIFIER = 2
    SOURCE = 3
    HUMAN = 4


class Event(IntEnum):
    """OpenLineage event types; the numbers are stored, and a greater terminal one wins a tie in time."""

    OTHER = 0
    START = 1
    RUNNING = 2
    COMPLETE = 3
    ABORT = 4
    FAIL = 5

    @property
    def rank(self) -> int:
        """Orders the events of one run: a terminal state never goes back."""
        return _RANKS[self]

    @property
    def terminal(self) -> bool:
        return self >= Event.COMPLETE


_RANKS = (0, 1, 2, 3, 3, 3)


class Rule(IntEnum):
    """How an edge became known; a greater one is stronger evidence."""

    CARTESIAN = 1
    DECLARED = 2
    HOOK = 3
    SQL = 4
    COLUMN_LINEAGE = 5
    EXPLICIT = 6
    HUMAN = 7


class EdgeKind(IntEnum):
    """What a target column has of its source: its value, or only the influence of it."""

    IDENTITY = 1
    TRANSFORMATION = 2
    AGGREGATION = 3
    FILTER = 11
    JOIN = 12
    GROUP_BY = 13
    SORT = 14
    WINDOW = 15
    CONDITIONAL = 16
    INFLUENCE = 19

    @property
    def direct(self) -> bool:
        return self < EdgeKind.FILTER


def canonical_json(value: Json) -> bytes:
    """One byte string for one value: what hashes and comparisons are made of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(
        "utf-8", "replace"
    )


def digest(*parts: bytes) -> bytes:
    """128 bits over the parts and their lengths; content is named by it."""
    hasher = blake2b(digest_size=16)
    for part in parts:
        hasher.update(len(part).to_bytes(8))
        hasher.update(part)
    return hasher.digest()


@dataclass(frozen=True, slots=True)
class Claim:
    """`subject`'s `aspect` is `body` (canonical JSON), or nothing any more when `body` is None."""

    subject: EntityId | ColumnId
    aspect: str
    body: bytes | None

    @classmethod
    def of(cls, subject: EntityId | ColumnId, aspect: str, value: Json) -> Claim:
        return cls(subject, aspect, None if value is None else canonical_json(value))

    @property
    def value_id(self) -> bytes | None:
        return None if self.body is None else digest(self.body)

    @property
    def value(self) -> Json:
        decoded: Json = None if self.body is None else json.loads(self.body)
        return decoded


def _named(parts: Iterable[tuple[object, ...]]) -> bytes:
    """The id of a set of rows. `repr` cannot be ambiguous, whatever the texts hold; order and repetition do not count.

    Rows name things as stated: ids fold case, but which case was stated decides what is shown.
    """
    return digest("\n".join(sorted(set(map(repr, parts)))).encode("utf-8", "surrogatepass"))


def _claim_parts(claim: Claim) -> tuple[object, ...]:
    subject = claim.subject
    if isinstance(subject, ColumnId):
        return (subject.dataset.namespace, subject.dataset.name, subject.name, claim.aspect, claim.body)
    return (subject.kind, subject.namespace, subject.name, "", claim.aspect, claim.body)


@dataclass(frozen=True, eq=False)
class Content:
    """Claims made together, sorted, named by their hash: the same claims are stored once."""

    claims: tuple[Claim, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __bool__(self) -> bool:
        return bool(self.claims)

    @classmethod
    def of(cls, claims: list[Claim]) -> Content:
        """The last claim about a subject's aspect stands: a document that repeats itself means its last word."""
        last = {(claim.subject.uid, claim.aspect): claim for claim in claims}
        return cls(tuple(last[key] for key in sorted(last)))

    @cached_property
    def id(self) -> bytes:
        return _named(map(_claim_parts, self.claims))

    @cached_property
    def rows(self) -> tuple[tuple[int, str, bytes | None], ...]:
        """Subject, aspect and the value's id of each claim: what a store compares, worked out once."""
        return tuple((claim.subject.uid, claim.aspect, claim.value_id) for claim in self.claims)


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` is derived from `source`."""

    source: DatasetId
    target: DatasetId
    rule: Rule
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """A column of the target has `kind` of the source column; target column "" means the whole dataset."""

    source: ColumnId
    target: ColumnId
    kind: EdgeKind
    rule: Rule
    confidence: float = 1.0
    transformation: str = ""


def _edge_parts(e: Edge) -> tuple[object, ...]:
    return (e.source.namespace, e.source.name, e.target.namespace, e.target.name, int(e.rule), e.confidence)


def _column_parts(c: ColumnEdge) -> tuple[object, ...]:
    source, target = c.source.dataset, c.target.dataset
    ends = (source.namespace, source.name, c.source.name, target.namespace, target.name, c.target.name)
    return (*ends, int(c.kind), int(c.rule), c.confidence, c.transformation)


@dataclass(frozen=True, eq=False)
class Lineage:
    """What one statement says was read, written and derived. Named by its hash; order and repetition do not count."""

    reads: tuple[DatasetId, ...] = ()
    writes: tuple[DatasetId, ...] = ()
    edges: tuple[Edge, ...] = ()
    columns: tuple[ColumnEdge, ...] = ()

    @cached_property
    def id(self) -> bytes:
        return _named(chain(self._ports(), map(_edge_parts, self.edges), map(_column_parts, self.columns)))

    def _ports(self) -> Iterator[tuple[object, ...]]:
        yield from (("r", dataset.namespace, dataset.name) for dataset in self.reads)
        yield from (("w", dataset.namespace, dataset.name) for dataset in self.writes)

    def within(self, other: Lineage) -> bool:
        """Whether the other one says all of this."""
        parts = ((self.reads, other.reads), (self.writes, other.writes), (self.edges, other.edges))
        return all(not mine or set(mine) <= set(theirs) for mine, theirs in (*parts, (self.columns, other.columns)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lineage) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __bool__(self) -> bool:
        return bool(self.reads or self.writes or self.edges or self.columns)


NO_CONTENT = Content()
NO_LINEAGE = Lineage()


@dataclass(frozen=True, slots=True)
class Run:
    """The run a statement is about. Times are microseconds since 1970, UTC."""

    run_id: str
    parent_run_id: str | None = None
    root_run_id: str | None = None
    nominal_start: int | None = None
    nominal_end: int | None = None


@dataclass(frozen=True)
class Statement:
    """One producer's word at one time. `scope` is what a complete statement speaks for: a DAG run's task, a
    manifest.
    """

    producer: str
    time: int
    origin: Origin = Origin.SOURCE
    event: Event = Event.OTHER
    job: JobId | None = None
    run: Run | None = None
    scope: str = ""
    complete: bool = False
    declared: bool = False
    content: Content = NO_CONTENT
    lineage: Lineage = NO_LINEAGE
    details: bytes = field(default=b"{}", repr=False)

    @cached_property
    def id(self) -> bytes:
        """Two deliveries of one event are one statement. It begins with the time, to a second: what is written together
        lies together, and an index of a hundred million ids is as quick to add to as a small one.
        """
        heading = (
            self.producer,
            self.time,
            int(self.origin),
            int(self.event),
            self.complete,
            self.declared,
            None if self.job is None else self.job.uid,
            None if self.run is None else self.run.run_id,
            self.scope,
        )
        # Unambiguous without lengths: two ids of one size, a literal that ends where it ends, and the rest.
        said = (self.content.id, self.lineage.id, repr(heading).encode("utf-8", "surrogatepass"), self.details)
        return ((self.time >> _SECOND_BITS) + _ERA).to_bytes(5) + blake2b(b"".join(said), digest_size=11).digest()

    @property
    def subject(self) -> EntityId | None:
        """Whose lineage this is: the job's; where a dataset speaks for itself, that of the dataset it derives, or of
        the one that it says is derived from nothing any more.
        """
        if self.job is not None:
            return self.job
        if self.lineage.edges:
            return min((edge.target for edge in self.lineage.edges), key=lambda dataset: dataset.uid)
        about = {claim.subject for claim in self.content.claims} if self.complete and self.declared else set()
        only = about.pop() if len(about) == 1 else None
        return only if isinstance(only, DatasetId) else None

    @property
    def order(self) -> tuple[int, int, bytes]:
        """The one order in which statements count, however they arrive."""
        return (self.time, self.event.rank, self.id)


@dataclass(frozen=True, slots=True)
class Changes:
    """What every source returns and the store applies."""

    statements: tuple[Statement, ...] = ()
