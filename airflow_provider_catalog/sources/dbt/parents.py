"""The task that ran dbt, by the ids that everybody gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.sources import airflow_runs
from airflow_provider_catalog.sources.checks import mapping, text
from airflow_provider_catalog.sources.openlineage.notes import Notes


class Parent(NamedTuple):
    """Its job and its run; the root is the DAG run."""

    job: JobId
    run_id: str
    root_run_id: str | None = None


def parent(document: Mapping[str, Any]) -> Parent | None:
    """As a record of the task tells it; else as OPENLINEAGE_PARENT_ID did."""
    airflow = document.get("airflow")
    if isinstance(airflow, dict) and airflow.get("dag_id") and airflow.get("task_id"):
        return _of_task(airflow)
    stated = document.get("parent")
    if not stated:
        return None
    told = mapping(stated, "/parent")
    namespace, name, run_id = (text(told.get(key), f"/parent/{key}") for key in ("namespace", "name", "run_id"))
    return Parent(JobId(namespace, name), run_id)


def _of_task(record: dict[str, Any]) -> Parent | None:
    """Without its date nobody knows which run it was."""
    notes = Notes()
    try:
        dag_run = airflow_runs.dag_run(record, notes)
    except RejectedError:
        return None
    tried = (airflow_runs.number(record, "try_number", 1, notes), airflow_runs.number(record, "map_index", -1, notes))
    run = dag_run.task_run(text(record.get("task_id"), "/airflow/task_id"), *tried)
    job = JobId(dag_run.namespace, f"{dag_run.dag_id}.{record['task_id']}")
    return Parent(job, run.run_id, run.parent_run_id)
