"""Runs: what their events agree on, in whatever order they come."""

from __future__ import annotations

from itertools import permutations

import pytest

from airflow_provider_catalog.model.codec import details
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import Event, Run, Statement
from airflow_provider_catalog.store.protocol import RunRow, Store
from tests.store.conftest import OpenStore
from tests.store.histories import dump_of
from tests.store.saying import AIRFLOW, JOB, OTHER_JOB, SPARK, A, B, event, lineage, say, say_each

START, RUNNING, COMPLETE, FAIL, ABORT, OTHER = (
    Event.START,
    Event.RUNNING,
    Event.COMPLETE,
    Event.FAIL,
    Event.ABORT,
    Event.OTHER,
)
TODAY = 1_770_000_000_000_000


def the_run(store: Store, run: str = "run") -> RunRow:
    found = store.run(run)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("batched", [True, False])
def test_every_order_of_events_gives_the_same_run(store: Store, batched: bool) -> None:
    """F6: also of three runs at once, each with its events permuted in its own way."""
    for number, order in enumerate(permutations([(START, 10), (RUNNING, 20), (FAIL, 30), (COMPLETE, 40)])):
        run = f"run-{number}"
        events = [event(kind, time, lineage([A], [B]), run=run) for kind, time in order]
        say(store, *events) if batched else say_each(store, *events)
        row = the_run(store, run)
        assert (row.state, row.started_at, row.ended_at) == (COMPLETE, 10, 40)


TERMINAL = [
    ([(COMPLETE, 20), (START, 30)], COMPLETE, 20),
    ([(FAIL, 20), (RUNNING, 30), (OTHER, 40)], FAIL, 20),
    ([(FAIL, 20), (COMPLETE, 30)], COMPLETE, 30),
    ([(COMPLETE, 20), (FAIL, 30)], FAIL, 30),
    ([(COMPLETE, 20), (FAIL, 20)], FAIL, 20),
    ([(COMPLETE, 20), (ABORT, 20)], ABORT, 20),
    ([(START, 20), (RUNNING, 10)], RUNNING, None),
    ([(START, 20), (OTHER, 30)], START, None),
    ([(OTHER, 20)], OTHER, None),
]


@pytest.mark.parametrize(("events", "state", "ended"), TERMINAL)
def test_a_terminal_state_never_goes_back(
    store: Store, events: list[tuple[Event, int]], state: Event, ended: int | None
) -> None:
    for number, order in enumerate(permutations(events)):
        run = f"run-{number}"
        say_each(store, *(event(kind, time, run=run) for kind, time in order))
        row = the_run(store, run)
        assert (row.state, row.ended_at) == (state, ended)


def test_a_run_starts_when_its_first_start_says(store: Store) -> None:
    say_each(store, event(COMPLETE, 50), event(START, 20), event(START, 10), event(RUNNING, 5))
    assert the_run(store).started_at == 10


def test_a_run_without_a_start_has_no_start(store: Store) -> None:
    say(store, event(COMPLETE, 50))
    row = the_run(store)
    assert (row.started_at, row.ended_at) == (None, 50)


@pytest.mark.parametrize("shift", [0, -(10**16), 2_240_600_000_000_000, 4 * 10**16, 25 * 10**16])
def test_states_are_right_at_any_time(store: Store, shift: int) -> None:
    """Also long after 2038."""
    base = TODAY + shift
    say_each(store, event(COMPLETE, base + 30), event(RUNNING, base + 40), event(START, base + 10))
    row = the_run(store)
    assert (row.state, row.started_at, row.ended_at) == (COMPLETE, base + 10, base + 30)


def test_what_only_one_event_knows_of_a_run_is_kept(store: Store) -> None:
    first = Statement(AIRFLOW, 10, event=START, job=JOB, run=Run("run", None, None, 100, None))
    second = Statement(AIRFLOW, 20, event=COMPLETE, job=JOB, run=Run("run", "parent", "root", None, 200))
    for one, other in ((first, second), (second, first)):
        say_each(store, one, other)
        row = the_run(store)
        assert (row.nominal_start, row.nominal_end, row.parent_run_id, row.root_run_id) == (100, 200, "parent", "root")


RUN_IDS = [
    "0190c3e6-0000-7000-8000-000000000001",
    "0190C3E6-0000-7000-8000-00000000000F",
    "scheduled__2024",
    "'; --",
    "é☃",
]


