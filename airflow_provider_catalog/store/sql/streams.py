"""Lineage streams: the edges of a job as one producer tells them, and the life of each.

The lives are those that `model.history.LineageFold` gives for all statements of the stream. Three ways lead there:
a stream that is settled and hears the same again needs nothing but its `last_seen`; new statements after all others
advance the open edges; a late statement that says something else folds the stream anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias

from airflow_provider_catalog.model.codec import lineage_from_json
from airflow_provider_catalog.model.history import (
    Evidence,
    Key,
    Life,
    LineageFold,
    StreamStatement,
    implied,
    stated,
)
from airflow_provider_catalog.model.identity import run_uid
from airflow_provider_catalog.model.statement import NO_LINEAGE, Event, Lineage, Statement
from airflow_provider_catalog.store.sql import tables, values
from airflow_provider_catalog.store.sql.batch import Batch, producer_id, scope_uid
from airflow_provider_catalog.store.sql.cache import KnownStream
from airflow_provider_catalog.store.sql.lives import BY_STREAM, load_lives, store_lives

StreamKey: TypeAlias = tuple[int, int]
_STATE = ("settled", "declared", "since", "last_time", "last_rank", "last_statement", "last_seen")
_ROW = ("id", "job_id", "producer_id", "time", "event", "run_uid", "scope", "complete", "declared", "lineage_id")


def apply(batch: Batch) -> None:
    """Bring every stream up to date that the batch speaks of."""
    groups: defaultdict[StreamKey, list[Statement]] = defaultdict(list)
    for statement in batch.statements:
        if (subject := statement.subject) is not None:
            groups[subject.uid, producer_id(statement.producer)].append(statement)
    _load(batch, groups)
    heard = _heard_before(batch, groups)
    same: dict[StreamKey, KnownStream] = {}
    for key, group in groups.items():
        known = batch.cache.streams.get(key)
        if known is not None and _says_the_same(batch, known, group, heard.get(key, {})):
            same[key] = _moved_on(known, group)
    _store_states(batch, same)
    other = {key: group for key, group in groups.items() if key not in same}
    if other:
        _fold(batch, other)


# -- a settled stream


def _says_the_same(batch: Batch, known: KnownStream, group: list[Statement], heard: dict[bytes, list[bytes]]) -> bool:
    if known.settled is None or group[0].time <= known.since:
        return False
    for statement in group:
        if not statement.complete:
            if not _adds_nothing(batch, statement.lineage.id, statement.lineage, known.settled):
                return False
            continue
        if statement.lineage.id != known.settled or statement.declared != known.declared:
            return False
        earlier = heard.get(run_uid(statement.run.run_id), ()) if statement.run else ()
        if not all(_adds_nothing(batch, id_, None, known.settled) for id_ in earlier):
            return False
    return True


def _adds_nothing(batch: Batch, id_: bytes, lineage: Lineage | None, settled: bytes) -> bool:
    """Whether a lineage says only what the settled one says too. Remembered: the same pairs come again and again."""
    if id_ in (settled, NO_LINEAGE.id):
        return True
    verdict = batch.cache.quiet.get((id_, settled))
    if verdict is None:
        bodies = _bodies(batch, [settled] if lineage else [settled, id_])
        verdict = int((lineage or bodies[id_]).within(bodies[settled]))
        batch.cache.quiet.put((id_, settled), verdict)
    return bool(verdict)


def _what_adds_nothing(batch: Batch, told: list[StreamStatement], settled: Lineage) -> set[bytes]:
    """Remembered while all lineages are at hand: the next run will say the same, and then only ids may be known."""
    said = {statement.lineage.id: statement.lineage for statement in told}
    quiet = {id_ for id_, lineage in said.items() if lineage.within(settled)}
    for id_ in said:
        batch.cache.quiet.put((id_, settled.id), int(id_ in quiet))
    return quiet


def _moved_on(known: KnownStream, group: list[Statement]) -> KnownStream:
    seen = [statement.time for statement in group if statement.complete]
    return known._replace(last=max(known.last, group[-1].order), last_seen=max([known.last_seen, *seen]))


def _heard_before(batch: Batch, groups: dict[StreamKey, list[Statement]]) -> dict[StreamKey, dict[bytes, list[bytes]]]:
    """What the runs that complete now have said earlier: lineages add up over a run."""
    completing = {
        run_uid(s.run.run_id)
        for key, group in groups.items()
        if key in batch.cache.streams
        for s in group
        if s.complete and s.run
    }
    heard: defaultdict[StreamKey, dict[bytes, list[bytes]]] = defaultdict(dict)
    columns = ("job_id", "producer_id", "run_uid", "lineage_id")
    rows = [(uid,) for uid in sorted(completing)]
    for job, producer, uid, lineage in batch.dialect.select(
        batch.connection, tables.statement, columns, ["run_uid"], rows, "t.lineage_id IS NOT NULL"
    ):
        heard[job, producer].setdefault(bytes(uid), []).append(bytes(lineage))
    return heard


# -- the state of streams


def _load(batch: Batch, keys: Iterable[StreamKey]) -> None:
    unknown = sorted(key for key in keys if key not in batch.cache.streams)
    for job, producer, settled, declared, since, *last, last_seen in batch.dialect.select(
        batch.connection, tables.stream, ("job_id", "producer_id", *_STATE), ("job_id", "producer_id"), unknown
    ):
        time, rank, statement = last
        state = KnownStream(settled, bool(declared), since, (time, rank, bytes(statement)), last_seen)
        batch.cache.streams.put((job, producer), state)


def _state_row(key: StreamKey, state: KnownStream) -> tuple[Any, ...]:
    return (*key, state.settled, state.declared, state.since, *state.last, state.last_seen)


def _store_states(batch: Batch, states: dict[StreamKey, KnownStream]) -> None:
    moved = {key: state for key, state in states.items() if batch.cache.streams.get(key) != state}
    known = [_state_row(key, moved[key]) for key in sorted(moved) if key in batch.cache.streams]
    fresh = [_state_row(key, moved[key]) for key in sorted(moved) if key not in batch.cache.streams]
    batch.dialect.update(batch.connection, tables.stream, ("job_id", "producer_id"), _STATE, known)
    batch.dialect.insert(batch.connection, tables.stream, fresh)
    for key, state in moved.items():
        batch.cache.streams.put(key, state)


# -- streams that hear something new


def _fold(batch: Batch, groups: dict[StreamKey, list[Statement]]) -> None:
    known = {key: batch.cache.streams.get(key) for key in groups}
    late = {key for key, state in known.items() if state is not None and groups[key][0].order < state.last}
    before = load_lives(batch, [key for key, state in known.items() if state], everything=late)
    earlier = _earlier(batch, {key: group for key, group in groups.items() if known[key]}, late)
    states: dict[StreamKey, KnownStream] = {}
    after: dict[StreamKey, list[tuple[Key, Life]]] = {}
    for key, group in groups.items():
        fold = LineageFold(batch.patience)
        state, news, past = known[key], [_stream_statement(s) for s in group], earlier.get(key, [])
        if state is not None and key not in late:
            fold.open = {edge: _reopened(life, state) for edge, life in before.get(key, []) if life.valid_to is None}
            fold.recall(past)
            told = news
        else:
            told = sorted([*past, *news], key=lambda s: s[:3])
        for statement in told:
            fold.advance(statement)
        last = max(told[-1][:3], state.last if state else told[-1][:3])
        states[key] = _settled(batch, fold, told, last)
        after[key] = list(fold.lives())
    store_lives(
        batch,
        before,
        after,
        {key for key, state in states.items() if state.settled is not None},
        _ends(groups, earlier),
    )
    _store_states(batch, states)


def _reopened(life: Life, state: KnownStream) -> Life:
    """A copy to go on with: what was loaded must stay to tell what changed."""
    return replace(life, last_seen=state.last_seen if life.last_seen == BY_STREAM else life.last_seen)


def _settled(batch: Batch, fold: LineageFold, told: list[StreamStatement], last: tuple[int, int, bytes]) -> KnownStream:
    """Settled: the last complete statement by itself explains every open edge. Since: one that says so much, after
    which nothing else was said, nothing opened and nothing closed. What comes late but after it changes nothing.
    """
    complete = [statement for statement in told if statement.complete]
    newest = complete[-1] if complete else None
    settled = None
    if newest is not None:
        said: dict[Key, Evidence] = {**implied([newest.lineage]), **stated(newest.lineage)}
        agreed = {key: life.evidence for key, life in fold.open.items() if not life.missed}
        settled = newest.lineage.id if said == agreed and len(agreed) == len(fold.open) else None
    if newest is None or settled is None:
        return KnownStream(settled, bool(newest and newest.declared), last[0], last, newest.time if newest else last[0])
    quiet = _what_adds_nothing(batch, told, newest.lineage)
    since = max([_since(told, newest, quiet), *(life.valid_from for life in fold.open.values()), *_ended(fold)])
    return KnownStream(settled, newest.declared, since, last, newest.time)


def _since(told: list[StreamStatement], newest: StreamStatement, quiet: set[bytes]) -> int:
    """The earliest complete statement from which on all say what the newest says, or less while they run."""
    since = newest.time
    for statement in reversed(told):
        if statement.complete:
            if (statement.lineage.id, statement.declared) != (newest.lineage.id, newest.declared):
                break
            since = statement.time
        elif statement.lineage.id not in quiet:
            break
    return since


def _ended(fold: LineageFold) -> Iterator[int]:
    return (life.valid_to for _, life in fold.closed if life.valid_to is not None)


def _stream_statement(s: Statement) -> StreamStatement:
    run = run_uid(s.run.run_id).hex() if s.run else ""
    scope = _scope(scope_uid(s.scope), s.id)
    return StreamStatement(s.time, s.event.rank, s.id, run, scope, s.complete, s.declared, s.lineage)


def _scope(stated: bytes, statement: bytes) -> str:
    """A statement without a scope speaks for itself alone."""
    return (bytes(stated) or statement).hex()


def _earlier(
    batch: Batch, groups: dict[StreamKey, list[Statement]], late: set[StreamKey]
) -> dict[StreamKey, list[StreamStatement]]:
    """Statements the store has: all of a late stream, else those of the runs and scopes that go on."""
    keys = sorted(late)
    rows = batch.dialect.select(batch.connection, tables.statement, _ROW, ("job_id", "producer_id"), keys)
    going_on = [(key, s) for key, group in groups.items() if key not in late for s in group]
    runs = sorted({(run_uid(s.run.run_id),) for _, s in going_on if s.run})
    scopes = sorted({(scope_uid(s.scope), key[0]) for key, s in going_on if s.scope})
    rows += batch.dialect.select(batch.connection, tables.statement, _ROW, ("run_uid",), runs)
    rows += batch.dialect.select(batch.connection, tables.statement, _ROW, ("scope", "job_id"), scopes)
    wanted = {bytes(row[0]): row for row in rows if (row[1], row[2]) in groups}
    bodies = _bodies(batch, {bytes(row[9]) for row in wanted.values() if row[9] is not None})
    found: defaultdict[StreamKey, list[StreamStatement]] = defaultdict(list)
    for id_, (_, job, producer, time, event, uid, scope, complete, declared, lineage) in wanted.items():
        body = NO_LINEAGE if lineage is None else bodies[bytes(lineage)]
        run = bytes(uid).hex() if uid else ""
        found[job, producer].append(
            StreamStatement(time, Event(event).rank, id_, run, _scope(scope, id_), bool(complete), bool(declared), body)
        )
    return {key: sorted(statements, key=lambda s: s[:3]) for key, statements in found.items()}


def _bodies(batch: Batch, ids: Iterable[bytes]) -> dict[bytes, Lineage]:
    """Lineages by their id, from the batch, the cache or the store."""
    found: dict[bytes, Lineage] = {}
    unknown = []
    for id_ in set(ids):
        body = batch.lineages.get(id_) or batch.cache.bodies.get(id_)
        if body is not None:
            found[id_] = body
        elif id_ == NO_LINEAGE.id:
            found[id_] = NO_LINEAGE
        else:
            unknown.append(id_)
    for id_, document in values.read(batch.dialect, batch.connection, unknown).items():
        found[id_] = lineage_from_json(document)
        batch.cache.bodies.put(id_, found[id_])
    return found


def _ends(
    groups: dict[StreamKey, list[Statement]], earlier: dict[StreamKey, list[StreamStatement]]
) -> dict[int, tuple[int, str]]:
    """Columns that new edges may end in: uid -> (dataset, name)."""
    lineages = chain(
        (s.lineage for group in groups.values() for s in group), (s.lineage for past in earlier.values() for s in past)
    )
    return {
        column.uid: (column.dataset.uid, column.folded)
        for lineage in lineages
        for edge in lineage.columns
        for column in (edge.source, edge.target)
    }
