"""Task instances of a DAG run that has ended, as the scheduler has them in memory: how those ended whose own process
may not have lived to tell.

SQLAlchemy knows what its session has loaded, and that is only looked at: what a row has not loaded, or what expired, is
not in its `__dict__`, and nothing in here asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from airflow_provider_catalog.capture.text import micros

_MOST = 10_000
_TABLE = "task_instance"
_NAMES = ("task_id", "map_index", "try_number")
_NEEDED = {"dag_id", "run_id", "state", *_NAMES}
_TIMES = {"start_date": "start_date", "end_date": "end_date", "heartbeat": "last_heartbeat_at"}
_STOPPED = ("failed", "skipped", "removed")


def ended(run: Any, captured: Callable[[Any], bool]) -> dict[str, Any]:
    """`captured`: whether a task is; None is one that nobody has at hand."""
    found = list(islice(_ended(run, captured), _MOST + 1))
    capped = [f"tasks: there are more than {_MOST} to tell of"] if len(found) > _MOST else []
    return {"tasks": found[:_MOST], "incomplete": capped}


def _ended(run: Any, captured: Callable[[Any], bool]) -> Iterator[dict[str, Any]]:
    """Airflow has given most instances their task; where the DAG run was too slow only its DAG has them."""
    tasks = getattr(vars(run).get("dag"), "task_dict", {})
    for known in _instances(run):
        state = str(getattr(known["state"], "value", known["state"]))
        if _untold(known, state) and captured(known.get("task") or tasks.get(known["task_id"])):
            yield _stated(known, state)


def _instances(run: Any) -> Iterator[dict[str, Any]]:
    """A session has loaded other things, too, and instances of other runs."""
    which = tuple(map(vars(run).get, ("dag_id", "run_id")))
    for row in _loaded(run):
        known = vars(row) if getattr(type(row), "__tablename__", "") == _TABLE else {}
        if known.keys() >= _NEEDED and (known["dag_id"], known["run_id"]) == which:
            yield known


def _loaded(run: Any) -> Iterable[Any]:
    state = vars(run).get("_sa_instance_state")
    session = None if state is None else state.session
    return () if session is None else session.identity_map.values()


def _untold(known: dict[str, Any], state: str) -> bool:
    """Of one that ran. That it succeeded it tells itself, once Airflow knows; unless it ended in its trigger."""
    return bool(known.get("hostname")) and (state in _STOPPED or (state == "success" and _deferred(known)))


def _deferred(known: dict[str, Any]) -> bool:
    """Airflow forgets where to go on when a process has ended the task, and not when a trigger has."""
    return bool(known.get("next_method"))


def _stated(known: dict[str, Any], state: str) -> dict[str, Any]:
    times = {name: micros(known.get(column)) for name, column in _TIMES.items()}
    found = {name: known[name] for name in _NAMES} | times
    found |= {"state": state, "operator": known.get("operator"), "deferred": _deferred(known) or None}
    return {name: value for name, value in found.items() if value is not None}
