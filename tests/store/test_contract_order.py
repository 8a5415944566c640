"""The order, the repetition and the batches in which statements come make no difference.

What the function is, is written down here once more, as plainly as can be, and compared at every time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.model.history import PATIENCE
from airflow_provider_catalog.model.identity import ColumnId
from airflow_provider_catalog.model.statement import EXISTENCE, Changes, Event, Lineage, Origin, Rule, Statement
from airflow_provider_catalog.store.protocol import Store
from tests.store.conftest import OpenStore
from tests.store.histories import PRODUCERS, apply_in_batches, dump_of, history, long_history
from tests.store.saying import say_each

TIMES = range(0, 31_000, 500)
Pair: TypeAlias = tuple[int, int]


@pytest.mark.parametrize("seed", range(8))
def test_any_order_repetition_and_batching_gives_the_same_store(new_store: OpenStore, seed: int) -> None:
    rng = random.Random(seed)
    statements = history(seed, 60)
    store = new_store()
    store.apply(Changes(tuple(statements)))
    wanted = dump_of(store)
    for _ in range(3):
        again = statements + rng.sample(statements, 20)
        rng.shuffle(again)
        store = new_store()
        apply_in_batches(store, again, [rng.randrange(1, 9) for _ in range(5)])
        assert dump_of(store) == wanted


@pytest.mark.parametrize("seed", range(8))
def test_what_mostly_repeats_may_come_in_any_order_too(new_store: OpenStore, seed: int) -> None:
    """Streams that settle, where most of what comes late is passed over."""
    rng = random.Random(seed)
    statements = long_history(seed)
    store = new_store()
    store.apply(Changes(tuple(statements)))
    wanted = dump_of(store)
    rng.shuffle(statements)
    store = new_store()
    apply_in_batches(store, statements, [rng.randrange(1, 40) for _ in range(5)])
    assert dump_of(store) == wanted


@pytest.mark.parametrize("seed", range(3))
def test_events_delivered_three_times_are_delivered_once(new_store: OpenStore, seed: int) -> None:
    """F5: each three times, at once and one after the other, by two writers in turns."""
    statements = history(100 + seed, 40)
    store = new_store()
    say_each(store, *statements)
    wanted, counted = dump_of(store), store.status()._replace(columns=0)
    store = new_store()
    store.apply(Changes(tuple(statements * 3)))
    for _ in range(2):
        say_each(store, *statements)
    assert dump_of(store) == wanted
    assert store.status()._replace(columns=0) == counted


@pytest.mark.parametrize("seed", range(4))
def test_two_writers_in_turns_make_the_store_of_one(store: Store, open_again: OpenStore, seed: int) -> None:
    """What each believes to know of the database is wrong after every turn of the other."""
    statements = history(200 + seed, 50)
    writers = [store, open_again()]
    for number, statement in enumerate(statements):
        writers[number * 7 % 3 % 2].apply(Changes((statement,)))
    assert plain_facts(statements) == read_facts(store, statements)
    assert dump_of(store) == dump_of(writers[1])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_permutation_of_few_statements_gives_the_same_store(new_store: OpenStore, data: st.DataObject) -> None:
    """Few of them, so that a failure shrinks to what matters."""
    seed = data.draw(st.integers(0, 10_000))
    statements = history(seed, data.draw(st.integers(2, 6)))
    order = data.draw(st.permutations(statements))
    cuts = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    store = new_store()
    store.apply(Changes(tuple(statements)))
    wanted = dump_of(store)
    store = new_store()
    apply_in_batches(store, order, cuts)
    assert dump_of(store) == wanted


# -- facts, plainly: of each producer the last word up to a time


def plain_facts(statements: Iterable[Statement]) -> dict[int, set[tuple[int, str, str, Any, int]]]:
    said = sorted(set_of(statements), key=lambda s: s.order)
    return {time: _facts_at([s for s in said if s.time <= time]) for time in TIMES}


def set_of(statements: Iterable[Statement]) -> list[Statement]:
    return list({statement.id: statement for statement in statements}.values())


def _facts_at(said: list[Statement]) -> set[tuple[int, str, str, Any, int]]:
    last: dict[tuple[int, str, str], tuple[bytes | None, int]] = {}
    for statement in said:
        for claim in statement.content.claims:
            shared = claim.aspect == EXISTENCE and statement.origin < Origin.HUMAN
            last[claim.subject.uid, claim.aspect, "*" if shared else statement.producer] = (
                claim.body,
                statement.origin,
            )
    return {(*key, body.decode(), origin) for key, (body, origin) in last.items() if body is not None}


def read_facts(store: Store, statements: Iterable[Statement]) -> dict[int, set[tuple[int, str, str, Any, int]]]:
    subjects = {claim.subject.uid for statement in statements for claim in statement.content.claims}
    bodies = {
        (claim.subject.uid, claim.aspect, repr(claim.value)): claim.body
        for statement in statements
        for claim in statement.content.claims
    }
    return {
        time: {
            (f.subject, f.aspect, f.producer, bodies[f.subject, f.aspect, repr(f.value)].decode(), f.origin)  # type: ignore[union-attr]
            for f in store.facts(subjects, as_of=time)
        }
        for time in TIMES
    }


@pytest.mark.parametrize("seed", range(300, 306))
def test_facts_are_at_every_time_what_was_last_said(store: Store, seed: int) -> None:
    statements = history(seed, 80)
    apply_in_batches(store, statements, [1, 5, 2])
    assert read_facts(store, statements) == plain_facts(statements)


# -- edges, plainly: walk through a stream's statements and count who left an edge out


def plain_edges(statements: Iterable[Statement]) -> dict[int, set[tuple[str, int, int, int]]]:
    """At each time: (producer, job, source, target) of every edge that is open then."""
    streams: defaultdict[tuple[int, str], list[Statement]] = defaultdict(list)
    for statement in sorted(set_of(statements), key=lambda s: s.order):
        if statement.job is not None:
            streams[statement.job.uid, statement.producer].append(statement)
    return {
        time: {
            (producer, job, *pair)
            for (job, producer), stream in streams.items()
            for pair in _open([s for s in stream if s.time <= time])
        }
        for time in TIMES
    }


def _open(stream: list[Statement]) -> set[Pair]:
    """Which edges are open after these statements. An edge is open until as many scopes as it is waited for, none of
    which mentioned it before they were complete, have been complete without it since it was last mentioned.
    """
    open_: dict[Pair, tuple[int, set[str]]] = {}
    for number, statement in enumerate(stream):
        told = stream[: number + 1]
        mentioned = _mentioned(told, statement)
        for pair in mentioned:
            patience, _ = open_.get(pair, (1 if statement.declared else PATIENCE, set()))
            if statement.complete:
                patience = 1 if statement.declared else PATIENCE
            open_[pair] = (patience, set())
        if statement.complete:
            in_scope: set[Pair] = reduce(
                lambda found, s: found | _mentioned(told[: told.index(s) + 1], s),
                [s for s in told if s.scope == statement.scope],
                set(),
            )
            for pair in open_.keys() - in_scope:
                open_[pair][1].add(statement.scope)
            open_ = {pair: (wait, missed) for pair, (wait, missed) in open_.items() if len(missed) < wait}
    return set(open_)


def _mentioned(told: list[Statement], statement: Statement) -> set[Pair]:
    pairs = {(edge.source.uid, edge.target.uid) for edge in statement.lineage.edges}
    return pairs | _guessed(told, statement) if statement.complete else pairs


def _guessed(told: list[Statement], statement: Statement) -> set[Pair]:
    """A run's outputs come of its inputs where nobody said it better."""
    key = _of_run(statement)
    lineages = [s.lineage for s in told if _of_run(s) == key]
    reads = {dataset.uid for one in lineages for dataset in one.reads}
    writes = {dataset.uid for one in lineages for dataset in one.writes}
    stated = {(edge.source.uid, edge.target.uid) for one in lineages for edge in one.edges}
    exact = any(edge.rule >= Rule.EXPLICIT for edge in last_rules(lineages).values())
    unexplained = writes - {target for _, target in stated}
    unmentioned = set() if exact else reads - {source for source, _ in stated}
    guessed = {(source, target) for source in reads for target in unexplained}
    guessed |= {(source, target) for source in unmentioned for target in writes}
    return {pair for pair in guessed if pair[0] != pair[1]} - stated


