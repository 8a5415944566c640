"""DAG runs as the scheduler saw them: one record of `model.record`, one `Statement` about the run of the DAG's job, and
one for each task of it that may not have told its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import Changes, Event, Statement
from airflow_provider_catalog.sources import airflow_runs
from airflow_provider_catalog.sources.airflow_runs import PRODUCER, DagRun
from airflow_provider_catalog.sources.checks import load, mapping, text
from airflow_provider_catalog.sources.openlineage.details import dump, note_ignored
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.openlineage.stable import stable
from airflow_provider_catalog.sources.task.details import incomplete, run_details
from airflow_provider_catalog.sources.task.job import job_facets

_MOST = 10_000
_AIRFLOW = ("run_id", "dag_id", "state", "run_type", "clear_number")
_OF_TASK = ("run_id", "dag_id", "task_id", "map_index", "try_number", "state", "operator")


def read(envelope: Envelope) -> Changes:
    record, notes = mapping(load(envelope.payload), ""), Notes()
    run, time = airflow_runs.dag_run(record, notes), airflow_runs.time(record, envelope.recorded_at, notes)
    tasks = tuple(_tasks(record, run, time, notes))
    return Changes((_statement(record, run, time, notes), *tasks))


def _statement(record: dict[str, Any], run: DagRun, time: int, notes: Notes) -> Statement:
    """Its tasks tell what was read and written."""
    event = airflow_runs.event(record, notes)
    document = {"job": (run.namespace, run.dag_id), "parent": None, "child": False, "failed": False}
    said = stable({**document, "facets": job_facets("DAG", record, notes)})
    details = run_details(record, _AIRFLOW, notes)
    if missing := incomplete(record.get("incomplete")):
        details["incomplete"] = missing
    note_ignored(details, [*notes, *said.ignored])
    return Statement(
        producer=PRODUCER,
        time=time,
        event=event,
        job=JobId(run.namespace, run.dag_id),
        run=run.run(),
        scope=run.run_id,
        complete=event is Event.COMPLETE and not notes,
        content=said.content,
        details=dump(details),
    )


def _tasks(record: dict[str, Any], run: DagRun, time: int, notes: Notes) -> Iterator[Statement]:
    """What cannot be read leaves a note, and the others count all the same."""
    stated = notes.objects(record.get("tasks"), "/tasks")
    if len(stated) > _MOST:
        notes.skip("/tasks", f"more than {_MOST}")
    for at, body in stated[:_MOST]:
        own = Notes()
        try:
            yield _task(body, run, time, own)
        except RejectedError as error:
            airflow_runs.skip(error, own)
        notes += [(f"{at}{path}", reason) for path, reason in own]


def _task(body: dict[str, Any], run: DagRun, time: int, notes: Notes) -> Statement:
    """How it ended and no more. Which clearing of the DAG run it belongs to only the task itself knows, so that what is
    said here is the same when a later one ends.
    """
    task_id, event = text(body.get("task_id"), "/task_id"), airflow_runs.event(body, notes)
    if not event.terminal:
        raise RejectedError("/state: no task has ended so")
    tried = (airflow_runs.number(body, "try_number", 1, notes), airflow_runs.number(body, "map_index", -1, notes))
    of_run = {"dag_id": run.dag_id, "run_id": run.name}
    return Statement(
        producer=PRODUCER,
        time=_time(body, time, notes),
        event=Event.ABORT if _stopped(body) else event,
        job=JobId(run.namespace, f"{run.dag_id}.{task_id}"),
        run=replace(run.task_run(task_id, *tried), parent_run_id=None, root_run_id=None),
        details=dump(run_details(body | of_run, _OF_TASK, notes)),
    )


def _stopped(body: dict[str, Any]) -> bool:
    """Airflow calls what it stops on the way skipped, and does not say when it ended."""
    return body.get("state") == "skipped" and body.get("end_date") is None


def _time(body: dict[str, Any], time: int, notes: Notes) -> int:
    """Of a process that was stopped, when it was last alive: whatever it has told of its end it told later, and what is
    told later counts. What ended in its trigger has told nothing. Nothing ended after its DAG run, whose clock counts.
    """
    started, ended, alive = (airflow_runs.micros(body, key, notes) for key in ("start_date", "end_date", "heartbeat"))
    seen = [each for each in (started, alive) if each is not None]
    if seen and not body.get("deferred"):
        return min(time, max(seen))
    return time if ended is None else min(time, ended)
