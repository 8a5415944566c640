"""The listener that Airflow calls when tasks and DAG runs change state. Each hook keeps a record and returns.

When it is called matters: success and retry are reported by then, so there is time; running, failed and skipped are
not, so there is nearly none. That a task is deferred no hook tells: its process only stops. Whatever goes wrong in here
stays in here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from airflow.listeners import hookimpl

from airflow_provider_catalog.capture import assets, collected, dbt, declared, switches, task
from airflow_provider_catalog.capture.recorder import Recorder
from airflow_provider_catalog.model.dbt import DBT
from airflow_provider_catalog.model.record import ASSET, DAG_RUN, TASK
from airflow_provider_catalog.settings import settings

log = logging.getLogger(__name__)
_UNREPORTED_SECONDS = 0.3
_REPORTED = ("success", "up_for_retry", "deferred")


@cache
def recorder() -> Recorder:
    """The one of this process."""
    return Recorder(settings(commands=False), _count)


@cache
def _state() -> dict[str, Any]:
    """Of the task of this process: the instance of it, and the last state that was kept."""
    return {}


@hookimpl
def on_task_instance_running(task_instance: Any) -> None:
    with _harmless("running"):
        if _captured(task_instance):
            collected.begin()
            declared.begin()
            _state().update(task=task_instance, last="running")
            recorder().keep(TASK, task.started(task_instance, _namespace()))
            recorder().hand_over(_UNREPORTED_SECONDS)
            dbt.begin(task_instance.task)


@hookimpl
def on_task_instance_success(task_instance: Any) -> None:
    _ended(task_instance, "success", None)


@hookimpl
def on_task_instance_skipped(task_instance: Any) -> None:
    _ended(task_instance, "skipped", None)


@hookimpl
def on_task_instance_failed(task_instance: Any, error: Any) -> None:
    """Also of one that will be tried again: its state says which."""
    _ended(task_instance, "failed", error)


@hookimpl
def before_stopping() -> None:
    """The end of a task process, or of one of Airflow's own."""
    with _harmless("before_stopping"):
        _deferred()
        reported = _state().get("last") in _REPORTED
        recorder().hand_over(recorder().settings.deliver_timeout if reported else _UNREPORTED_SECONDS)


@hookimpl
def on_dag_run_running(dag_run: Any) -> None:
    with _harmless("DAG run running"):
        _elsewhere(lambda: recorder().keep(DAG_RUN, task.dag_run(dag_run, "running", _namespace())))


@hookimpl
def on_dag_run_success(dag_run: Any) -> None:
    _dag_run_ended(dag_run, "success")


@hookimpl
def on_dag_run_failed(dag_run: Any) -> None:
    _dag_run_ended(dag_run, "failed")


@hookimpl
def on_asset_created(asset: Any) -> None:
    _asset(asset)


@hookimpl
def on_asset_event_emitted(asset_event: Any) -> None:
    """By a user or another system: what a task has changed it tells itself."""
    with _harmless("asset event"):
        if not getattr(asset_event, "source_task_id", None):
            _asset(asset_event.asset)


def _asset(asset: Any) -> None:
    with _harmless("asset"):
        _elsewhere(lambda: recorder().keep(ASSET, assets.seen(asset)))


def _ended(task_instance: Any, state: str, error: Any) -> None:
    with _harmless(state):
        known = _state_of(task_instance, state)
        if _captured(task_instance):
            _state()["last"] = known = known or state
            record = task.ended(task_instance, known, _namespace(), error)
            recorder().keep(TASK, record)
            for document in dbt.documents(task_instance.task, record, reported=known in _REPORTED):
                recorder().keep(DBT, document)
        elif known and _row_counts(task_instance):  # without a state it was cleared again, unlike what was said
            _elsewhere(lambda: recorder().keep(TASK, task.state_alone(task_instance, known, _namespace(), error)))


def _deferred() -> None:
    """Another process goes on: what this one did is known here alone."""
    running = _state().get("task")
    if _state().get("last") == "running" and _state_of(running) == "deferred":
        _state()["last"] = "deferred"
        if record := task.deferred(running, _namespace()):
            recorder().keep(TASK, record)


def _state_of(task_instance: Any, otherwise: str = "") -> str:
    """As it is in memory: a row may ask Airflow's database for more. States are enumerations that print as such."""
    state = getattr(task_instance, "__dict__", {}).get("state", otherwise)
    return str(getattr(state, "value", state) or "")


def _dag_run_ended(dag_run: Any, state: str) -> None:
    with _harmless(f"DAG run {state}"):
        _elsewhere(lambda: recorder().keep(DAG_RUN, task.dag_run_ended(dag_run, state, _namespace(), _counts)))


def _elsewhere(keep: Callable[[], None]) -> None:
    """In the scheduler or the api-server, where nobody may wait for us."""
    if recorder().settings.enabled:
        keep()
        recorder().hand_over_behind(recorder().settings.deliver_timeout)


def _in_its_process(task_instance: Any) -> bool:
    """Airflow's own processes have rows of its database."""
    return hasattr(task_instance, "get_template_context")


def _captured(task_instance: Any) -> bool:
    return _in_its_process(task_instance) and switches.captured(task_instance.task, recorder().settings)


def _row_counts(task_instance: Any) -> bool:
    """Of Airflow's own processes; the task is at hand there in most cases."""
    return not _in_its_process(task_instance) and _counts(vars(task_instance).get("task"))


def _counts(of: Any) -> bool:
    return of is None or switches.captured(of, recorder().settings)


def _namespace() -> str:
    return recorder().settings.namespace


def _count(name: str, value: float) -> None:
    """Airflow's metrics: `catalog.captured` and so on. They are not worth losing a record for."""
    with suppress(Exception):
        if name == "seconds":
            _stats().timing("catalog.hand_over", value * 1000)
        elif value:
            _stats().incr(f"catalog.{name}", int(value))


@cache
def _stats() -> Any:
    """Airflow 3.2 has a class of them, later ones functions."""
    from airflow.sdk.observability import stats

    return stats if hasattr(stats, "incr") else stats.Stats


@contextmanager
def _harmless(hook: str) -> Iterator[None]:
    """Only Ctrl-C gets through: an error of ours would also keep other listeners from being called."""
    begun = time.monotonic()
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException:  # also what asks the process to end: it is not ours to pass on
        log.warning("The catalog could not record %s; the task is not affected", hook, exc_info=True)
    log.debug("The catalog's %s hook took %.1f ms", hook, (time.monotonic() - begun) * 1000)
