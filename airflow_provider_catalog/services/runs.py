"""What the events of jobs and runs tell, in the words of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.services.facts import Resolved, text
from airflow_provider_catalog.services.times import maybe_iso
from airflow_provider_catalog.store.protocol import RunRow


def run_to_json(run: RunRow) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "state": run.state.name,
        "started_at": maybe_iso(run.started_at),
        "ended_at": maybe_iso(run.ended_at),
        "nominal_start": maybe_iso(run.nominal_start),
        "nominal_end": maybe_iso(run.nominal_end),
        "parent_run_id": run.parent_run_id,
        "root_run_id": run.root_run_id,
    }


def job_type(resolved: Resolved | None) -> str | None:
    """`airflow_task`, `dbt_model`, `spark_sql_job`: who runs it and what it is there."""
    parts = (text(resolved, "integration"), text(resolved, "jobType"))
    return "_".join(part.lower() for part in parts if part) or None


def sql_of(details: Mapping[str, Any]) -> str | None:
    sql = details.get("sql")
    query = sql.get("query") if isinstance(sql, dict) else None
    return query if isinstance(query, str) else None


def sql_as_designed(word: Resolved | None) -> str | None:
    """Of a job whose SQL is known before it runs."""
    return sql_of({"sql": word.value}) if word else None


def error_of(details: Mapping[str, Any]) -> str | None:
    """What the run said when it failed, in one form for both ways producers write it."""
    error = details.get("errorMessage")
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) and message else None
