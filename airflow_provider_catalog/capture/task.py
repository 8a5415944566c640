"""A task as its own process knows it: from Airflow's task instance to a record.

Only attributes are read, and those that a task of ours may lack are asked for with a default: what cannot be told is
left out and said under `incomplete`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import FunctionType
from typing import Any, TypeAlias, cast

from airflow_provider_catalog import __version__
from airflow_provider_catalog.capture import collected, instances, operators, rendered
from airflow_provider_catalog.capture.assets import asset_records, event_records
from airflow_provider_catalog.capture.declared import declared
from airflow_provider_catalog.capture.text import class_path, micros, plain
from airflow_provider_catalog.model.record import DagRunRecord, ErrorRecord, TaskRecord

_DOC_LIMIT = 4_000
_NUMBERED = ("dag_id", "task_id", "run_id", "map_index", "try_number")
_DOCS = ("doc_md", "doc", "doc_rst", "doc_yaml", "doc_json", "description")
_DATED = ("start_date", "end_date")
_OF_RUN = ("logical_date", "run_after", "clear_number", "run_type", "data_interval_start", "data_interval_end")
_DONE = {"hook_inputs", "hook_outputs", "sql", "declared", "incomplete"}
_ALONE = "Airflow only told how it ended, not what it read and wrote"
Known: TypeAlias = dict[str, Any]
"""A part of a record; None is what is not known."""


def started(ti: Any, namespace: str) -> TaskRecord:
    """Who it is and when it began."""
    return cast("TaskRecord", _stated(_identity(ti, ti.get_template_context(), "running", namespace)))


def ended(ti: Any, state: str, namespace: str, error: object = None) -> TaskRecord:
    """All that is known of it. A task that did not succeed says what it did up to there, and nobody is asked for more:
    its state is not reported yet.
    """
    succeeded, task, context = state == "success", ti.task, ti.get_template_context()
    record = _identity(ti, context, state, namespace) | {"error": _error(error), "incomplete": []}
    parts: dict[str, Callable[[], Mapping[str, Any]]] = {
        "inlets and outlets": lambda: _assets(task, context),
        "what hooks reported": lambda: collected.reported(look_up=succeeded),
        "SQL fields": lambda: {} if record.get("sql") else rendered.sql(task, look_up=succeeded),
        "rendered fields": lambda: rendered.fields(task, record.get("connections", ()), look_up=succeeded),
        "what was declared": lambda: {"declared": declared()},
        "what the operator says": lambda: rendered.openlineage(task, ti) if succeeded else {},
    }
    for name, read in parts.items():
        _add(record, name, read)
    return cast("TaskRecord", _stated(record))


def deferred(ti: Any, namespace: str) -> TaskRecord | None:
    """What it did before it waits without a process, if anything: all that does not depend on that is told at its end.
    It is reported, so there is time.
    """
    record = _identity(ti, ti.get_template_context(), "deferred", namespace) | {"incomplete": []}
    _add(record, "what hooks reported", lambda: collected.reported(look_up=True))
    _add(record, "what was declared", lambda: {"declared": declared()})
    if record.get("sql"):  # which database it was may be in the fields
        _add(record, "rendered fields", lambda: rendered.fields(ti.task, record.get("connections", ()), look_up=True))
    stated = _stated(record)
    return cast("TaskRecord", stated) if stated.keys() & _DONE else None


def _add(record: Known, name: str, read: Callable[[], Mapping[str, Any]]) -> None:
    """What cannot be read is said to be missing; the rest is told all the same."""
    try:
        found = read()
    except Exception as error:  # noqa: BLE001  operators and hooks of anybody's making
        record["incomplete"].append(plain(f"{name}: {type(error).__name__}: {error}")[:_DOC_LIMIT])
    else:
        record["incomplete"] += found.get("incomplete", [])
        connections = {**record.get("connections", {}), **found.get("connections", {})}
        record |= {key: value for key, value in found.items() if key != "incomplete"}
        record |= {"connections": connections} if connections else {}


def _assets(task: Any, context: Mapping[str, Any]) -> Known:
    sides = {name: asset_records(getattr(task, name, None) or ()) for name in ("inlets", "outlets")}
    return {**sides, "outlet_events": event_records(context.get("outlet_events"))}


def state_alone(ti: Any, state: str, namespace: str, error: object = None) -> TaskRecord:
    """Of a task instance in another process than its own: only what is in its memory, since the rest would be asked of
    Airflow's database, in the middle of a transaction of Airflow's.
    """
    known = vars(ti)
    run = known.get("dag_run")
    record = _heading(known, _NUMBERED, state, namespace) | _run(vars(run) if run is not None else {})
    record |= {"operator": known.get("operator"), "error": _error(error), "incomplete": [_ALONE]}
    return cast("TaskRecord", _stated(record))


def dag_run(run: Any, state: str, namespace: str) -> DagRunRecord:
    """Of a DAG run in the scheduler; from its memory, as above."""
    return cast("DagRunRecord", _stated(_dag_run(run, state, namespace)))


def dag_run_ended(run: Any, state: str, namespace: str, captured: Callable[[Any], bool]) -> DagRunRecord:
    """With those of its tasks that may not have told how they ended."""
    record = _dag_run(run, state, namespace) | {"incomplete": []}
    _add(record, "how its tasks ended", lambda: instances.ended(run, captured))
    return cast("DagRunRecord", _stated(record))


def _dag_run(run: Any, state: str, namespace: str) -> Known:
    known = vars(run)
    return _heading(known, ("dag_id", "run_id"), state, namespace) | _run(known)


def _identity(ti: Any, context: Mapping[str, Any], state: str, namespace: str) -> Known:
    task = ti.task
    run = _run(_attributes(context["dag_run"], _OF_RUN))
    heading = _heading(_attributes(ti, (*_NUMBERED, *_DATED)), _NUMBERED, state, namespace)
    return heading | run | _made(task) | _about(task)


def _heading(known: Mapping[str, Any], names: Iterable[str], state: str, namespace: str) -> Known:
    heading: Known = {"state": state, "time": time.time_ns() // 1000, "namespace": namespace, "versions": _versions()}
    dates = {name: micros(known.get(name)) for name in _DATED}
    return heading | {name: known.get(name) for name in names} | dates


def _made(task: Any) -> Known:
    return {
        "operator": task.task_type,
        "operator_class": class_path(task),
        "operator_bases": operators.bases(task),
    }


def _about(task: Any) -> Known:
    """What people wrote about it."""
    dag = getattr(task, "dag", None)
    return {
        "owner": plain(getattr(task, "owner", None) or ""),
        "doc": _doc(task) or _doc(getattr(task, "python_callable", None)),
        "dag_doc": _doc(dag),
        "tags": sorted(plain(tag) for tag in getattr(dag, "tags", None) or ()),
    }


def _doc(of: Any) -> str:
    said = next((doc for name in _DOCS if (doc := vars(of).get(name))), "") if hasattr(of, "__dict__") else ""
    return plain(said or (of.__doc__ if isinstance(of, FunctionType) else "") or "")[:_DOC_LIMIT]


def _attributes(thing: Any, names: Iterable[str]) -> Known:
    return {name: getattr(thing, name, None) for name in names}


def _run(known: Mapping[str, Any]) -> Known:
    """`date` is what OpenLineage's run ids are made of."""
    date = known.get("logical_date") or known.get("run_after")
    run_type = known.get("run_type")
    return {
        "date": date.isoformat() if isinstance(date, datetime) else None,
        "clear_number": known.get("clear_number"),
        "run_type": None if run_type is None else str(getattr(run_type, "value", run_type)),
        "data_interval_start": micros(known.get("data_interval_start")),
        "data_interval_end": micros(known.get("data_interval_end")),
    }


def _error(error: object) -> ErrorRecord | None:
    """The scheduler tells of errors in words, tasks by the exception."""
    if error is None:
        return None
    kind = "" if isinstance(error, str) else type(error).__name__
    return {"type": kind, "message": plain(error)[:_DOC_LIMIT]}


def _stated(record: Known) -> Known:
    """Without what is not known."""
    return {name: value for name, value in record.items() if value not in (None, "", [], {})}


def _versions() -> dict[str, str]:
    """Airflow is there already wherever a hook of its is called."""
    airflow = sys.modules.get("airflow")
    return {"catalog": __version__, "airflow": str(getattr(airflow, "__version__", ""))}
