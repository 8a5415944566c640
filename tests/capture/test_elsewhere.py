"""What the listener keeps in Airflow's own processes: from memory alone, and without anybody waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_catalog import listener

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Row(SimpleNamespace):
    """As a row of Airflow's database: what is not in memory would be asked of the database."""

    def __getattr__(self, name: str) -> Any:
        if name == "get_template_context":
            raise AttributeError(name)
        message = f"{name} would be read from Airflow's database"
        raise AssertionError(message)


def test_a_task_that_a_user_marks_is_known_by_what_is_in_memory(kept: Any) -> None:
    run = Row(logical_date=NOON, run_after=NOON, clear_number=2)
    ti = Row(dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=3, dag_run=run, operator="Bash")
    listener.on_task_instance_success(task_instance=ti)
    ((kind, record),) = kept()
    assert kind == "task"
    assert {name: record[name] for name in ("dag_id", "task_id", "run_id", "try_number", "state", "namespace")} == {
        "dag_id": "d",
        "task_id": "t",
        "run_id": "r",
        "try_number": 3,
        "state": "success",
        "namespace": "ours",
    }
    assert (record["date"], record["clear_number"], record["operator"]) == (NOON.isoformat(), 2, "Bash")
    assert record["incomplete"]  # so that it closes no edge


def test_a_task_that_airflow_says_has_failed_and_has_cleared_again_is_not_told_of(kept: Any) -> None:
    ti = Row(dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=0, state=None)
    listener.on_task_instance_failed(task_instance=ti, error="manually set to failed, as what is before it")
    assert kept() == []


def test_a_task_that_the_scheduler_finds_dead_has_its_words_for_an_error(kept: Any) -> None:
    ti = Row(dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=1, state="failed")
    listener.on_task_instance_failed(task_instance=ti, error="heartbeat timeout, token=abc123secret")
    ((_, record),) = kept()
    assert record["error"] == {"type": "", "message": "heartbeat timeout, token=***"}


def test_dag_runs_are_kept_by_each_of_their_states(kept: Any) -> None:
    run = Row(dag_id="d", run_id="r", logical_date=None, run_after=NOON, run_type="manual", start_date=NOON)
    listener.on_dag_run_running(dag_run=run)
    listener.on_dag_run_success(dag_run=run)
    listener.on_dag_run_failed(dag_run=run)
    assert [(kind, record["state"], record["date"]) for kind, record in kept()] == [
        ("dag_run", "running", NOON.isoformat()),
        ("dag_run", "success", NOON.isoformat()),
        ("dag_run", "failed", NOON.isoformat()),
    ]


def test_assets_are_kept_when_they_come_to_be_and_when_a_user_says_they_changed(kept: Any) -> None:
    asset = SimpleNamespace(uri="s3://a/b", name="b", group="asset")
    listener.on_asset_created(asset=asset)
    listener.on_asset_event_emitted(asset_event=SimpleNamespace(asset=asset, source_task_id=None))
    listener.on_asset_event_emitted(asset_event=SimpleNamespace(asset=asset, source_task_id="t"))
    assert [(kind, record["asset"]) for kind, record in kept()] == [("asset", {"uri": "s3://a/b", "name": "b"})] * 2


def test_nobody_waits_for_a_store_that_is_away(kept: Any) -> None:
    listener.on_dag_run_success(dag_run=Row(dag_id="d", run_id="r"))
    behind = listener.recorder()._behind
    assert behind is not None
    assert behind.daemon
    behind.join(10)
    assert len(kept()) == 1


def test_a_task_that_is_switched_off_is_not_heard_of_here_either(kept: Any) -> None:
    ti = Row(dag_id="d", task_id="t", run_id="r", task=SimpleNamespace(params={"_catalog_capture": False}))
    listener.on_task_instance_success(task_instance=ti)
    assert kept() == []


def test_switched_off_nothing_is_kept(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__ENABLED", "False")
    listener.on_dag_run_success(dag_run=Row(dag_id="d", run_id="r"))
    assert kept() == []
