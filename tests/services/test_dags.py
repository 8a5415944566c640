"""Whose a job is: of which DAGs, under whatever it runs."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import Claim, Json
from airflow_provider_catalog.services.access import guarded
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.store.protocol import Store
from tests.services.callers import INVOCATION, MODEL, SQL, Counting, FakeDags, ran, seen_by, shown
from tests.services.world import World, job_id


@pytest.fixture
def half(world: World) -> Store:
    """As somebody sees it who may read DAG a and not DAG b."""
    return seen_by(world, FakeDags({"a", "b"}, {"a"}))


@pytest.mark.parametrize(
    ("name", "existing", "readable", "expected"),
    [
        ("a", "a b", "a", True),
        ("a.load", "a b", "a", True),
        ("a.group.load", "a b", "a", True),
        ("b", "a b", "a", False),
        ("b.load", "a b", "a", False),
        ("b.load", "a b", "", False),
        ("b.load", "a b", "a b", True),
        ("a.b.load", "a a.b", "a", False),
        ("a.b.load", "a a.b", "a.b", False),
        ("a.b.load", "a a.b c", "a a.b", True),
        ("a.b", "a a.b", "a", False),
        ("ab.load", "a b", "a", False),
        ("a-b.load", "a b", "a", False),
        ("gone.load", "a b", "a", False),
        ("gone.load", "a b", "a b", True),
        ("gone.load", "a b", "a b c", True),
        ("a.load", "", "", True),
        ("A.load", "a b", "a", False),
        (".a.load", "a b", "a", False),
    ],
)
def test_a_job_is_shown_to_whoever_may_read_all_dags_that_it_may_be_of(
    world: World, name: str, existing: str, readable: str, *, expected: bool
) -> None:
    run_id = world.ran(name, ["raw"], ["orders"], details={"sql": {"query": SQL}})
    store = seen_by(world, FakeDags(existing.split(), readable.split()))
    assert shown(store, job_id(name), run_id) is expected


def test_names_are_split_at_dots_as_far_as_ids_of_dags_are_long(world: World) -> None:
    longest = "d" * 250
    run_id = world.ran(f"{longest}.load", ["raw"], ["orders"])
    assert shown(seen_by(world, FakeDags({longest, "b"}, {longest})), job_id(f"{longest}.load"), run_id)
    dotted = "." * 1_500
    run_id = world.ran(dotted, ["raw"], ["orders"])
    assert not shown(seen_by(world, FakeDags({"a", "b"}, {"a"})), job_id(dotted), run_id)


def test_without_limits_everything_is_shown_and_no_dag_is_asked_for(world: World) -> None:
    run_id = world.ran("b.load", ["raw"], ["orders"], details={"sql": {"query": SQL}})
    assert shown(seen_by(world, None), job_id("b.load"), run_id)


def test_hidden_and_shown_jobs_in_one_answer(world: World, half: Store) -> None:
    jobs = [job_id(name).uid for name in ("a.load", "b.load", "a.sum")]
    for name in ("a.load", "b.load", "a.sum"):
        world.ran(name, ["raw"], [name.replace(".", "_")], details={"sql": {"query": SQL}})
    assert {run.job for run in half.runs(jobs)} == half.latest(jobs).keys() == {jobs[0], jobs[2]}


@pytest.mark.parametrize("mine", ["a.spy", "a.spy2", "a.spy3"])
def test_a_run_is_hidden_if_anybody_of_a_hidden_dag_told_of_it(world: World, half: Store, mine: str) -> None:
    """Whoever may send events may use the id of a run that is not theirs."""
    run_id = world.ran("b.load", ["raw"], ["orders"], details={"sql": {"query": SQL}})
    ran(world, job_id(mine), run_id)
    assert half.run(run_id) is None
    assert seen_by(world, None).run(run_id) is not None


# -- jobs of others


@pytest.mark.parametrize(("dag", "expected"), [("a", True), ("b", False)])
def test_a_job_of_others_is_shown_to_whoever_may_read_the_dag_it_runs_under(
    world: World, half: Store, dag: str, *, expected: bool
) -> None:
    run_id = ran(world, MODEL, "r", parent=job_id(f"{dag}.dbt"), parent_run="never told of")
    assert shown(half, MODEL, run_id) is expected


def test_a_job_of_others_that_runs_under_nothing_is_everybodys(world: World) -> None:
    run_id = ran(world, MODEL, "r")
    assert shown(seen_by(world, FakeDags({"a"}, set())), MODEL, run_id)


@pytest.mark.parametrize(("dag", "expected"), [("a", True), ("b", False)])
def test_parents_are_followed_to_the_first_one_that_is_ours(
    world: World, half: Store, dag: str, *, expected: bool
) -> None:
    ran(world, INVOCATION, "i", parent=job_id(f"{dag}.dbt"))
    assert shown(half, MODEL, ran(world, MODEL, "r", parent=INVOCATION)) is expected


def test_of_several_parents_all_must_be_readable(world: World, half: Store) -> None:
    run_id = ran(world, MODEL, "r", parent=job_id("a.dbt"))
    assert shown(half, MODEL, run_id)
    world.said(MODEL, "parent", {"namespace": "prod", "name": "b.dbt"}, producer="another")
    other = seen_by(world, FakeDags({"a", "b"}, {"a"}))
    assert not shown(other, MODEL, run_id)


def test_a_parent_that_nobody_has_heard_of_hides(world: World, half: Store) -> None:
    run_id = ran(world, MODEL, "r", parent=JobId("elsewhere", "who knows"))
    assert not shown(half, MODEL, run_id)
    assert shown(seen_by(world, FakeDags({"a"}, {"a"})), MODEL, run_id)


@pytest.mark.parametrize("value", ["b", ["prod", "b"], {"name": "a"}, {"namespace": "prod", "name": 1}, {}, True])
def test_a_parent_that_cannot_be_read_hides(world: World, half: Store, value: Json) -> None:
    run_id = ran(world, MODEL, "r", claims=[Claim.of(MODEL, "parent", value)])
    assert not shown(half, MODEL, run_id)


def test_circles_of_parents_end(world: World, half: Store) -> None:
    ran(world, INVOCATION, "i", parent=MODEL)
    run_id = ran(world, MODEL, "r", parent=INVOCATION)
    assert shown(half, MODEL, run_id)
    ran(world, INVOCATION, "i2", parent=job_id("b.dbt"), at=2)
    assert not shown(seen_by(world, FakeDags({"a", "b"}, {"a"})), MODEL, run_id)


def test_more_generations_than_anybody_has_hide(world: World, half: Store) -> None:
    chain = [JobId("dbt-prod", f"job{i}") for i in range(20)]
    for job, parent in zip(chain, [*chain[1:], None], strict=True):
        ran(world, job, f"r-{job.name}", parent=parent)
    assert not shown(half, chain[0], "r-job0")
    assert shown(half, chain[15], "r-job15")


def test_a_run_that_names_a_run_above_it_and_no_job_is_followed_to_that(world: World, half: Store) -> None:
    above = {dag: world.ran(f"{dag}.dbt", ["raw"], ["orders"]) for dag in "ab"}
    for dag, expected in (("a", True), ("b", False)):
        job = JobId("dbt-prod", f"of {dag}")
        assert shown(half, job, ran(world, job, f"r{dag}", parent_run=above[dag])) is expected
        job = JobId("dbt-prod", f"rooted in {dag}")
        assert shown(half, job, ran(world, job, f"o{dag}", root_run=above[dag])) is expected


def test_a_run_above_that_nobody_has_heard_of_hides(world: World, half: Store) -> None:
    assert not shown(half, MODEL, ran(world, MODEL, "r", parent_run="never told of"))


def test_a_run_under_a_run_under_a_hidden_one_is_hidden(world: World, half: Store) -> None:
    world_run = world.ran("b.dbt", ["raw"], ["orders"])
    ran(world, INVOCATION, "i", parent_run=world_run)
    assert not shown(half, MODEL, ran(world, MODEL, "r", parent_run="i"))


def test_circles_of_runs_end(world: World, half: Store) -> None:
    ran(world, INVOCATION, "i", parent_run="r", root_run="i")
    assert shown(half, MODEL, ran(world, MODEL, "r", parent_run="i", root_run="r"))


def test_only_a_few_runs_above_are_looked_for(world: World) -> None:
    jobs = [JobId("dbt-prod", f"job{i}") for i in range(60)]
    for job in jobs:
        above = world.ran("a.dbt", ["raw"], ["orders"])
        ran(world, job, f"r-{job.name}", parent_run=above)
    counting = Counting(world.store)
    store = guarded(counting, Caller("user:ann", frozenset({"read"}), FakeDags({"a", "b"}, {"a"})), ["prod"])
    assert 0 < len(store.latest([job.uid for job in jobs])) < 60
    assert counting.calls["run"] <= 20


def test_a_run_is_judged_by_what_it_ran_under_then(world: World, half: Store) -> None:
    """The model moved from DAG b to DAG a."""
    before = ran(world, MODEL, "r1", parent=job_id("b.dbt"), at=1)
    now = ran(world, MODEL, "r2", parent=job_id("a.dbt"), at=2)
    assert half.run(before) is None
    assert half.run(now) is not None


def test_judging_takes_a_fixed_number_of_reads(world: World) -> None:
    ran(world, INVOCATION, "i", parent=job_id("a.dbt"))
    jobs = [JobId("dbt-prod", f"job{i}") for i in range(40)]
    for job in jobs:
        ran(world, job, f"r-{job.name}", parent=INVOCATION)
    counting = Counting(world.store)
    store = guarded(counting, Caller("user:ann", frozenset({"read"}), FakeDags({"a", "b"}, {"a"})), ["prod"])
    assert len(store.latest([job.uid for job in jobs])) == 40
    assert len(store.runs([job.uid for job in jobs])) == 40
    assert sum(counting.calls.values()) <= 10