def last_rules(lineages: list[Lineage]) -> dict[Pair, Any]:
    return {(edge.source.uid, edge.target.uid): edge for one in lineages for edge in one.edges}


def _of_run(statement: Statement) -> str:
    return f"run {statement.run.run_id}" if statement.run else f"scope {statement.scope}"


@pytest.mark.parametrize("seed", range(400, 408))
def test_edges_are_at_every_time_what_a_plain_count_gives(store: Store, seed: int) -> None:
    statements = history(seed, 90)
    random.Random(seed).shuffle(statements)
    apply_in_batches(store, statements, [3, 1, 4])
    jobs = [entity.uid for entity in store.scan("job")]
    found = {time: {(e.producer, e.job, e.source, e.target) for e in store.stated(jobs, as_of=time)} for time in TIMES}
    assert found == plain_edges(statements)
    now = {(e.producer, e.job, e.source, e.target) for e in store.stated(jobs)}
    assert now == found[TIMES[-1]]


@pytest.mark.parametrize("seed", range(500, 504))
def test_the_past_does_not_change_when_later_things_are_said(store: Store, seed: int) -> None:
    """What was true as of a time stays so, whatever is said of later times."""
    statements = sorted(history(seed, 80), key=lambda s: s.order)
    middle = statements[len(statements) // 2].time
    early = [s for s in statements if s.time <= middle and not _says_who_is_who(s)]
    late = [s for s in statements if s.time > middle and not _says_who_is_who(s)]
    subjects = [claim.subject.uid for s in statements for claim in s.content.claims]
    views = []
    for said in (early, late):
        apply_in_batches(store, said, [7])
        columns = [column.uid for column in store.columns_of([e.uid for e in store.scan("dataset")])]
        views.append(
            [
                [f._replace(recorded_at=0, valid_to=None) for f in store.facts(subjects, as_of=middle)],
                sorted(e[:4] for e in store.edges([e.uid for e in store.scan("dataset")], as_of=middle)),
                sorted(e[:4] for e in store.edges(columns, level="column", as_of=middle)),
                [port[:4] for port in store.ports(jobs=[e.uid for e in store.scan("job")], as_of=middle)],
            ]
        )
    assert views[0] == views[1]


def _says_who_is_who(statement: Statement) -> bool:
    rules = ("symlinks", "merged_into", "distinct_from", "alias_of")
    return any(claim.aspect.startswith(rules) for claim in statement.content.claims)


def test_the_histories_hold_what_they_are_meant_to(new_store: OpenStore) -> None:
    """A property of nothing proves nothing."""
    statements = history(1, 400)
    store = new_store()
    store.apply(Changes(tuple(statements)))
    dump = dump_of(store)
    assert all(len(dump[name]) > 3 for name in ("fact", "edge", "port", "column_edge", "alias"))
    assert {s.event for s in statements} >= {Event.START, Event.COMPLETE, Event.FAIL, Event.RUNNING}
    assert {s.producer for s in statements} > set(PRODUCERS)
    assert any(isinstance(claim.subject, ColumnId) for s in statements for claim in s.content.claims)
    assert any(row[0] != row[5] for row in dump["entity"])
