"""A task that waits without a process: no hook tells that it does, and another process goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import TaskInstanceState

from airflow_provider_catalog import listener
from airflow_provider_catalog.lineage import declare


class Instance(SimpleNamespace):
    """As it is in its own process."""

    def get_template_context(self) -> dict[str, Any]:
        now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        return {"dag_run": SimpleNamespace(logical_date=None, run_after=now, clear_number=0)}


@pytest.fixture
def ti() -> Iterator[Instance]:
    task = SimpleNamespace(task_type="Waits", params={}, dag=None)
    yield Instance(dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=1, task=task, state=None)
    listener._state.cache_clear()


def test_what_it_did_before_is_kept_when_its_process_stops(kept: Any, ti: Instance) -> None:
    listener.on_task_instance_running(task_instance=ti)
    declare(outputs=["db/before"])
    ti.state = TaskInstanceState.DEFERRED
    listener.before_stopping()
    listener.before_stopping()
    (_, started), (_, deferred) = kept()
    assert (started["state"], deferred["state"]) == ("running", "deferred")
    assert deferred["declared"] == [{"inputs": [], "outputs": ["db/before"]}]
    assert "operator_class" in deferred


def test_that_it_did_nothing_is_not_worth_a_record(kept: Any, ti: Instance) -> None:
    listener.on_task_instance_running(task_instance=ti)
    ti.state = TaskInstanceState.DEFERRED
    listener.before_stopping()
    assert [record["state"] for _, record in kept()] == ["running"]


def test_one_that_looks_again_later_tells_all_at_its_end(kept: Any, ti: Instance) -> None:
    listener.on_task_instance_running(task_instance=ti)
    declare(outputs=["db/before"])
    ti.state = TaskInstanceState.UP_FOR_RESCHEDULE
    listener.before_stopping()
    assert [record["state"] for _, record in kept()] == ["running"]
