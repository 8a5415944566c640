"""What every store can do, whatever it is made of. The contract tests in tests/store hold each implementation to it.

* `accept` keeps envelopes as they came; when it returns, they are durable.
* `apply` is the one write path: idempotent, and the order in which statements come does not count.
* The rest reads. Entities are named by their numbers (`EntityId.uid`), times are microseconds since 1970 UTC, and every
  walk is bounded and says when it was cut short.

Reads answer for a *node*: the canonical dataset that identity rules make of one or more stated datasets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes, EdgeKind, Event, Json, Origin, Rule

Direction: TypeAlias = Literal["upstream", "downstream"]
Level: TypeAlias = Literal["table", "column"]


class Accepted(NamedTuple):
    """How an `accept` went; duplicates were there before and are fine."""

    stored: int
    duplicates: int


class Applied(NamedTuple):
    """How an `apply` went."""

    statements: int
    duplicates: int


class Entity(NamedTuple):
    """A dataset, job or anything else that has a name. `node` is the canonical entity it belongs to (itself,
    mostly).
    """

    uid: int
    kind: str
    namespace: str
    name: str
    node: int


class Column(NamedTuple):
    """A column of a dataset; the name is folded by the rule of the platform."""

    uid: int
    dataset: int
    name: str


class Fact(NamedTuple):
    """One producer's value for one aspect of a subject, and when it held. `value` None: taken back.

    `last_seen`, when it was last said, is worked out for `Store.history` alone.
    """

    subject: int
    aspect: str
    producer: str
    origin: Origin
    valid_from: int
    valid_to: int | None
    recorded_at: int
    value: Json
    last_seen: int | None = None


class LineageEdge(NamedTuple):
    """An edge with its life, between datasets or between columns. `last_seen` None: when its producer was last heard
    of its job, see `Store.heard`.
    """

    job: int
    producer: str
    source: int
    target: int
    rule: Rule
    confidence: float
    valid_from: int
    last_seen: int | None
    valid_to: int | None = None
    kind: EdgeKind | None = None
    transformation: str = ""


class Port(NamedTuple):
    """A job reads ("r") or writes ("w") a dataset."""

    job: int
    producer: str
    direction: str
    dataset: int
    valid_from: int
    valid_to: int | None
    last_seen: int


class RunRow(NamedTuple):
    """A run as its events tell it. `run_id` is the OpenLineage one."""

    run_id: str
    job: int
    state: Event
    started_at: int | None
    ended_at: int | None
    nominal_start: int | None
    nominal_end: int | None
    parent_run_id: str | None
    root_run_id: str | None


class StatementRow(NamedTuple):
    """A statement as it can be shown: who said what about which job or run, when."""

    id: bytes
    producer: str
    origin: Origin
    event: Event
    time: int
    job: int | None
    run_id: str | None
    complete: bool
    details: dict[str, Any]


class Walk(NamedTuple):
    """The answer of a walk: nodes with how many hops away they are, nearest first, without those it started from.
    `truncated`: there is more than was asked for.
    """

    reached: dict[int, int]
    truncated: bool


class Totals(NamedTuple):
    """How many datasets lie up and down of a node in all. `computed_at` None: never computed."""

    upstream: int
    downstream: int
    computed_at: int | None


class AliasRule(NamedTuple):
    """Why two datasets are (or, when `same` is False, are not) one."""

    left: int
    right: int
    rule: str
    producer: str
    same: bool


class Status(NamedTuple):
    """How the store is doing."""

    accepted: int
    pending: int
    dead_letters: int
    statements: int
    datasets: int
    columns: int
    jobs: int
    runs: int
    edges: int
    column_edges: int


class Image(NamedTuple):
    """How something outside was before somebody of ours changed it, and how it was left: what taking that back needs.
    `thing` is its name and `body` what is known of it, both as the target has them.
    """

    target: str
    thing: str
    taken_at: int
    body: dict[str, Any]


class Token(NamedTuple):
    """What lets a machine in. Of its secret only the hash is kept, which nobody can turn back into it."""

    id: str
    name: str
    hash: bytes
    scopes: tuple[str, ...]
    namespaces: tuple[str, ...]
    max_rate: int
    max_bytes: int | None
    created_at: int
    created_by: str
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None

    def live(self, at: int) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class Tokens(Protocol):
    """The tokens of a store. No part of `Store`: whoever has a token makes no others, so HTTP does not carry these.

    `keep` takes a token unless a live one has its name. `used` says of tokens when they were last used.
    """

    def keep(self, token: Token) -> bool: ...
    def list(self) -> Sequence[Token]: ...
    def find(self, hash_: bytes) -> Token | None: ...
    def revoke(self, id_: str, at: int) -> None: ...
    def used(self, times: Mapping[str, int]) -> None: ...


class Store(Protocol):
    """See the module. Implementations raise `errors.StoreUnavailable` when trying again may help.

    `remote`: the work is done by another process than the caller's, who may do something else meanwhile.
    """

    remote: bool

    # -- the log
    def accept(self, envelopes: Sequence[Envelope]) -> Accepted: ...
    def pending(self, limit: int) -> list[Envelope]: ...
    def envelopes(self, after: int = 0, limit: int = 1000) -> list[Envelope]: ...
    def envelope(self, envelope_id: bytes) -> Envelope | None: ...
    def unmerged(self, envelope_ids: Collection[bytes]) -> set[bytes]: ...

    # -- the write path
    def apply(
        self, changes: Changes, *, merged_to: int | None = None, rejected: Sequence[DeadLetter] = ()
    ) -> Applied: ...

    # -- dead letters: rejected envelopes with the reason
    def dead_letters(self, limit: int = 1000) -> list[DeadLetter]: ...
    def forget_dead_letters(self, envelope_ids: Collection[bytes]) -> int: ...

    # -- entities
    def entities(self, uids: Collection[int]) -> dict[int, Entity]: ...
    def columns(self, uids: Collection[int]) -> dict[int, Column]: ...
    def columns_of(self, datasets: Collection[int]) -> list[Column]: ...
    def members(self, node: int) -> list[Entity]: ...
    def alias_rules(self, uids: Collection[int]) -> list[AliasRule]: ...
    def namespaces(self, kind: str = "dataset") -> list[str]: ...
    def find(self, prefix: str, *, kinds: Collection[str] = (), limit: int = 50, after: int = 0) -> list[Entity]: ...
    def scan(self, kind: str, *, after: int = 0, limit: int = 1000) -> list[Entity]: ...

    # -- what is said about them: current facts, or as of a time, or the whole history
    def facts(
        self, subjects: Collection[int], *, as_of: int | None = None, aspects: Collection[str] = ()
    ) -> list[Fact]: ...
    def history(self, subject: int, aspect: str) -> list[Fact]: ...
    def audit(self, subject: int | None = None, limit: int = 100) -> list[StatementRow]: ...

    # -- runs
    def runs(self, jobs: Collection[int], *, limit: int = 10) -> list[RunRow]: ...
    def run(self, run_id: str) -> tuple[RunRow, list[StatementRow]] | None: ...
    def latest(self, jobs: Collection[int]) -> dict[int, tuple[RunRow, dict[str, Any]]]: ...

    # -- lineage: the ends of edges are nodes; `stated` gives those of jobs with the ends that were said
    def walk(
        self,
        starts: Collection[int],
        direction: Direction,
        *,
        level: Level = "table",
        depth: int = 5,
        limit: int = 1000,
        as_of: int | None = None,
    ) -> Walk: ...
    def edges(
        self, nodes: Collection[int], *, level: Level = "table", as_of: int | None = None
    ) -> list[LineageEdge]: ...
    def neighbours(
        self, nodes: Collection[int], direction: Direction, *, level: Level = "table", as_of: int | None = None
    ) -> list[LineageEdge]: ...
    def column_edges_between(
        self, pairs: Collection[tuple[int, int]], *, as_of: int | None = None
    ) -> list[LineageEdge]: ...
    def stated(
        self, jobs: Collection[int], *, level: Level = "table", as_of: int | None = None
    ) -> list[LineageEdge]: ...
    def heard(self, jobs: Collection[int]) -> dict[tuple[int, str], int]: ...
    def ports(
        self, *, jobs: Collection[int] = (), datasets: Collection[int] = (), as_of: int | None = None
    ) -> list[Port]: ...
    def totals(self, nodes: Collection[int]) -> dict[int, Totals]: ...
    def recompute_totals(self) -> int: ...

    # -- before images: the last ones of each thing are kept, and given the newest first
    def keep_images(self, images: Sequence[Image]) -> None: ...
    def forget_images(self, images: Sequence[Image]) -> None: ...
    def images(self, target: str, thing: str = "", *, limit: int = 10) -> list[Image]: ...

    # -- upkeep
    def glance(self) -> AbstractContextManager[None]:
        """What this thread asks within it may be answered with names and edges as of its beginning: what a store
        remembers is checked once. For one answer, not for a loop.
        """
        ...

    def acquire_lease(self, role: str, holder: str, seconds: float) -> str: ...
    def release_lease(self, role: str, holder: str) -> None: ...
    def leases(self) -> dict[str, str]: ...
    def status(self) -> Status: ...
    def dump(self) -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]: ...
    def close(self) -> None: ...
