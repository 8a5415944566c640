"""Edges and their lives, and walks along them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import Changes, EdgeKind, Event, Lineage, Rule, Statement
from airflow_provider_catalog.store.protocol import Direction, Store
from tests.store.saying import (
    AIRFLOW,
    JOB,
    OTHER_JOB,
    SPARK,
    A,
    B,
    C,
    D,
    E,
    F,
    all_edges,
    completed,
    derived,
    designed,
    event,
    last_seen,
    lineage,
    merged,
    pairs,
    say,
    say_each,
    table,
)

START, RUNNING, COMPLETE, FAIL = Event.START, Event.RUNNING, Event.COMPLETE, Event.FAIL
AB, AC = lineage([A], [B]), lineage([A], [C])


def life(store: Store, source: DatasetId, target: DatasetId) -> list[tuple[int, int | None]]:
    """When the edge was there, by asking at every time."""
    times = [*range(101), None]
    there = [(source.uid, target.uid) in pairs(store, as_of=time) for time in times]
    found: list[tuple[int, int | None]] = []
    for time in range(101):
        if there[time] and (time == 0 or not there[time - 1]):
            found.append((time, None))
        if not there[time] and time and there[time - 1]:
            found[-1] = (found[-1][0], time)
    assert there[-1] == bool(found and found[-1][1] is None)
    return found


# -- what becomes an edge


def test_what_a_run_read_made_what_it_wrote(store: Store) -> None:
    say(store, completed(10, lineage([A, B], [C, D])))
    assert pairs(store) == derived((A, C), (A, D), (B, C), (B, D))
    assert {(e.rule, e.job, e.producer) for e in all_edges(store)} == {(Rule.CARTESIAN, JOB.uid, AIRFLOW)}


def test_what_is_stated_precisely_is_not_guessed(store: Store) -> None:
    """An input nobody mentioned still goes to every output, unless the statement is explicit."""
    say(store, completed(10, lineage([A, B], [C], [(A, C)])))
    assert pairs(store) == derived((A, C), (B, C))
    say(store, completed(10, lineage([A, B], [D], [(A, D)], rule=Rule.EXPLICIT), job=OTHER_JOB))
    assert pairs(store) == derived((A, C), (B, C), (A, D))


def test_a_job_that_changes_its_own_table_is_no_loop_unless_it_is_said(store: Store) -> None:
    say(store, completed(10, lineage([A], [A])))
    assert pairs(store) == set()
    say(store, completed(10, lineage([B], [B], [(B, B)]), job=OTHER_JOB))
    assert pairs(store) == derived((B, B))


def test_the_inputs_of_start_and_the_outputs_of_complete_add_up(store: Store) -> None:
    said = [event(START, 10, lineage([A])), event(RUNNING, 20, lineage([B])), event(COMPLETE, 30, lineage([], [C]))]
    for number, order in enumerate(permutations(said)):
        job = (JOB, OTHER_JOB)[number % 2]
        say_each(store, *(Statement(**{**vars_of(s), "job": job}) for s in order))
    assert pairs(store) == derived((A, C), (B, C))
    assert {edge.valid_from for edge in all_edges(store)} == {30}


def vars_of(statement: Statement) -> dict[str, Any]:
    return {name: getattr(statement, name) for name in Statement.__dataclass_fields__}


def test_runs_do_not_add_up_with_each_other(store: Store) -> None:
    say(store, event(START, 10, lineage([A]), run="one"), event(COMPLETE, 20, lineage([], [B]), run="two"))
    assert pairs(store) == set()


def test_a_late_start_takes_no_edge_away(store: Store) -> None:
    say_each(store, completed(20, lineage([A], [B])), event(START, 10, lineage([A]), run="run-20"))
    assert pairs(store) == derived((A, B))


def test_an_edge_of_two_jobs_is_two_edges(store: Store) -> None:
    say(store, completed(10, AB), completed(10, AB, job=OTHER_JOB), completed(10, AB, producer=SPARK))
    found = [(edge.job, edge.producer) for edge in all_edges(store)]
    assert sorted(found) == sorted([(JOB.uid, AIRFLOW), (OTHER_JOB.uid, AIRFLOW), (JOB.uid, SPARK)])


def test_an_edge_keeps_its_strongest_evidence(store: Store) -> None:
    for number, rule in enumerate([Rule.HOOK, Rule.EXPLICIT, Rule.SQL]):
        say(store, completed(number, lineage([A], [B], [(A, B)], rule=rule)))
    [edge] = all_edges(store)
    assert (edge.rule, edge.valid_from, edge.valid_to, last_seen(store, edge)) == (Rule.EXPLICIT, 0, None, 2)


# -- when an edge closes


def test_an_observed_edge_closes_after_three_complete_scopes_without_it(store: Store) -> None:
    say_each(store, completed(10, AB), *(completed(time, AC) for time in (20, 30)))
    assert life(store, A, B) == [(10, None)]
    say_each(store, completed(40, AC), completed(50, AC))
    assert life(store, A, B) == [(10, 40)]
    assert life(store, A, C) == [(20, None)]


def test_one_scope_counts_once_however_often_it_is_completed(store: Store) -> None:
    """Map indexes and retries of one task are one scope."""
    say(store, completed(10, AB))
    say_each(store, *(completed(time, AC, scope="mapped") for time in (20, 30, 40, 50)))
    assert life(store, A, B) == [(10, None)]


def test_what_one_map_index_says_the_others_have_not_omitted(store: Store) -> None:
    for day in range(4):
        said = [completed(10 + day, one, scope=f"day {day}", run=f"{day} {i}") for i, one in enumerate([AB, AC])]
        say_each(store, *said)
    assert pairs(store) == derived((A, B), (A, C))


def test_a_declared_edge_closes_at_once(store: Store) -> None:
    say_each(store, designed(10, AB), designed(20, AC))
    assert life(store, A, B) == [(10, 20)]
    assert life(store, A, C) == [(20, None)]


def test_statements_that_are_not_complete_close_nothing(store: Store) -> None:
    say(store, completed(10, AB))
    for time, kind in enumerate([START, RUNNING, FAIL, COMPLETE] * 5, 20):
        say(store, event(kind, time, AC, run=f"run-{time}", complete=False))
    assert life(store, A, B) == [(10, None)]


def test_the_silence_of_another_closes_nothing(store: Store) -> None:
    say(store, completed(10, AB))
    for time in range(20, 30):
        say(store, completed(time, AC, producer=SPARK), completed(time, AC, job=OTHER_JOB))
    assert life(store, A, B) == [(10, None)]


def test_an_edge_that_comes_back_has_a_second_life(store: Store) -> None:
    for time in range(10, 70, 10):
        say(store, completed(time, AB if time in {10, 60} else AC))
    assert life(store, A, B) == [(10, 40), (60, None)]


def test_to_be_seen_again_starts_the_count_anew(store: Store) -> None:
    for time in range(10, 100, 10):
        say(store, completed(time, AB if time in {10, 40, 70} else AC))
    assert life(store, A, B) == [(10, None)]


@pytest.mark.parametrize("seed", range(6))
def test_late_statements_give_the_same_lives(store: Store, seed: int) -> None:
    said = [completed(time, AB if time in {10, 60} else AC) for time in range(10, 100, 10)]
    random.Random(seed).shuffle(said)
    say_each(store, *said)
    assert life(store, A, B) == [(10, 40), (60, 90)]


def test_an_edge_was_last_seen_when_it_was_last_said(store: Store) -> None:
    say_each(store, *(completed(time, AB) for time in (10, 30, 20)))
    [edge] = all_edges(store)
    assert (edge.valid_from, last_seen(store, edge)) == (10, 30)


def test_an_edge_that_was_missed_says_itself_when_it_was_last_seen(store: Store) -> None:
    say_each(store, completed(10, lineage([A], [B, C], [(A, B), (A, C)])), completed(20, AB))
    assert {edge.target: last_seen(store, edge) for edge in all_edges(store)} == {B.uid: 20, C.uid: 10}
    assert store.heard([JOB.uid, OTHER_JOB.uid]) == {(JOB.uid, AIRFLOW): 20}
    assert store.heard([]) == {}


def test_nothing_ever_closes_because_time_passes(store: Store) -> None:
    say_each(store, completed(10, AB), completed(10**15, AC, job=OTHER_JOB))
    assert pairs(store, as_of=10**16) == derived((A, B), (A, C))


# -- columns


def test_columns_have_edges_of_their_own(store: Store) -> None:
    said = lineage([A], [B], [(A, B)], [(A, "id", B, "key"), (A, "x", B, "")])
    say(store, completed(10, said))
    found = {(e.source, e.target) for e in all_edges(store, level="column")}
    assert found == {
        (ColumnId(A, "id").uid, ColumnId(B, "key").uid),
        (ColumnId(A, "x").uid, ColumnId(B, "").uid),
    }
    assert store.walk([ColumnId(A, "id").uid], "downstream", level="column").reached == {ColumnId(B, "key").uid: 1}
    between = store.column_edges_between([(A.uid, B.uid)])
    assert {(e.source, e.target) for e in between} == found
    assert store.column_edges_between([(B.uid, A.uid)]) == store.column_edges_between([]) == []


def test_kinds_of_column_edges_live_apart(store: Store) -> None:
    both = [lineage([A], [B], (), [(A, "id", B, "id")], kind=kind) for kind in (EdgeKind.IDENTITY, EdgeKind.FILTER)]
    say(store, completed(1, Lineage((A,), (B,), (), both[0].columns + both[1].columns)))
    say_each(store, *(completed(time, both[0]) for time in (2, 3, 4)))
    assert [edge.kind for edge in all_edges(store, level="column")] == [EdgeKind.IDENTITY]
    assert {edge.kind for edge in all_edges(store, 3, "column")} == {EdgeKind.IDENTITY, EdgeKind.FILTER}
    assert [edge.kind for edge in store.column_edges_between([(A.uid, B.uid)], as_of=4)] == [EdgeKind.IDENTITY]


# -- ports


def test_ports_are_what_a_job_reads_and_writes(store: Store) -> None:
    say(store, completed(10, lineage([A, B], [C])), completed(10, lineage([C], [D]), job=OTHER_JOB))
    found = {(port.job, port.direction, port.dataset) for port in store.ports(jobs=[JOB.uid])}
    assert found == {(JOB.uid, "r", A.uid), (JOB.uid, "r", B.uid), (JOB.uid, "w", C.uid)}
    found = {(port.job, port.direction, port.dataset) for port in store.ports(datasets=[C.uid])}
    assert found == {(JOB.uid, "w", C.uid), (OTHER_JOB.uid, "r", C.uid)}
    assert len(store.ports(jobs=[JOB.uid], datasets=[C.uid])) == 4
    assert store.ports() == []


def test_ports_close_as_edges_do(store: Store) -> None:
    say_each(store, completed(1, AB), *(completed(time, AC) for time in (2, 3, 4)))
    assert {port.dataset for port in store.ports(jobs=[JOB.uid])} == {A.uid, C.uid}
    assert {port.dataset for port in store.ports(jobs=[JOB.uid], as_of=3)} == {A.uid, B.uid, C.uid}


def test_a_run_that_failed_has_read_what_it_read(store: Store) -> None:
    say(store, event(START, 10, lineage([A])), event(FAIL, 20))
    assert [(port.direction, port.dataset) for port in store.ports(jobs=[JOB.uid])] == [("r", A.uid)]


# -- walks


def graph(store: Store, ends: Iterable[tuple[DatasetId, DatasetId]], time: int = 10) -> None:
    """Edges that one job each states, so that none has to do with another."""
    say(store, designed(time, Lineage((), (), lineage((), (), ends).edges)))


def search(ends: Iterable[tuple[int, int]], starts: Iterable[int], direction: Direction, depth: int) -> dict[int, int]:
    """Breadth first, as one would write it."""
    after: defaultdict[int, set[int]] = defaultdict(set)
    for source, target in ends:
        after[source if direction == "downstream" else target].add(target if direction == "downstream" else source)
    distance = dict.fromkeys(starts, 0)
    ring = list(distance)
    for hops in range(1, depth + 1):
        ring = [node for node in {next_ for node in ring for next_ in after[node]} if node not in distance]
        distance.update(dict.fromkeys(ring, hops))
    return {node: hops for node, hops in distance.items() if hops}


def test_a_walk_goes_as_deep_as_asked_and_says_how_far_each_is(store: Store) -> None:
    graph(store, [(A, B), (B, C), (C, D), (A, D), (D, E)])
    walked = store.walk([A.uid], "downstream", depth=2)
    assert walked == ({B.uid: 1, D.uid: 1, C.uid: 2, E.uid: 2}, False)
    assert list(walked.reached.values()) == [1, 1, 2, 2]
    assert store.walk([E.uid], "upstream", depth=1).reached == {D.uid: 1}
    assert store.walk([F.uid], "upstream").reached == {}
    assert store.walk([], "upstream").reached == {}
    assert store.walk([A.uid], "downstream", depth=0).reached == {}


def test_a_walk_from_several_starts_includes_none_of_them(store: Store) -> None:
    graph(store, [(A, B), (B, C), (D, C), (C, A)])
    assert store.walk([A.uid, B.uid], "downstream").reached == {C.uid: 1}


def test_a_circle_is_walked_once(store: Store) -> None:
    graph(store, [(A, B), (B, C), (C, A), (A, A)])
    for direction, order in (("downstream", (B, C)), ("upstream", (C, B))):
        walked = store.walk([A.uid], direction, depth=100)  # type: ignore[arg-type]
        assert (list(walked.reached.items()), walked.truncated) == ([(order[0].uid, 1), (order[1].uid, 2)], False)


def test_a_walk_says_whether_there_is_more(store: Store) -> None:
    ends = [(A, table(f"t{number}")) for number in range(20)]
    graph(store, ends)
    for limit, truncated in ((19, True), (20, False), (21, False), (1, True)):
        walked = store.walk([A.uid], "downstream", limit=limit)
        assert (len(walked.reached), walked.truncated) == (min(limit, 20), truncated)


def test_a_hub_of_ten_thousand_is_walked_up_to_the_limit(store: Store) -> None:
    hub = [table(f"t{number}") for number in range(10_000)]
    graph(store, [*((A, dataset) for dataset in hub), *((dataset, B) for dataset in hub), (B, A)])
    walked = store.walk([A.uid], "downstream", depth=10, limit=1000)
    assert (len(walked.reached), walked.truncated) == (1000, True)
    assert set(walked.reached.values()) == {1}
    walked = store.walk([A.uid], "downstream", depth=10, limit=20_000)
    assert (len(walked.reached), walked.reached[B.uid], walked.truncated) == (10_001, 2, False)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("density", [1.2, 3.0, 8.0])
def test_a_walk_finds_what_a_plain_search_finds(store: Store, seed: int, density: float) -> None:
    """With circles; also when the limit is just what there is."""
    rng = random.Random(seed)
    datasets = [table(f"t{number}") for number in range(40)]
    ends = [(rng.choice(datasets), rng.choice(datasets)) for _ in range(int(40 * density))]
    graph(store, ends)
    uids = [(source.uid, target.uid) for source, target in ends]
    directions: tuple[Direction, ...] = ("upstream", "downstream")
    for direction in directions:
        for depth in (1, 3, 10):
            starts = [dataset.uid for dataset in rng.sample(datasets, 2)]
            wanted = search(uids, starts, direction, depth)
            for limit in (1000, len(wanted) + 1, len(wanted)):
                walked = store.walk(starts, direction, depth=depth, limit=limit)
                assert walked.reached == wanted
                assert not walked.truncated
            nearest = sorted(wanted.values())[: len(wanted) // 2]
            walked = store.walk(starts, direction, depth=depth, limit=len(nearest))
            assert list(walked.reached.values()) == nearest
            assert walked.truncated == (len(nearest) < len(wanted))


def test_a_walk_can_be_taken_in_the_past(store: Store) -> None:
    say_each(store, designed(10, lineage([A], [B])), designed(20, lineage([B], [C])), designed(30, lineage([A], [C])))
    walks = {time: list(store.walk([A.uid], "downstream", as_of=time).reached) for time in (9, 10, 20, 30)}
    assert walks == {9: [], 10: [B.uid], 20: [], 30: [C.uid]}
    assert list(store.walk([C.uid], "upstream", as_of=29).reached) == [B.uid]
    assert [e.target for e in store.neighbours([A.uid], "downstream", as_of=15)] == [B.uid]


def test_neighbours_are_edges_with_one_end_there_edges_have_both(store: Store) -> None:
    graph(store, [(A, B), (B, C), (C, D)])
    assert [(e.source, e.target) for e in store.neighbours([B.uid], "downstream")] == [(B.uid, C.uid)]
    assert [(e.source, e.target) for e in store.neighbours([B.uid], "upstream")] == [(A.uid, B.uid)]
    assert {(e.source, e.target) for e in store.edges([A.uid, B.uid, D.uid])} == derived((A, B))
    assert store.edges([]) == store.neighbours([], "upstream") == []


@pytest.mark.parametrize("seed", range(4))
def test_totals_are_what_a_search_from_each_dataset_counts(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    datasets = [table(f"t{number}") for number in range(60)]
    ends = [(rng.choice(datasets), rng.choice(datasets)) for _ in range((40, 60, 90, 200)[seed])]
    graph(store, ends)
    assert store.totals([A.uid]) == {}
    counted = store.recompute_totals()
    found = store.totals([dataset.uid for dataset in datasets])
    uids = [(source.uid, target.uid) for source, target in ends]
    joined = {uid for source, target in uids if source != target for uid in (source, target)}
    assert found.keys() == joined
    assert counted == len(joined)
    for uid, totals in found.items():
        up, down = (len(search(uids, [uid], side, 100)) for side in ("upstream", "downstream"))
        assert totals[:2] == (up, down)


def test_totals_forget_what_has_no_edges_any_more(store: Store) -> None:
    graph(store, [(A, B)])
    store.recompute_totals()
    graph(store, [(B, C)], time=20)
    store.recompute_totals()
    assert {uid: totals[:2] for uid, totals in store.totals([A.uid, B.uid, C.uid]).items()} == {
        B.uid: (0, 1),
        C.uid: (1, 0),
    }


def test_totals_count_what_is_one_once(store: Store) -> None:
    graph(store, [(A, B), (C, B), (B, D)])
    say(store, merged(20, C, A))
    store.recompute_totals()
    assert store.totals([A.uid, D.uid])[A.uid][:2] == (0, 2)
    assert store.totals([D.uid])[D.uid][:2] == (2, 0)


def test_a_wide_job_is_no_cliff(store: Store) -> None:
    """One job of 2,000 inputs and a table of 5,000 columns."""
    inputs = [table(f"t{number}") for number in range(2_000)]
    columns = [(A, f"c{number}", B, f"c{number}") for number in range(5_000)]
    for number in range(3):
        store.apply(Changes((completed(number, lineage(inputs, [A], (), columns)),)))
    assert len(store.neighbours([A.uid], "upstream")) == 2_000
    assert len(all_edges(store, level="column")) == 5_000


# -- glances


def test_what_is_asked_in_a_glance_is_answered_as_outside_of_it(store: Store) -> None:
    say(store, completed(1, AB))
    with store.glance(), store.glance():
        assert pairs(store) == {(A.uid, B.uid)}
        assert store.walk([A.uid], "downstream").reached == {B.uid: 1}
    say(store, completed(2, AC))
    with store.glance():
        assert store.walk([A.uid], "downstream").reached.keys() == {B.uid, C.uid}