@pytest.mark.parametrize("run_id", RUN_IDS)
def test_any_text_names_a_run(store: Store, run_id: str) -> None:
    say(store, event(START, 1, run=run_id))
    assert the_run(store, run_id).run_id == run_id
    assert store.run("another") is None


def test_a_run_tells_what_its_events_told(store: Store) -> None:
    say_each(
        store,
        event(COMPLETE, 30, details={"rows": 3}),
        event(START, 10, details={"sql": {"query": "select '\u2028'"}}),
        event(START, 10, run="another"),
    )
    found = store.run("run")
    assert found is not None
    said = found[1]
    assert [(row.event, row.time, row.complete) for row in said] == [(START, 10, False), (COMPLETE, 30, True)]
    assert [row.details for row in said] == [{"sql": {"query": "select '\u2028'"}}, {"rows": 3}]
    assert {(row.producer, row.job, row.run_id) for row in said} == {(AIRFLOW, JOB.uid, "run")}


def test_the_latest_runs_of_each_job_come_newest_first(store: Store) -> None:
    say(store, *(event(START, 10 * number, run=f"run-{number}") for number in range(1, 8)))
    say(store, *(event(START, 10 * number, run=f"other-{number}", job=OTHER_JOB) for number in range(1, 3)))
    rows = store.runs([JOB.uid, OTHER_JOB.uid], limit=3)
    found = {job: [row.run_id for row in rows if row.job == job] for job in (JOB.uid, OTHER_JOB.uid)}
    assert found == {JOB.uid: ["run-7", "run-6", "run-5"], OTHER_JOB.uid: ["other-2", "other-1"]}
    assert store.runs([]) == []
    assert store.runs([A.uid]) == []


def test_the_latest_event_of_a_job_is_that_of_its_latest_run(store: Store) -> None:
    say_each(
        store,
        event(COMPLETE, 45, run="first", details={"rows": 1}),
        event(START, 40, run="second", details={"sql": "x"}),
        event(COMPLETE, 60, run="second", details={"rows": 2}),
        event(START, 10, run="first"),
        event(COMPLETE, 5, run="x", job=OTHER_JOB, details={"rows": 9}),
    )
    found = store.latest([JOB.uid, OTHER_JOB.uid, A.uid])
    assert {job: (row.run_id, said) for job, (row, said) in found.items()} == {
        JOB.uid: ("second", {"rows": 2}),
        OTHER_JOB.uid: ("x", {"rows": 9}),
    }


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_events_at_one_instant_the_later_kind_is_the_latest(store: Store, order: tuple[int, int]) -> None:
    """Clocks of a millisecond make a short task start and complete at once."""
    both = [event(START, 10, details={"is": "start"}), event(COMPLETE, 10, details={"is": "complete"})]
    say_each(store, *(both[number] for number in order))
    assert store.latest([JOB.uid])[JOB.uid][1] == {"is": "complete"}
    found = store.run("run")
    assert found is not None
    assert [row.event for row in found[1]] == [START, COMPLETE]


def test_of_runs_that_began_at_one_instant_the_same_ones_are_listed(new_store: OpenStore) -> None:
    listed = set()
    for order in ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)):
        store = new_store()
        say_each(store, *(event(START, 10, run=f"run-{number}") for number in order))
        listed.add(tuple(row.run_id for row in store.runs([JOB.uid], limit=2)))
    assert len(listed) == 1


def test_two_producers_tell_of_one_run(store: Store) -> None:
    say_each(
        store,
        event(COMPLETE, 30, producer=SPARK, details=None),
        event(START, 10, producer=AIRFLOW),
        event(FAIL, 20, producer=AIRFLOW),
    )
    row = the_run(store)
    assert (row.state, row.started_at, row.ended_at) == (COMPLETE, 10, 30)


def test_runs_of_thousands_of_jobs_are_found_at_once(store: Store) -> None:
    jobs = [JobId("airflow", f"dag.task{number}") for number in range(3_000)]
    say(store, *(event(START, 10, run=f"run-{number}", job=job) for number, job in enumerate(jobs)))
    assert len(store.runs([job.uid for job in jobs], limit=2)) == 3_000
    assert len(store.latest([job.uid for job in jobs])) == 3_000


def test_a_statement_about_a_run_is_known_by_its_details_too(store: Store) -> None:
    same = {"producer": AIRFLOW, "time": 1, "event": RUNNING, "job": JOB, "run": Run("run")}
    for number in (1, 2, 1):
        say(store, Statement(**same, details=details({"rows": number})))  # type: ignore[arg-type]
    assert store.status().statements == 2
    assert len(dump_of(store)["run"]) == 1
