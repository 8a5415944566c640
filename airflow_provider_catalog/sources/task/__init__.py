"""Tasks as their own processes saw them: one record of `model.record`, one `Statement`.

A task says what it reads and writes in many ways, and none of them knows all: the statement is the union of them.

* `mechanisms` reads each way by itself, `sql` that of statements that were run; `evidence` puts them together.
* What is of OpenLineage's shape, the job's facets and what an operator says itself, is read as `openlineage` reads it.
* `details` is what belongs to one run alone, and how each thing came to be known.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import Changes, Content, Statement
from airflow_provider_catalog.sources import airflow_runs
from airflow_provider_catalog.sources.airflow_runs import PRODUCER
from airflow_provider_catalog.sources.checks import load, mapping, text
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.task.details import details
from airflow_provider_catalog.sources.task.evidence import Evidence
from airflow_provider_catalog.sources.task.job import said_of
from airflow_provider_catalog.sources.task.mechanisms import gather
from airflow_provider_catalog.sources.task.sql import shaped


def read(envelope: Envelope) -> Changes:
    return Changes((_statement(mapping(load(envelope.payload), ""), envelope.recorded_at),))


def _statement(record: dict[str, Any], recorded_at: int) -> Statement:
    notes = Notes()
    dag_run, task_id = airflow_runs.dag_run(record, notes), text(record.get("task_id"), "/task_id")
    tried = (airflow_runs.number(record, "try_number", 1, notes), airflow_runs.number(record, "map_index", -1, notes))
    evidence = Evidence(notes, succeeded=record.get("state") == "success")
    gather(record, evidence)
    job = JobId(dag_run.namespace, f"{dag_run.dag_id}.{task_id}")
    said = said_of(job, dag_run, record, evidence)
    shapes = () if tried[1] >= 0 else shaped(job, evidence)
    event = airflow_runs.event(record, notes)
    time = airflow_runs.time(record, recorded_at, notes)
    return Statement(
        producer=PRODUCER,
        time=time,
        event=event,
        job=job,
        run=dag_run.task_run(task_id, *tried),
        scope=dag_run.run_id,
        complete=evidence.succeeded and evidence.whole and said.whole and not notes and not record.get("incomplete"),
        content=Content.of([*said.content.claims, *evidence.claims, *shapes]),
        lineage=evidence.lineage(said.lineage),
        details=details(record, evidence, said),
    )
