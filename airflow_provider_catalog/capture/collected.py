"""What hooks reported while the task ran: Airflow's hook lineage collector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_catalog.capture.assets import asset_records
from airflow_provider_catalog.capture.connections import conn_id_of, of_hook
from airflow_provider_catalog.capture.text import class_path, plain, sql
from airflow_provider_catalog.model.record import ConnectionRecord, SqlRecord, TaskRecord

_SQL_JOB = "sql_job"
_NAMES = {"default_db": "default_database", "default_schema": "default_schema", "job_id": "job_id"}
_MOST_ASSETS, _MOST_EXTRAS = 100, 200
"""Airflow drops silently what is more; its own settings may say otherwise."""


def begin() -> None:
    """In a real task process nothing was collected yet. Where many tasks run in one, theirs is forgotten."""
    from airflow.sdk.lineage import get_hook_lineage_collector

    get_hook_lineage_collector.cache_clear()


def reported(*, look_up: bool) -> TaskRecord:
    """`look_up`: whether there is time to ask Airflow for connections that no hook has asked for yet."""
    from airflow.sdk.lineage import get_hook_lineage_collector

    collector = get_hook_lineage_collector()
    if not collector.has_collected:
        return {}
    found = collector.collected_assets
    jobs = [extra for extra in found.extra if extra.key == _SQL_JOB and isinstance(extra.value, dict)]
    return {
        "hook_inputs": asset_records(info.asset for info in found.inputs),
        "hook_outputs": asset_records(info.asset for info in found.outputs),
        "sql": [record for job in jobs for record in _sql_records(job)],
        "connections": _connections((job.context for job in jobs), look_up=look_up),
        "incomplete": _capped(found),
    }


def _sql_records(job: Any) -> Iterable[SqlRecord]:
    """Parameters may be anybody's data: they are left out."""
    text = job.value.get("sql")
    if not isinstance(text, str) or not text.strip():
        return
    record: SqlRecord = {"sql": sql(text), "conn_id": _key(job.context)}
    named = {new: plain(job.value[old]) for old, new in _NAMES.items() if job.value.get(old)}
    rows = job.value.get("row_count")
    yield {**record, **named, **({"row_count": rows} if isinstance(rows, int) else {})}  # type: ignore[typeddict-item]


def _connections(hooks: Iterable[Any], *, look_up: bool) -> dict[str, ConnectionRecord]:
    """Each once: a look-up may go to a vault."""
    return {key: of_hook(hook, look_up=look_up) for key, hook in {_key(hook): hook for hook in hooks}.items()}


def _key(hook: Any) -> str:
    """A hook without a connection is known by its class."""
    return conn_id_of(hook) or class_path(hook)


def _capped(found: Any) -> list[str]:
    over = {
        "hook inputs": len(found.inputs) >= _MOST_ASSETS,
        "hook outputs": len(found.outputs) >= _MOST_ASSETS,
        "hook extras": len(found.extra) >= _MOST_EXTRAS,
    }
    return [f"{what}: Airflow collects no more of them in one task" for what, capped in over.items() if capped]
