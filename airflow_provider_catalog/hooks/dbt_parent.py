"""Which task ran dbt, for whoever brings in what it left: as a record of that task would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.settings import settings
from airflow_provider_catalog.sources import airflow_runs
from airflow_provider_catalog.sources.openlineage.notes import Notes

if TYPE_CHECKING:
    from airflow_provider_catalog.store.protocol import Store

_TRIES, _RUNS = 50, 200


def parent_of(context: Any, store: Store, marked: Mapping[str, Any], task_id: str | None) -> dict[str, Any]:
    """`marked`: what our hook in dbt said of it. `task_id`: of this DAG run, said by the author of the DAG; without one
    the only task before this one. Nothing is better than a guess, and this task itself ran nothing.
    """
    stated = marked.get("airflow")
    if not task_id and isinstance(stated, Mapping) and stated.get("dag_id"):
        return {**(_run(context) if _is_here(context, stated) else {}), **stated}
    if not task_id and marked.get("parent"):
        return {}
    found = task_id if task_id is not None else _only_upstream(context["ti"].task)
    return _tried(store, {**_run(context), "task_id": found}) if found else {}


def _is_here(context: Any, stated: Mapping[str, Any]) -> bool:
    ti = context["ti"]
    return (stated.get("dag_id"), stated.get("run_id")) == (ti.dag_id, ti.run_id)


def _run(context: Any) -> dict[str, Any]:
    """What dbt's environment does not tell of this DAG run."""
    run, ti = context["dag_run"], context["ti"]
    date = getattr(run, "logical_date", None) or getattr(run, "run_after", None)
    told = {"namespace": settings(commands=False).namespace, "dag_id": ti.dag_id, "run_id": ti.run_id}
    told |= {"date": date.isoformat()} if date else {}
    return told | {"clear_number": getattr(run, "clear_number", None) or 0}


def _only_upstream(task: Any) -> str:
    """What waits for something, or does nothing, has not run dbt."""
    before = [each for each in task.upstream_list if not hasattr(each, "poke") and each.task_type != "EmptyOperator"]
    return str(before[0].task_id) if len(before) == 1 and not getattr(before[0], "is_mapped", False) else ""


def _tried(store: Store, record: dict[str, Any]) -> dict[str, Any]:
    """The last try that the catalog has heard of; the first, if it has not heard of any yet."""
    try:
        dag_run = airflow_runs.dag_run(record, Notes())
    except RejectedError:
        return {}
    job = JobId(dag_run.namespace, f"{dag_run.dag_id}.{record['task_id']}")
    heard = {each.run_id for each in store.runs([job.uid], limit=_RUNS)}
    tries = (each for each in range(1, _TRIES + 1) if dag_run.task_run(record["task_id"], each, -1).run_id in heard)
    return {**record, "try_number": max(tries, default=1)}
