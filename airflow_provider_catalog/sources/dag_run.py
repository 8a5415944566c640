"""DAG runs as the scheduler saw them: one record of `model.record`, one `Statement` about the run of the DAG's job."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import Changes, Event, Statement
from airflow_provider_catalog.sources import airflow_runs
from airflow_provider_catalog.sources.airflow_runs import PRODUCER
from airflow_provider_catalog.sources.checks import load, mapping
from airflow_provider_catalog.sources.openlineage.details import dump, note_ignored
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.openlineage.stable import stable
from airflow_provider_catalog.sources.task.details import run_details
from airflow_provider_catalog.sources.task.job import job_facets

_AIRFLOW = ("run_id", "dag_id", "state", "run_type", "clear_number")


def read(envelope: Envelope) -> Changes:
    return Changes((_statement(mapping(load(envelope.payload), ""), envelope.recorded_at),))


def _statement(record: dict[str, Any], recorded_at: int) -> Statement:
    """Its tasks tell what was read and written."""
    notes = Notes()
    run = airflow_runs.dag_run(record, notes)
    event, time = airflow_runs.event(record, notes), airflow_runs.time(record, recorded_at, notes)
    document = {"job": (run.namespace, run.dag_id), "parent": None, "child": False, "failed": False}
    said = stable({**document, "facets": job_facets("DAG", record, notes)})
    details = run_details(record, _AIRFLOW, notes)
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
