"""What went wrong before a dataset."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.services.lineage import root_cause
from airflow_provider_catalog.services.lineage.lateness import judge
from airflow_provider_catalog.store.protocol import RunRow
from tests.services.world import HOUR, World, day, table


@pytest.fixture
def chain(world: World) -> World:
    """a -> b -> c, each by a job that has run well."""
    world.ran("make_b", ["a"], ["b"], at=1, hours=1)
    world.ran("make_c", ["b"], ["c"], at=1.1, hours=1)
    return world


def test_a_dataset_whose_jobs_are_well_has_no_problems(chain: World) -> None:
    found = root_cause(chain.store, table("c"), at=day(1.2))
    assert found.problems == ()
    assert [suspect.job.name for suspect in found.suspects] == ["make_c", "make_b"]


def test_failed_jobs_come_first_with_their_error_and_time(chain: World) -> None:
    run = chain.ran("make_b", state=Event.FAIL, at=2, details={"errorMessage": {"message": "no space left"}})
    found = root_cause(chain.store, table("c"), at=day(2)).to_json()
    assert found["problems"] == 1
    first = found["jobs"][0]
    assert (first["job_id"], first["health"], first["distance"], first["error"]) == (
        "prod/make_b",
        "failed",
        1,
        "no space left",
    )
    assert (first["run"]["run_id"], first["run"]["ended_at"]) == (run, "2025-01-03T00:00:00Z")
    assert first["datasets"] == ["postgres://db:5432/shop.public.b"]


def test_of_several_failed_jobs_the_nearest_comes_first(chain: World) -> None:
    chain.ran("make_b", state=Event.FAIL, at=2)
    chain.ran("make_c", state=Event.FAIL, at=3)
    assert [s.job.name for s in root_cause(chain.store, table("c"), at=day(3)).problems] == ["make_c", "make_b"]


def test_a_job_that_succeeded_again_is_well(chain: World) -> None:
    chain.ran("make_b", state=Event.FAIL, at=2)
    chain.ran("make_b", ["a"], ["b"], at=3)
    assert root_cause(chain.store, table("c"), at=day(3)).problems == ()


def test_a_job_that_only_writes_is_found(world: World) -> None:
    world.ran("create", [], ["a"], at=1)
    world.ran("create", [], ["a"], at=2, state=Event.FAIL)
    assert [s.job.name for s in root_cause(world.store, table("a"), at=day(2)).problems] == ["create"]


def test_circles_end(world: World) -> None:
    world.ran("there", ["a"], ["b"])
    world.ran("back", ["b"], ["a"], at=2)
    assert len(root_cause(world.store, table("a"), at=day(2)).suspects) == 2


def row(state: Event, started: float | None, ended: float | None, nominal: tuple[float, float] | None = None) -> RunRow:
    """Times in hours."""
    start, end = (None if at is None else int(at * HOUR) for at in (started, ended))
    first, last = (int(nominal[0] * HOUR), int(nominal[1] * HOUR)) if nominal else (None, None)
    return RunRow(f"run-{started}-{ended}", 1, state, start, end, first, last, None, None)


HOURLY = [row(Event.COMPLETE, float(hour), hour + 0.25, (hour - 1, hour)) for hour in range(1, 6)]


@pytest.mark.parametrize(
    ("runs", "now", "health", "reason"),
    [
        ([], 9, "unknown", "no run is known"),
        (HOURLY, 6.2, "ok", "succeeded"),
        (HOURLY, 7, "late", "the next run is overdue by 45 min"),
        ([*HOURLY, row(Event.RUNNING, 6, None)], 6.2, "ok", "is running"),
        ([*HOURLY, row(Event.RUNNING, 6, None)], 8, "late", "has been running for 2 h, usually 15 min"),
        ([*HOURLY, row(Event.COMPLETE, 6, 9)], 9, "late", "took 3 h, usually 15 min"),
        ([*HOURLY, row(Event.FAIL, 6, 6.1)], 7, "failed", "failed"),
        ([*HOURLY, row(Event.ABORT, 6, 6.1)], 7, "failed", "was aborted"),
        ([*HOURLY, row(Event.FAIL, 6, 6.1), row(Event.RUNNING, 7, None)], 7.1, "failed", "failed"),
        ([row(Event.COMPLETE, None, 3)], 900, "ok", "succeeded"),
    ],
)
def test_a_job_is_judged_by_its_last_runs(runs: list[RunRow], now: float, health: str, reason: str) -> None:
    found = judge(runs, int(now * HOUR))
    assert (found.health, found.reason) == (health, reason)
